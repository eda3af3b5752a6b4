// Workers spend a phase on a server that is a timer: what is sent, how often, and when it ends.

import { describe, expect, test } from "bun:test";
import type { EndpointPlan, LoadPlan, PhasePlan } from "#config";
import { NS_PER_MS, type Session } from "#core";
import { targetOf } from "#endpoint";
import { createControl, type Exchange, packBodies, phaseControl, readBodies } from "#engine";
import { createRing, ringReader, ringWriter } from "#ring";
import { loopAlarm } from "../../src/engine/alarm.ts";
import { type Spending, spendCredits } from "../../src/engine/spend.ts";
import { loopWaits } from "../../src/engine/wait.ts";

const now = () => Bun.nanoseconds();
const CHUNK = Buffer.from('data: {"choices":[{"delta":{"content":"yes"}}]}\n\n');

const endpoint = { kind: "chat", streaming: true, extraInputs: {} } as EndpointPlan;

interface Choices {
  readonly workers?: number;
  readonly turns?: number;
  readonly delayMs?: number;
  readonly conversations?: number;
  /** From the send to the first content, and from there to the end. */
  readonly prefillMs?: number;
  readonly decodeMs?: number;
  readonly fails?: (request: number) => boolean;
  readonly timestampMs?: (conversation: number, turn: number) => number;
  /** Memory of one worker's ring. */
  readonly ring?: SharedArrayBuffer;
}

interface Sent {
  readonly worker: number;
  readonly correlationId: string;
  readonly body: string;
  readonly host: string;
  readonly atMs: number;
  answeredMs: number;
  endMs: number;
  cancelled: boolean;
}

interface Outcome {
  readonly sent: readonly Sent[];
  readonly tookMs: number;
  readonly spendings: readonly Spending[];
}

function sessionOf(number: number, choices: Choices): Session {
  const { turns = 1, delayMs = 0, timestampMs } = choices;
  return {
    id: `session_${number}`,
    systemText: undefined,
    userContextText: undefined,
    turns: Array.from({ length: turns }, (_, turn) => ({
      role: "user",
      texts: [{ name: "text", contents: [`s${number}t${turn}`] }],
      model: "m",
      maxTokens: undefined,
      inputTokens: undefined,
      delayNs: turn === 0 ? 0 : delayMs * NS_PER_MS,
      timestampNs: timestampMs && timestampMs(number, turn) * NS_PER_MS,
    })),
  };
}

/** Runs a phase to its end. */
async function spend(
  load: LoadPlan,
  limits: Partial<PhasePlan>,
  choices: Choices = {},
  whileRunning: (spendings: readonly Spending[]) => void = () => {},
): Promise<Outcome> {
  const { workers = 2, conversations = 5, prefillMs = 2, decodeMs = 3, fails } = choices;
  const phase: PhasePlan = {
    name: "profiling",
    kind: "profiling",
    load,
    prefill: undefined,
    cancellation: undefined,
    failedShareMax: undefined,
    requestCount: undefined,
    sessionCount: undefined,
    durationNs: undefined,
    graceNs: Number.POSITIVE_INFINITY,
    ...limits,
  };
  const stored = Array.from({ length: conversations }, (_, number) => {
    const session = sessionOf(number, choices);
    return {
      session,
      bodies: session.turns.map(({ texts }, i) => (i === 0 ? texts[0]!.contents[0]! : undefined)),
    };
  });
  const store = packBodies(stored);
  const memory = createControl(1);
  const startNs = now();
  phaseControl(memory, 0).startNs = startNs;
  const sent: Sent[] = [];
  const spendings: Spending[] = [];

  function transport(worker: number) {
    const timers = new Map<Exchange, Timer>();
    const sinceMs = () => (now() - startNs) / NS_PER_MS;
    return {
      counts: { opened: 0, reused: 0, broken: 0 },
      async warm() {},
      close() {},
      cancel(exchange: Exchange) {
        clearTimeout(timers.get(exchange));
        const row = sent.findLast((row) => row.correlationId === exchange.correlationId)!;
        row.cancelled = true;
        row.endMs = sinceMs();
      },
      start(exchange: Exchange) {
        const { correlationId } = exchange;
        const body = Buffer.from(exchange.body).toString();
        const row: Sent = {
          worker,
          correlationId,
          body,
          host: exchange.target.host,
          atMs: sinceMs(),
          answeredMs: Number.NaN,
          endMs: Number.NaN,
          cancelled: false,
        };
        const number = sent.push(row) - 1;
        exchange.connected(now(), 0, true);
        exchange.sent(now());
        const end = () => {
          row.endMs = sinceMs();
          if (fails?.(number)) exchange.failed(now(), { type: "Test", message: "no" });
          else exchange.ended(now());
        };
        const answer = () => {
          row.answeredMs = sinceMs();
          exchange.segment(now(), CHUNK.length);
          exchange.head({
            status: 200,
            reason: "OK",
            contentType: "text/event-stream",
            contentEncoding: "",
          });
          exchange.span(CHUNK, 0, CHUNK.length);
          exchange.segmentEnd();
          timers.set(exchange, setTimeout(end, decodeMs));
        };
        timers.set(exchange, setTimeout(answer, prefillMs));
      },
    };
  }

  const ends = Array.from({ length: workers }, (_, worker) => {
    const { promise, resolve } = Promise.withResolvers<number>();
    spendings.push(
      spendCredits({
        phase,
        phaseIndex: 0,
        control: phaseControl(memory, 0),
        worker,
        workers,
        endpoint,
        sampling: "sequential",
        waits: loopWaits(now, loopAlarm(now)),
        seed: 1,
        targets: [targetOf("http://a:1", "/x"), targetOf("http://b:2", "/x")],
        bodies: readBodies(store),
        ring: ringWriter(choices.ring ?? createRing(2 ** 20)),
        transport: transport(worker),
        now,
        requestTimeoutNs: Number.POSITIVE_INFINITY,
        newId: () => crypto.randomUUID(),
        ringBell: () => {},
        done: resolve,
      }),
    );
    return promise;
  });
  whileRunning(spendings);
  await Promise.all(ends);
  // Whatever comes too late would still be sent now.
  await Bun.sleep(10);
  return {
    sent,
    tookMs: (Math.max(...(await Promise.all(ends))) - startNs) / NS_PER_MS,
    spendings,
  };
}

/** Most of the rows that are between two moments at once. */
function mostAtOnce(rows: readonly Sent[], end: (row: Sent) => number): number {
  const edges = rows.flatMap((row) => [
    { atMs: row.atMs, change: 1 },
    { atMs: end(row), change: -1 },
  ]);
  // An end and a beginning in one moment are one after the other.
  edges.sort((a, b) => a.atMs - b.atMs || a.change - b.change);
  let [now, most] = [0, 0];
  for (const { change } of edges) most = Math.max(most, (now += change));
  return most;
}

const cap = (limit: number, rampMs = 0) => ({ limit, rampNs: rampMs * NS_PER_MS });
const closed = (limit: number, rampMs = 0): LoadPlan => ({
  kind: "concurrency",
  concurrency: cap(limit, rampMs),
});
const rate = (perS: number, limit?: number): LoadPlan => ({
  kind: "rate",
  arrival: { kind: "constant" },
  rate: [{ atNs: 0, perS }],
  concurrency: limit === undefined ? undefined : cap(limit),
});
const users = (count: number, ratePerS: number): LoadPlan => ({
  kind: "users",
  users: count,
  ratePerS,
  concurrency: undefined,
});
const schedule = (limit?: number): LoadPlan => ({
  kind: "schedule",
  zeroNs: "first",
  fromNs: 0,
  untilNs: Number.POSITIVE_INFINITY,
  concurrency: limit === undefined ? undefined : cap(limit),
});
const tenth = (conversation: number) => conversation * 10;

describe("counts are met exactly, by one worker and by three", () => {
  const cases: readonly (readonly [string, LoadPlan])[] = [
    ["closed", closed(4)],
    ["a rate", rate(1000)],
    ["a capped rate", rate(1000, 2)],
    ["users", users(4, 400)],
    ["a schedule", schedule()],
  ];
  test.each(
    cases.flatMap(([name, load]) => [1, 3].map((workers) => [name, workers, load] as const)),
  )("%s, %i workers", async (_, workers, load) => {
    const choices = { workers, turns: 3, conversations: 20, timestampMs: tenth };
    const requests = await spend(load, { requestCount: 17 }, choices);
    expect(requests.sent.length).toBe(17);
    const sessions = await spend(load, { sessionCount: 5 }, choices);
    expect(new Set(sessions.sent.map((row) => row.correlationId)).size).toBe(5);
    if (load.kind !== "users") expect(sessions.sent.length).toBe(15);
    const both = await spend(load, { requestCount: 8, sessionCount: 5 }, choices);
    expect(both.sent.length).toBe(8);
  });
});

test("3-turn sessions cut at 7 requests: 3, 3 and 1", async () => {
  const { sent } = await spend(closed(1), { requestCount: 7 }, { workers: 1, turns: 3 });
  const turns = Map.groupBy(sent, (row) => row.correlationId);
  expect([...turns.values()].map((rows) => rows.length)).toEqual([3, 3, 1]);
});

test("nothing is sent after the duration, and what is on its way is awaited", async () => {
  for (const load of [closed(3), rate(500), users(3, 300)]) {
    const { sent, tookMs } = await spend(
      load,
      { durationNs: 50 * NS_PER_MS },
      { turns: 2, delayMs: 5, decodeMs: 30 },
    );
    expect(Math.max(...sent.map((row) => row.atMs))).toBeLessThan(80);
    expect(sent.every((row) => row.endMs > row.atMs && !row.cancelled)).toBe(true);
    expect(tookMs).toBeGreaterThan(30);
  }
});

test("a schedule ends with its last session, without any limit", async () => {
  const { sent } = await spend(schedule(), {}, { turns: 2, conversations: 6, timestampMs: tenth });
  expect(sent.length).toBe(12);
  for (const row of sent.filter(({ body }) => body.length < 9)) {
    const conversation = Number(row.body[1]);
    expect(row.atMs).toBeGreaterThanOrEqual(conversation * 10);
    expect(row.correlationId).toBe(`fixed-schedule-session_${conversation}`);
  }
});

test("a cap on a schedule delays sessions, and drops none", async () => {
  const choices = { conversations: 8, timestampMs: () => 0, prefillMs: 5 };
  const { sent } = await spend(schedule(2), {}, choices);
  expect(sent.length).toBe(8);
  expect(mostAtOnce(sent, (row) => row.endMs)).toBe(2);
});

describe("limits hold over all workers", () => {
  test.each([
    ["concurrency", closed(5), {}, 5, (row: Sent) => row.endMs],
    ["a cap", rate(2000, 3), {}, 3, (row: Sent) => row.endMs],
    ["prefill", closed(8), { prefill: cap(2) }, 2, (row: Sent) => row.answeredMs],
    ["prefill at a rate", rate(2000), { prefill: cap(3) }, 3, (row: Sent) => row.answeredMs],
  ] as const)("%s", async (_, load, limits, most, until) => {
    const choices = { workers: 3, prefillMs: 4, decodeMs: 6 };
    const { sent } = await spend(load, { requestCount: 60, ...limits }, choices);
    expect(sent.length).toBe(60);
    expect(mostAtOnce(sent, until)).toBe(most);
  });

  test("a request that fails leaves its prefill at once", async () => {
    const limits = { prefill: cap(1), durationNs: 60 * NS_PER_MS };
    const choices = { workers: 1, prefillMs: 1, decodeMs: 1, fails: (n: number) => n < 3 };
    const { sent } = await spend(closed(6), limits, choices);
    expect(sent.length).toBeGreaterThan(6);
    expect(mostAtOnce(sent, (row) => row.answeredMs)).toBe(1);
  });

  test("a ramp opens one seat after the other", async () => {
    const { sent } = await spend(closed(5, 80), { durationNs: 100 * NS_PER_MS });
    for (const seats of [1, 2, 3, 4]) {
      const early = sent.filter((row) => row.atMs < seats * 20 - 1);
      expect(mostAtOnce(early, (row) => row.endMs)).toBeLessThanOrEqual(seats);
    }
    expect(mostAtOnce(sent, (row) => row.endMs)).toBe(5);
  });
});

describe("sessions of several turns", () => {
  test("repeat what was said, one turn after the other, on the worker that began them", async () => {
    const { sent } = await spend(closed(4), { sessionCount: 8 }, { turns: 3, conversations: 8 });
    for (const rows of Map.groupBy(sent, (row) => row.correlationId).values()) {
      const last = JSON.parse(rows[2]!.body);
      const id = rows[0]!.body.slice(0, 2);
      expect(last.messages.map(({ content }: { content: string }) => content)).toEqual([
        `${id}t0`,
        "yes",
        `${id}t1`,
        "yes",
        `${id}t2`,
      ]);
      expect(new Set(rows.map((row) => row.worker)).size).toBe(1);
      expect(rows[1]!.atMs).toBeGreaterThanOrEqual(rows[0]!.endMs);
    }
  });

  test("go on after a turn that failed, without its reply", async () => {
    const choices = { workers: 1, turns: 3, conversations: 1, fails: (n: number) => n === 0 };
    const { sent } = await spend(closed(1), { sessionCount: 1 }, choices);
    const { messages } = JSON.parse(sent[2]!.body);
    expect(messages.map(({ role }: { role: string }) => role)).toEqual([
      "user",
      "user",
      "assistant",
      "user",
    ]);
  });

  test("hold their seat through their pauses", async () => {
    const choices = { workers: 1, turns: 2, delayMs: 20 };
    const { sent } = await spend(closed(1), { sessionCount: 2 }, choices);
    for (const [first, second] of [sent.slice(0, 2), sent.slice(2)]) {
      expect(second!.correlationId).toBe(first!.correlationId);
      expect(second!.atMs - first!.endMs).toBeGreaterThanOrEqual(20);
    }
  });

  test("at a rate, use up its moments before new sessions do", async () => {
    const choices = { workers: 1, turns: 2, conversations: 50 };
    const { sent } = await spend(rate(100), { requestCount: 20 }, choices);
    const grid = sent.map((row) => row.atMs / 10);
    for (const [index, moment] of grid.entries()) expect(moment).toBeGreaterThan(index + 0.99);
    const order = sent.map((row) => row.body.length > 9);
    expect(order.filter(Boolean).length).toBeWithin(8, 13);
  });
});

test("no request begins while the ring is half full, and none is lost", async () => {
  const ring = createRing(8192);
  const reader = ringReader(ring);
  let frames = 0;
  const reading = setInterval(() => {
    frames += reader.drain(() => {}, 1000);
  }, 40);
  const { sent } = await spend(closed(2), { requestCount: 40 }, { workers: 1, ring });
  await Bun.sleep(50);
  clearInterval(reading);
  expect(sent).toHaveLength(40);
  // One frame of a reply and one of its end.
  expect(frames).toBe(80);
  expect(reader.lost()).toBe(0);
});

test("sessions go to the servers in turn, and stay there", async () => {
  const choices = { workers: 1, conversations: 4, turns: 2 };
  const { sent } = await spend(closed(1), { sessionCount: 4 }, choices);
  expect(sent.map((row) => row.host)).toEqual(["a", "a", "b", "b", "a", "a", "b", "b"]);
  expect(sent.map((row) => row.body.length > 9)).toEqual([
    false,
    true,
    false,
    true,
    false,
    true,
    false,
    true,
  ]);
});

describe("requests are abandoned", () => {
  test("on purpose, that long after they were sent", async () => {
    const cancellation = { share: 0.5, delayNs: 10 * NS_PER_MS };
    const choices = { prefillMs: 5, decodeMs: 40, conversations: 30 };
    const { sent } = await spend(closed(10), { requestCount: 30, cancellation }, choices);
    const left = sent.filter((row) => row.cancelled);
    expect(left.length).toBeWithin(5, 26);
    for (const row of left) expect(row.endMs - row.atMs).toBeGreaterThanOrEqual(10);
    expect(sent.length).toBe(30);
  });

  test("all at once when they are withdrawn, and nothing follows", async () => {
    const { sent, tookMs } = await spend(
      closed(4),
      { requestCount: 1000 },
      { decodeMs: 5000, turns: 2 },
      (spendings) => {
        setTimeout(() => {
          for (const spending of spendings) spending.withdraw({ type: "Test", message: "away" });
        }, 30);
      },
    );
    expect(sent.length).toBe(4);
    expect(sent.every((row) => row.cancelled)).toBe(true);
    expect(tookMs).toBeLessThan(2000);
  });
});
