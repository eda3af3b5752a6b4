// Our figures against those that AIPerf 0.13 computed from the same requests, every statistic of
// every metric that both have.

import { expect, test } from "bun:test";
import { CATALOGUE, createCollector, type MetricStats, metricOf, summarize } from "#metrics";
import { type GoldenRun, goldenRecords, goldenText } from "./golden-records.ts";
import { STREAMING } from "./make-record.ts";

const EXACT = 1e-9;

/** Where the two cannot agree to nine digits, and why. Absolute differences, in display units. */
const TOLERATED: { readonly [tag: string]: (value: number) => number } = {
  // They subtract wall-clock times as doubles, which have a grain of 256 ns.
  credit_to_start_latency: () => 0.0006,
  effective_latency: () => 0.0006,
  benchmark_duration: () => 6e-7,
  // Their window is written with microseconds: over 0.6 s, good for six digits.
  ...Object.fromEntries(
    [
      "request_throughput",
      "output_token_throughput",
      "input_token_throughput",
      "total_token_throughput",
    ].map((tag) => [tag, (value: number) => value * 4e-6]),
  ),
};

/** Curves over time stand on the same grain: four digits. */
const CURVE = /^(effective_(?!latency)|active_|tokens_in_flight)/;

/**
 * Where one gap between chunks ends and the next begins, their grain leaves slivers of up to 256 ns
 * in which neither or both count. They weigh nothing, but they make their extremes of the rate, and
 * show in the third digit of its spread.
 */
const SLIVERS = /^(effective|active)_decode_throughput/;

/** Metrics of AIPerf that are not in the catalogue. */
const NOT_OURS = /^(goodput|good_)/;
/** Metrics that AIPerf has not: it measures latency from the send alone. */
const OURS_ALONE = /_from_due$/;
const OURS_TOO = new Set(CATALOGUE.map((row) => row.tag));

interface GoldenSummary {
  readonly start_time: string;
  readonly end_time: string;
  readonly error_summary: readonly { readonly error_details: object; readonly count: number }[];
  readonly [tag: string]: unknown;
}

function micros(time: string): bigint {
  const [seconds, fraction] = time.split(".");
  return BigInt(Date.parse(`${seconds}Z`)) * 1000n + BigInt(fraction!);
}

function both(run: GoldenRun) {
  const theirs = JSON.parse(goldenText(run, "profile_export_aiperf.json")) as GoldenSummary;
  const { records, epoch } = goldenRecords(run);
  // Two recorders, as in a real run.
  const collectors = [createCollector({ plan: STREAMING }), createCollector({ plan: STREAMING })];
  records.forEach((record, index) => {
    collectors[index % 2]!.add(record);
  });
  const monotonic = (time: string): number => Number(micros(time) * 1000n - epoch.wallNs);
  const ours = summarize(
    collectors.map((collector) => collector.snapshot().data),
    {
      plan: STREAMING,
      epoch,
      window: { startNs: monotonic(theirs.start_time), endNs: monotonic(theirs.end_time) },
    },
  );
  return { theirs, ours };
}

test.each(["stream", "errors"] as const)("%s: every figure is AIPerf's", (run) => {
  const { theirs, ours } = both(run);
  let compared = 0;
  for (const { tag, unit, stats } of ours.metrics) {
    if (OURS_ALONE.test(tag)) continue;
    const expected = theirs[tag] as MetricStats & { readonly unit: string };
    expect(expected, tag).toBeDefined();
    expect<string>(unit, tag).toBe(expected.unit);
    const { unit: _, ...figures } = expected;
    expect(Object.keys(stats).sort(), tag).toEqual(Object.keys(figures).sort());
    for (const [key, value] of Object.entries(figures as { readonly [key: string]: number })) {
      const scale = key === "sum" ? (stats.count ?? 1) : 1;
      if (SLIVERS.test(tag) && (key === "min" || key === "max")) continue;
      const sliver = SLIVERS.test(tag) && key === "std";
      const exact = sliver ? 3e-3 : CURVE.test(tag) ? 1e-4 : EXACT;
      const slack = TOLERATED[tag]?.(value) ?? Math.abs(value) * exact + 1e-12;
      const difference = Math.abs((stats[key as keyof MetricStats] ?? Number.NaN) - value);
      expect(difference, `${tag}.${key}`).toBeLessThanOrEqual(slack * scale);
      compared++;
    }
  }
  expect(compared).toBeGreaterThan(400);
});

test.each(["stream", "errors"] as const)("%s: no metric of the catalogue is missing", (run) => {
  const { theirs, ours } = both(run);
  const missing = Object.keys(theirs)
    .filter((tag) => OURS_TOO.has(tag.replace(/^adj_/, "")) && !NOT_OURS.test(tag))
    .filter((tag) => metricOf(ours.metrics, tag) === undefined);
  expect(missing).toEqual([]);
});

test("errors: the failures are grouped and no latency includes them", () => {
  const { theirs, ours } = both("errors");
  expect(ours.errors.map(({ count, ...error }) => ({ error_details: error, count }))).toEqual(
    theirs.error_summary.map(({ error_details, count }) => ({
      error_details: error_details as never,
      count,
    })),
  );
  expect([ours.okCount, ours.errorCount]).toEqual([17, 3]);
  expect(metricOf(ours.metrics, "request_latency")?.stats.count).toBe(17);
});
