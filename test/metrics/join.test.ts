// What several collectors saw of a run, joined, is what one would have seen.

import { expect, test } from "bun:test";
import fc from "fast-check";
import type { RequestRecord } from "#core";
import { createCollector, joinSnapshots, summarize } from "#metrics";
import { makeFailure, makeRecord, ms, STREAMING } from "./make-record.ts";

const WINDOW = { startNs: 0, endNs: 60e9 };
const plan = { ...STREAMING, slos: [{ tag: "request_latency", limit: 180 }] };

function snapshotOf(records: readonly RequestRecord[]) {
  const collector = createCollector({ plan });
  for (const record of records) collector.add(record);
  return collector.snapshot().data;
}

function summaryOf(snapshot: ReturnType<typeof snapshotOf>) {
  const { sliced, ...rest } = summarize([snapshot], {
    plan,
    epoch: { monotonicNs: 0, wallNs: 1_795_508_309_000_000_000n },
    window: WINDOW,
    warmupWindow: WINDOW,
    phaseWindows: [WINDOW, WINDOW],
    sliceNs: 20e9,
  });
  return { ...rest, trend: sliced!.trend, slices: sliced!.slices.map(({ metrics }) => metrics) };
}

const request = fc
  .record({
    startMs: fc.nat(50_000),
    tookMs: fc.double({ min: 1, max: 300, noNaN: true }),
    chunks: fc.nat(4),
    outputTokens: fc.nat(40),
    phaseIndex: fc.nat(1),
    fails: fc.nat(5).map((draw) => draw === 0),
  })
  .map(({ startMs, tookMs, chunks, outputTokens, phaseIndex, fails }) => {
    const times = Array.from({ length: chunks + 1 }, (_, i) => startMs + 5 + (i * tookMs) / 5);
    const stamps = { dueNs: (startMs - 1) * 1e6, startNs: startMs * 1e6 };
    const endNs = (startMs + 5 + tookMs) * 1e6;
    const phase = phaseIndex === 0 ? ("warmup" as const) : ("profiling" as const);
    const common = { ...stamps, endNs, phase, phaseIndex };
    return fails
      ? makeFailure(common)
      : makeRecord({ ...common, contentNs: ms(...times), outputTokens });
  });

test("figures are those of a single collector, to the last bit", () => {
  fc.assert(
    fc.property(fc.array(fc.array(request, { maxLength: 40 }), { maxLength: 4 }), (parts) => {
      const joined = summaryOf(joinSnapshots(parts.map(snapshotOf)));
      expect(joined).toEqual(summaryOf(snapshotOf(parts.flat())));
    }),
    { numRuns: 40 },
  );
});

test("gaps that are too many together become a histogram, as those of one collector would", () => {
  const parts = [
    [makeRecord(), makeRecord()],
    [makeFailure(), makeRecord()],
  ].map(snapshotOf);
  const pools = (limit: number) =>
    joinSnapshots(parts, limit).phases.map(({ ok }) => ok.pools.inter_chunk_latency!);
  expect(pools(9).map(({ values }) => values.length)).toEqual([6, 3]);
  expect(pools(9).map(({ histogram }) => histogram)).toEqual([undefined, undefined]);
  expect(pools(8).map(({ values }) => values.length)).toEqual([0, 0]);
  expect(pools(8).map(({ histogram }) => histogram?.count)).toEqual([6, 3]);
  expect(pools(8).map(({ histogram }) => histogram?.sum)).toEqual([180e6, 90e6]);
});
