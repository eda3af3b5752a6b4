// What a slot makes of what a transport tells: frames that say neither more nor less, also when the
// ring is full.

import { expect, test } from "bun:test";
import fc from "fast-check";
import { targetOf } from "#endpoint";
import type { ReplyHead } from "#engine";
import {
  CANCELLED,
  createRing,
  decodeEnd,
  ENDED,
  emptyEnd,
  endEncoder,
  FAILED,
  FRAME_BODY,
  FRAME_END,
  FRAME_EVENTS,
  type RequestEnd,
  ringReader,
  ringWriter,
} from "#ring";
import { type Assignment, Slot } from "../../src/engine/slot.ts";

const TARGET = targetOf("http://localhost:8000", "/v1/chat/completions");

const STREAM: ReplyHead = {
  status: 200,
  reason: "OK",
  contentType: "text/event-stream",
  contentEncoding: "",
};

const assignment = (changes: Partial<Assignment> = {}): Assignment => ({
  phase: 0,
  credit: 1,
  session: 2,
  turn: 3,
  entry: 4,
  dueNs: 10,
  target: TARGET,
  body: new Uint8Array(33),
  requestId: "request",
  correlationId: "correlation",
  endsSession: true,
  companion: undefined,
  ...changes,
});

interface Seen {
  readonly kind: number;
  readonly slot: number;
  readonly stampNs: number;
  readonly bytes: Buffer;
  readonly end: RequestEnd | undefined;
}

/** Slots over a ring of this size, and what comes out of it. */
function worker(ringBytes = 2 ** 16, slots = 1) {
  const memory = createRing(ringBytes);
  const ring = ringWriter(memory);
  const reader = ringReader(memory);
  const freed: [slot: number, outcome: number, replied: boolean][] = [];
  const host = {
    ring,
    encodeEnd: endEncoder(),
    freed(slot: Slot, _nowNs: number, outcome: number, replied: boolean) {
      expect(slot.busy).toBe(false);
      freed.push([slot.number, outcome, replied]);
    },
  };
  const seen: Seen[] = [];
  return {
    ring,
    reader,
    freed,
    seen,
    slots: Array.from({ length: slots }, (_, number) => new Slot(number, host)),
    drain(maxFrames = Number.POSITIVE_INFINITY) {
      reader.drain((frame) => {
        const { kind, slot, stampNs } = frame;
        const end = kind === FRAME_END ? emptyEnd() : undefined;
        if (end !== undefined) decodeEnd(frame, end);
        const bytes = Buffer.from(frame.bytes.slice(frame.start, frame.end));
        seen.push({ kind, slot, stampNs, bytes, end });
      }, maxFrames);
      return seen;
    },
  };
}

/** Tells a segment that holds these spans. */
function segment(slot: Slot, nowNs: number, spans: readonly Uint8Array[], head?: ReplyHead): void {
  const bytes = Buffer.concat(spans);
  slot.segment(nowNs, bytes.length);
  if (head !== undefined) slot.head(head);
  let at = 0;
  for (const span of spans) {
    slot.span(bytes, at, at + span.length);
    at += span.length;
  }
  slot.segmentEnd();
}

const text = (value: string) => Buffer.from(value);

test("one request, from its start to its END", () => {
  const { slots, drain, freed } = worker();
  const slot = slots[0]!;
  slot.begin(assignment(), 100);
  expect(slot).toMatchObject({ busy: true, startNs: 100, requestId: "request", target: TARGET });
  slot.connected(110, 9, true);
  slot.sent(120);
  segment(slot, 130, [], STREAM);
  segment(slot, 140, [text("data"), text(": a\n")]);
  segment(slot, 150, [text("\n")]);
  slot.ended(160);
  const [first, second, last, ...more] = drain();
  expect(more).toEqual([]);
  expect(first).toMatchObject({ kind: FRAME_EVENTS, stampNs: 140, bytes: text("data: a\n") });
  expect(second).toMatchObject({ kind: FRAME_EVENTS, stampNs: 150, bytes: text("\n") });
  expect(last!.stampNs).toBe(160);
  expect(last!.end).toEqual({
    phase: 0,
    credit: 1,
    session: 2,
    turn: 3,
    entry: 4,
    outcome: ENDED,
    dueNs: 10,
    startNs: 100,
    sentNs: 120,
    ackNs: 130,
    cancelledNs: Number.NaN,
    firstByteNs: 140,
    lastByteNs: 150,
    dnsNs: 0,
    connectNs: 9,
    reused: 1,
    status: 200,
    bytesSent: 33,
    bytesReceived: 9,
    chunksReceived: 2,
    framesLost: 0,
    requestId: "request",
    correlationId: "correlation",
    reason: "OK",
    contentType: "text/event-stream",
    contentEncoding: "",
    headers: "",
    failureType: "",
    failureMessage: "",
  });
  expect(freed).toEqual([[0, ENDED, true]]);
});

test("head and body in one segment share its stamp", () => {
  const { slots, drain } = worker();
  slots[0]!.begin(assignment(), 100);
  segment(slots[0]!, 130, [text("x")], STREAM);
  slots[0]!.ended(130);
  expect(drain()[1]!.end).toMatchObject({ ackNs: 130, firstByteNs: 130, lastByteNs: 130 });
});

test("a companion hears when the request is out, and what is a body, before it has ended", () => {
  const { slots } = worker();
  const slot = slots[0]!;
  const heard: string[] = [];
  const companion = {
    listens: true,
    sent: (nowNs: number) => heard.push(`sent ${nowNs}`),
    heard: (bytes: Buffer, isEvents: boolean) => heard.push(`${isEvents} ${bytes}`),
  };
  slot.begin(assignment({ companion }), 100);
  slot.sent(120);
  segment(slot, 130, [], STREAM);
  segment(slot, 140, [text("a"), text("bc")]);
  expect(heard).toEqual(["sent 120", "true a", "true bc"]);
  slot.ended(150);
  slot.begin(assignment({ companion }), 200);
  segment(slot, 210, [text("{}")], { ...STREAM, contentType: "application/json" });
  expect(heard.at(-1)).toBe("false {}");
});

const KINDS: [what: string, head: Partial<ReplyHead>, kind: number][] = [
  ["a stream", {}, FRAME_EVENTS],
  ["a stream with parameters", { contentType: "text/event-stream; charset=utf-8" }, FRAME_EVENTS],
  ["JSON", { contentType: "application/json" }, FRAME_BODY],
  ["no type", { contentType: "" }, FRAME_BODY],
  ["an error that calls itself a stream", { status: 500 }, FRAME_BODY],
];
test.each(KINDS)("%s comes in frames of its kind", (_what, head, kind) => {
  const { slots, drain } = worker();
  slots[0]!.begin(assignment(), 100);
  segment(slots[0]!, 130, [text("x")], { ...STREAM, ...head });
  slots[0]!.ended(140);
  expect(drain().map((frame) => frame.kind)).toEqual([kind, FRAME_END]);
});

test("a failure and a cancellation say why, and nothing of the request before is left", () => {
  const { slots, drain, freed } = worker();
  const slot = slots[0]!;
  slot.begin(assignment(), 100);
  segment(slot, 130, [text("x")], { ...STREAM, status: 503, reason: "Busy" });
  slot.failed(140, { type: "IncompleteReply", message: "closed" });
  slot.begin(assignment({ credit: 2 }), 200);
  slot.cancelled(210, { type: "GracePeriodOver", message: "late" });
  slot.begin(assignment({ credit: 3 }), 300);
  slot.failed(310, { type: "ConnectionRefused", message: "nobody" });
  const ends = drain().flatMap(({ end }) => end ?? []);
  expect(ends[0]).toMatchObject({
    outcome: FAILED,
    status: 503,
    reason: "Busy",
    failureType: "IncompleteReply",
    failureMessage: "closed",
    cancelledNs: Number.NaN,
  });
  expect(ends[1]).toMatchObject({
    outcome: CANCELLED,
    credit: 2,
    status: Number.NaN,
    reason: "",
    contentType: "",
    cancelledNs: 210,
    ackNs: Number.NaN,
    bytesReceived: 0,
    failureMessage: "late",
  });
  expect(ends[2]).toMatchObject({
    outcome: FAILED,
    credit: 3,
    cancelledNs: Number.NaN,
    failureMessage: "nobody",
  });
  expect(freed).toEqual([
    [0, FAILED, true],
    [0, CANCELLED, false],
    [0, FAILED, false],
  ]);
});

test("a segment larger than a frame may be comes in several, with one stamp", () => {
  const { slots, drain, ring } = worker(4096);
  const slot = slots[0]!;
  const body = Buffer.from(Array.from({ length: ring.payloadMaxBytes * 2 + 5 }, (_, i) => i % 251));
  slot.begin(assignment(), 100);
  segment(slot, 130, [body.subarray(0, 10), body.subarray(10)], STREAM);
  slot.ended(140);
  const frames = drain();
  const end = frames.pop()!.end!;
  expect(end).toMatchObject({ framesLost: 0, bytesReceived: body.length, chunksReceived: 1 });
  expect(frames).toHaveLength(3);
  expect(frames.every((frame) => frame.stampNs === 130)).toBe(true);
  expect(Buffer.concat(frames.map((frame) => frame.bytes)).equals(body)).toBe(true);
});

test("a full ring costs a reply its rest and its claim to be whole, and no other reply anything", () => {
  const { slots, drain, reader } = worker(4096, 2);
  const [slow, next] = [slots[0]!, slots[1]!];
  slow.begin(assignment({ credit: 1 }), 100);
  for (let i = 0; i < 20; i++)
    segment(slow, 130 + i, [Buffer.alloc(300, "x")], i === 0 ? STREAM : undefined);
  slow.ended(160);
  const before = drain().length;
  next.begin(assignment({ credit: 2 }), 200);
  segment(next, 230, [text("whole")], STREAM);
  next.ended(240);
  slow.begin(assignment({ credit: 3 }), 300);
  segment(slow, 330, [text("again")], STREAM);
  slow.ended(340);
  const frames = drain();
  expect(frames[before - 1]!.end).toMatchObject({
    credit: 1,
    framesLost: 1,
    bytesReceived: 6000,
    chunksReceived: 20,
  });
  expect(reader.lost()).toBe(1);
  expect(
    frames
      .slice(before)
      .map(({ bytes, end }) => (end ? [end.credit, end.framesLost] : bytes.toString())),
  ).toEqual(["whole", [2, 0], "again", [3, 0]]);
});

test("however slowly the ring is read, what an END calls whole is whole", () => {
  const step = fc.record({
    slot: fc.nat(2),
    bytes: fc.nat(900),
    end: fc.boolean(),
    read: fc.nat(4),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const { slots, drain, reader } = worker(8192, 3);
      const bodies = new Map<number, Buffer[]>();
      let credit = 0;
      let nowNs = 1000;
      const credits = slots.map(() => -1);
      const begin = (slot: Slot) => {
        credits[slot.number] = credit;
        bodies.set(credit, []);
        slot.begin(assignment({ credit: credit++ }), ++nowNs);
      };
      for (const { slot: number, bytes, end, read } of steps) {
        const slot = slots[number]!;
        if (!slot.busy) begin(slot);
        const body = Buffer.alloc(bytes, nowNs % 251);
        bodies.get(credits[number]!)!.push(body);
        segment(slot, ++nowNs, bytes === 0 ? [] : [body]);
        if (end) slot.ended(++nowNs);
        drain(read);
      }
      const seen = drain();
      const open = new Map<number, Seen[]>();
      let ends = 0;
      for (const frame of seen) {
        const frames = open.get(frame.slot) ?? [];
        if (frame.end === undefined) {
          open.set(frame.slot, [...frames, frame]);
          continue;
        }
        ends++;
        open.delete(frame.slot);
        const { framesLost, startNs } = frame.end;
        const stray = frames.length > 0 && frames[0]!.stampNs < startNs;
        const body = Buffer.concat(bodies.get(frame.end.credit)!);
        const got = Buffer.concat(frames.map(({ bytes }) => bytes));
        if (framesLost === 0 && !stray) expect(got.equals(body)).toBe(true);
        expect(frame.end.bytesReceived).toBe(body.length);
      }
      const asked = steps.filter(({ end }) => end).length;
      expect(asked - ends).toBeLessThanOrEqual(reader.lost());
    }),
    { numRuns: 300 },
  );
});

test("a reply that went into the ring by itself fills its END as one that was told did", () => {
  const told = worker();
  const framed = worker();
  for (const { slots } of [told, framed]) {
    slots[0]!.begin(assignment(), 100);
    slots[0]!.connected(110, 9, false);
    slots[0]!.sent(120);
  }
  segment(told.slots[0]!, 130, [], STREAM);
  segment(told.slots[0]!, 140, [text("data"), text(": a\n")]);
  segment(told.slots[0]!, 150, [text("\n")]);
  framed.slots[0]!.head(STREAM);
  framed.slots[0]!.received({
    ackNs: 130,
    firstByteNs: 140,
    lastByteNs: 150,
    bytesReceived: 9,
    segments: 2,
    framesLost: 0,
  });
  for (const { slots } of [told, framed]) slots[0]!.ended(160);
  expect(framed.drain()).toHaveLength(1);
  expect(framed.seen[0]!.end).toEqual(told.drain().at(-1)!.end!);
  expect(framed.freed).toEqual(told.freed);
});

test("a reply without a body that went into the ring by itself has no times of one", () => {
  const { slots, drain } = worker();
  const slot = slots[0]!;
  slot.begin(assignment(), 100);
  slot.connected(110, 9, false);
  slot.sent(120);
  slot.head(STREAM);
  slot.received({
    ackNs: 130,
    firstByteNs: 0,
    lastByteNs: 0,
    bytesReceived: 0,
    segments: 0,
    framesLost: 0,
  });
  slot.ended(130);
  expect(drain()[0]!.end).toMatchObject({
    ackNs: 130,
    status: 200,
    firstByteNs: Number.NaN,
    lastByteNs: Number.NaN,
    bytesReceived: 0,
    chunksReceived: 0,
  });
});

test("a gap in a reply that went into the ring by itself is told", () => {
  const { slots, drain } = worker();
  const slot = slots[0]!;
  slot.begin(assignment(), 100);
  slot.sent(120);
  slot.head(STREAM);
  slot.received({
    ackNs: 130,
    firstByteNs: 140,
    lastByteNs: 150,
    bytesReceived: 900,
    segments: 3,
    framesLost: 1,
  });
  slot.failed(160, { type: "ConnectionReset", message: "reset" });
  expect(drain()[0]!.end).toMatchObject({
    outcome: FAILED,
    framesLost: 1,
    bytesReceived: 900,
    chunksReceived: 3,
    lastByteNs: 150,
    failureType: "ConnectionReset",
  });
});

test("a companion hears what went into the ring by itself, if it listens", () => {
  const { slots } = worker();
  const heard: [string, boolean][] = [];
  const companion = {
    listens: true,
    sent: () => {},
    heard: (bytes: Buffer, isEvents: boolean) => void heard.push([bytes.toString(), isEvents]),
  };
  const slot = slots[0]!;
  slot.begin(assignment({ companion: { ...companion, listens: false } }), 100);
  expect(slot.isWatched).toBe(false);
  slot.ended(110);
  slot.begin(assignment({ companion }), 100);
  expect(slot.isWatched).toBe(true);
  slot.heard(Buffer.from("a"), true);
  slot.heard(Buffer.from("b"), false);
  expect(heard).toEqual([
    ["a", true],
    ["b", false],
  ]);
});
