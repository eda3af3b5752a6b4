import { expect, test } from "bun:test";
import type { RequestRecord } from "#core";
import { createCollector, metricOf, type Slice, summarize } from "#metrics";
import { makeFailure, makeRecord, ms, STREAMING } from "./make-record.ts";

const PLAN = { ...STREAMING, slos: [{ tag: "time_to_first_token", limit: 100 }] };

/** A request from `start` ms on: first content after `ttft`, one more 20 ms later, end with it. */
function request(start: number, ttft: number): RequestRecord {
  return makeRecord({
    ...{ dueNs: start * 1e6, startNs: start * 1e6, endNs: (start + ttft + 20) * 1e6 },
    ...{ contentNs: ms(start + ttft, start + ttft + 20), firstOutputNs: (start + ttft) * 1e6 },
    outputTokens: 2,
  });
}

function slicesOf(records: readonly RequestRecord[], sliceNs: number): readonly Slice[] {
  const collectors = [createCollector({ plan: PLAN }), createCollector({ plan: PLAN })];
  records.forEach((record, i) => {
    collectors[i % 2]!.add(record);
  });
  const summary = summarize(
    collectors.map((collector) => collector.snapshot().data),
    {
      plan: PLAN,
      epoch: { monotonicNs: 0, wallNs: 0n },
      window: { startNs: 0, endNs: 5e9 },
      sliceNs,
    },
  );
  return summary.sliced!.slices;
}

const avg = (slice: Slice, tag: string) => metricOf(slice.metrics, tag)?.stats.avg;

test("a request belongs to the slice of its start; rates divide by the slice", () => {
  // The grid begins at 500 ms: [500, 1500), [1500, 2500), nothing, and [3500, 4120).
  const slices = slicesOf(
    [
      request(500, 80),
      request(1400, 300),
      request(1500, 100),
      request(4000, 100),
      makeFailure({ dueNs: 2000e6, startNs: 2000e6, endNs: 2100e6 }),
    ],
    1e9,
  );
  expect(slices.map(({ startNs, endNs, isComplete }) => [startNs, endNs, isComplete])).toEqual([
    [500e6, 1500e6, true],
    [1500e6, 2500e6, true],
    [3500e6, 4120e6, false],
  ]);
  expect(slices.map(({ okCount, errorCount }) => [okCount, errorCount])).toEqual([
    [2, 0],
    [1, 1],
    [1, 0],
  ]);
  expect(slices.map((slice) => avg(slice, "time_to_first_token"))).toEqual([190, 100, 100]);
  expect(slices.map((slice) => avg(slice, "request_throughput"))).toEqual([2, 1, 1 / 0.62]);
  expect(slices.map((slice) => avg(slice, "goodput"))).toEqual([1, 1, 1 / 0.62]);
  expect(avg(slices[1]!, "request_error_rate")).toBe(50);
  expect(metricOf(slices[0]!.metrics, "inter_chunk_latency")?.stats).toMatchObject({
    ...{ count: 2, avg: 20 },
  });
});

test("what goes on is that of all requests, cut at the edges", () => {
  // 500 to 600 and 1400 to 1720: 200 ms of the first second, 220 of the next.
  const slices = slicesOf([request(500, 80), request(1400, 300), request(2400, 80)], 1e9);
  expect(avg(slices[0]!, "effective_concurrency")).toBeCloseTo(0.2, 9);
  expect(avg(slices[1]!, "effective_concurrency")).toBeCloseTo(0.22 + 0.1, 9);
});

test("figures of a run as a whole are of no slice", () => {
  const tags = slicesOf([request(0, 50)], 1e9)[0]!.metrics.map(({ tag }) => tag);
  expect(tags).toContain("benchmark_duration");
  for (const tag of ["effective_latency", "credit_to_start_latency", "replay_sched_lag_p50"])
    expect(tags).not.toContain(tag);
});

test("slices together hold every request once, whatever threads they came by", () => {
  const records = Array.from({ length: 500 }, (_, i) => request((i * 7919) % 5000, 50 + (i % 9)));
  const slices = slicesOf(records, 0.7e9);
  expect(slices.reduce((sum, { okCount }) => sum + okCount, 0)).toBe(500);
  for (const slice of slices) {
    const from = slice.startNs / 1e6;
    const mine = records.map((r) => r.startNs / 1e6).filter((s) => s >= from && s < from + 700);
    expect(slice.okCount).toBe(mine.length);
  }
});
