// The fast way reads what the general way reads, to the last bit, or leaves the line to it.

import { expect, test } from "bun:test";
import fc from "fast-check";
import type { RequestRecord } from "#core";
import { epochOf, lineMaker, lineReader, recordReader, traceMaker } from "#export";
import { createCollector, type MeasuredPlan } from "#metrics";
import { ByteScan, KnownText, NONE, TEXT_BYTES_MAX } from "../../src/export/byte-scan.ts";
import { recordOf } from "../../src/export/line-parts.ts";
import { LineScanner } from "../../src/export/line-scanner.ts";
import { goldenText } from "../metrics/golden-records.ts";

const EPOCH = { monotonicNs: 0, wallNs: 1_795_508_309_999_999_999n };
const OPTIONS = {
  epoch: EPOCH,
  phases: [
    { name: "warm", kind: "warmup" },
    { name: 'the "second"', kind: "profiling" },
    { name: "profiling", kind: "profiling" },
  ],
} as const;
const NO_NAMES = { conversationId: "", requestId: "", correlationId: "" };

/** A line as a visitor has it: with its end, others before it and whatever behind. */
function inBytes(line: string): { bytes: Buffer; from: number; to: number } {
  const text = Buffer.from(line);
  const bytes = Buffer.alloc(text.length + 4 + TEXT_BYTES_MAX, '"1}');
  text.copy(bytes, 3);
  bytes[3 + text.length] = 10;
  return { bytes, from: 3, to: 3 + text.length };
}

/** What the scanner makes of a line; undefined where it leaves it to the general way. */
function scanned(scanner: LineScanner, line: string): RequestRecord | undefined {
  const { bytes, from, to } = inBytes(line);
  return scanner.take(bytes, from, to) ? recordOf(scanner.parts, NO_NAMES) : undefined;
}

/** What the general way makes of it; undefined where it is no record. */
function read(line: string, epoch = EPOCH): RequestRecord | undefined {
  try {
    return { ...lineReader(epoch)(line), ...NO_NAMES };
  } catch {
    return undefined;
  }
}

const maybe = <T>(arb: fc.Arbitrary<T>) => fc.option(arb, { nil: undefined });
const count = fc.oneof(fc.nat(5), fc.nat(200_000), fc.nat());
const ns = fc.oneof(fc.nat(20), fc.nat(2e9), fc.integer({ min: 0, max: 2 ** 52 }));
const stamp = fc.integer({ min: -1e9, max: 1e15 });
const absentOr = (arb: fc.Arbitrary<number>) =>
  fc.oneof({ weight: 4, arbitrary: arb }, { weight: 1, arbitrary: fc.constant(Number.NaN) });
const text = fc.oneof(fc.constant("session_000001"), fc.string({ unit: "binary", maxLength: 20 }));

const histogram = maybe(fc.array(fc.nat(9), { minLength: 1, maxLength: 4 }));

const usage = fc.record({
  ...{ promptTokens: maybe(count), completionTokens: maybe(count), totalTokens: maybe(count) },
  ...{ reasoningTokens: maybe(count), cacheReadTokens: maybe(count) },
  ...{ cacheWriteTokens: maybe(count), promptAudioS: maybe(fc.double({ min: 0, noNaN: true })) },
});
const record: fc.Arbitrary<RequestRecord> = fc
  .record({
    phaseIndex: fc.nat(2),
    credit: count,
    turn: fc.nat(9),
    ...{ conversationId: text, requestId: text, correlationId: text },
    ...{ worker: fc.nat(3), recorder: fc.nat(1), dueNs: absentOr(stamp), startNs: stamp },
    ...{ ackNs: absentOr(stamp), endNs: stamp, cancelledNs: absentOr(stamp), sent: ns },
    content: fc.array(ns, { maxLength: 8 }),
    firstOutputNs: absentOr(stamp),
    ...{ inputTokens: maybe(count), outputTokens: maybe(count), reasoningTokens: maybe(count) },
    ...{ firstTokens: maybe(fc.nat(5)), requestedTokens: maybe(count), usage: maybe(usage) },
    media: maybe(
      fc.record({ images: maybe(count), audioS: maybe(fc.double({ min: 0, noNaN: true })) }),
    ),
    speculation: maybe(
      fc.record({ engine: text, steps: count, drafted: count, accepted: count, histogram }),
    ),
    http: fc.record({
      ...{ status: maybe(fc.nat(599)), dnsNs: ns, connectNs: ns, reused: fc.boolean() },
      ...{ bytesSent: count, bytesReceived: count, chunksReceived: count },
      ...{ firstByteNs: absentOr(stamp), lastByteNs: absentOr(stamp) },
    }),
    error: maybe(fc.record({ code: maybe(fc.nat(599)), type: text, message: text })),
  })
  .map(({ sent, content, ...rest }) => {
    const times = Float64Array.from(content);
    for (let i = 0, at = rest.startNs; i < times.length; i++) times[i] = at += times[i]!;
    return {
      ...rest,
      phase: OPTIONS.phases[rest.phaseIndex]!.kind,
      session: rest.credit,
      sentNs: rest.startNs + sent,
      contentNs: times,
    };
  });

const WIRE = {
  headers: { "x-names": 'a "quoted" one' },
  responseHeaders: { server: "a \\ b" },
  reason: "OK",
  chunks: [{ stampNs: 5, bytes: 9 }],
};

const plan: fc.Arbitrary<MeasuredPlan> = fc
  .tuple(fc.boolean(), fc.boolean())
  .map(([streaming, useServerTokenCount]) => ({ endpoint: { streaming, useServerTokenCount } }));

function lineOf(of: RequestRecord, measured: MeasuredPlan, traces: boolean): string {
  const values = createCollector({ plan: measured }).add(of);
  return lineMaker(OPTIONS)(of, values, traces ? traceMaker(OPTIONS)(of, WIRE) : "");
}

test("a line that this program writes is read as the general way reads it", () => {
  // One scanner for all: what it knows of lines before must not change what it reads.
  const scanner = new LineScanner(EPOCH);
  fc.assert(
    fc.property(record, plan, fc.boolean(), (of, measured, traces) => {
      const line = lineOf(of, measured, traces);
      const fast = scanned(scanner, line);
      if (!line.slice(0, line.indexOf('"metrics"')).includes("\\")) expect(fast).toBeDefined();
      if (fast !== undefined) expect(fast).toEqual(read(line)!);
    }),
    { numRuns: 500 },
  );
});

test.each(["stream", "errors", "cancel", "warmup", "multiturn"] as const)(
  "%s: AIPerf's lines are read as the general way reads them",
  (run) => {
    const lines = goldenText(run, "profile_export.jsonl").trim().split("\n");
    const epoch = epochOf(lines[0]!)!;
    const scanner = new LineScanner(epoch);
    for (const line of lines) expect(scanned(scanner, line)).toEqual(read(line, epoch)!);
  },
);

/** Pieces of lines, and of what lines are not. */
const PIECES = [
  ...[
    '"',
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "-",
    ".",
    "0",
    "1",
    "e",
    "E+5",
    "\\",
    "\\u0041",
    " ",
    "\t",
  ],
  ...["null", "true", "false", '"metrics":{}', '"metadata":{"session_num":1}', "00", "-0", "1e999"],
  ...['"request_start_ns":1795508310000000007,', '"benchmark_phase":"warmup",', ',"error":null'],
  ...['"time_to_first_token":{"value":1,"unit":"ms"},', ',"error":{"type":"a","message":"b"}', "ü"],
];

interface Edit {
  readonly where: keyof typeof PLACES;
  /** Of all such places, as a share. */
  readonly at: number;
  readonly gone: number;
  readonly put: string;
}

/** A piece in the place of a figure, which may leave a record, or anywhere, which will not. */
const edit: fc.Arbitrary<Edit> = fc.record({
  where: fc.constantFrom("figure", "key", "anywhere"),
  at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  gone: fc.nat(3),
  put: fc.oneof(fc.constantFrom(...PIECES, ""), fc.string({ maxLength: 3 })),
});
const PLACES = { figure: /\d(?=[\d.,}])/g, key: /"(?=\w+":)/g, anywhere: /./g };

function edited(line: string, { where, at, gone, put }: Edit) {
  const places = [...line.matchAll(PLACES[where])];
  const { index } = places[Math.floor(at * places.length)]!;
  return line.slice(0, index) + put + line.slice(where === "key" ? index : index + gone);
}

test("a line that somebody has edited is read as the general way reads it, or left to that", () => {
  const scanner = new LineScanner(EPOCH);
  const names = { conversationId: "a", requestId: "b", correlationId: "c" };
  const error = fc.constantFrom(undefined, { code: 500, type: "no", message: "no" });
  let taken = 0;
  fc.assert(
    fc.property(record, error, plan, fc.array(edit, { minLength: 1, maxLength: 2 }), (...some) => {
      const [of, failure, measured, edits] = some;
      const line = edits.reduce(
        edited,
        lineOf(
          { ...of, ...names, phaseIndex: 2, phase: "profiling", error: failure },
          measured,
          false,
        ),
      );
      if (line.includes("\n")) return;
      const fast = scanned(scanner, line);
      if (fast === undefined) return;
      taken++;
      expect(fast).toEqual(read(line)!);
    }),
    { numRuns: 3000 },
  );
  expect(taken).toBeGreaterThan(100);
});

test.each([
  ["of two equal keys the last counts", '"session_num":7,"session_num":8'],
  ["spaces", '"session_num": 7'],
  ["an escape in a key", '"session\\u005fnum":7'],
  ["a number that is a text", '"session_num":"7"'],
])("%s: left to the general way", (_, text) => {
  const rest =
    '"benchmark_phase":"profiling","request_start_ns":1795508310000000007,' +
    '"request_end_ns":1795508310000000009},"metrics":{"request_latency":{"value":1,"unit":"ms"}}}';
  const scanner = new LineScanner(EPOCH);
  expect(scanned(scanner, `{"metadata":{"session_num":7,${rest}`)).toBeDefined();
  const line = `{"metadata":{${text},${rest}`;
  expect(scanned(scanner, line)).toBeUndefined();
  const { bytes, from, to } = inBytes(line);
  expect(recordReader(EPOCH)(bytes, from, to)).toEqual(read(line)!);
});

function numberIn(text: string): number | undefined {
  const { bytes, from, to } = inBytes(text);
  const scan = new ByteScan();
  scan.open(bytes);
  const end = scan.number(from);
  expect(scan.passNumber(from)).toBe(end);
  return end === to ? scan.value : undefined;
}

test("numbers are the doubles that JSON.parse makes of them", () => {
  const digits = fc.array(fc.constantFrom(..."0123456789"), { maxLength: 24 });
  const spelled = fc
    .tuple(fc.constantFrom("", "-"), digits, fc.constantFrom("", ".", "e", "E-", ".5e+"), digits)
    .map(([sign, whole, point, rest]) => sign + whole.join("") + point + rest.join(""));
  const some = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
    fc.integer({ min: 0, max: 2 ** 53 }).map((value) => String(value / 1e6)),
    fc.nat().map((value) => String(value / 1024)),
    spelled,
  );
  fc.assert(
    fc.property(some, (text) => {
      let expected: number | undefined;
      try {
        expected = JSON.parse(text) as number;
      } catch {}
      expect(numberIn(text)).toBe(expected as number);
    }),
    { numRuns: 5000 },
  );
});

test("known texts are found where they are, and nowhere else", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 4, maxLength: 30 }), fc.nat(3), (text, ahead) => {
      const before = "x".repeat(ahead);
      const { bytes, from } = inBytes(`${before}${text}`);
      const scan = new ByteScan();
      scan.open(bytes);
      const length = Buffer.byteLength(text);
      expect(scan.known(new KnownText(text), from + ahead)).toBe(from + ahead + length);
      for (let i = 0; i < length; i++) {
        bytes[from + ahead + i]! ^= 1;
        expect(scan.known(new KnownText(text), from + ahead)).toBe(NONE);
        bytes[from + ahead + i]! ^= 1;
      }
    }),
  );
});
