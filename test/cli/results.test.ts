import { expect, test } from "bun:test";
import { createCollector, metricOf, summarize } from "#metrics";
import { roughNotes } from "../../src/cli/results.ts";
import { POOL_VALUES_MAX } from "../../src/metrics/pool.ts";
import { makeRecord, STREAMING } from "../metrics/make-record.ts";

/** The summary of one reply of so many chunks, one each microsecond. */
function summaryOf(chunks: number) {
  const collector = createCollector({ plan: STREAMING });
  const contentNs = new Float64Array(chunks);
  for (let i = 0; i < chunks; i++) contentNs[i] = 1e9 + 1000 * i;
  collector.add(makeRecord({ contentNs, firstOutputNs: 1e9 }));
  return summarize([collector.snapshot().data], {
    plan: STREAMING,
    epoch: { monotonicNs: 0, wallNs: 0n },
    window: { startNs: 1e9, endNs: 20e9 },
  });
}

test("percentiles that are read off a histogram say so", () => {
  const summary = summaryOf(POOL_VALUES_MAX + 2);
  const gaps = metricOf(summary.metrics, "inter_chunk_latency");
  expect(gaps).toMatchObject({ isRough: true, stats: { count: POOL_VALUES_MAX + 1, avg: 0.001 } });
  expect(roughNotes(summary)).toEqual([
    "Inter Chunk Latency: too many values to keep, percentiles are read off a histogram, within 0.05 %",
  ]);
});

test("and those that are exact do not", () => {
  expect(roughNotes(summaryOf(100))).toEqual([]);
});
