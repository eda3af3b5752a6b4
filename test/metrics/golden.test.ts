// Our figures against those that AIPerf 0.13 computed from the same requests, every statistic of
// every metric that both have.

import { expect, test } from "bun:test";
import {
  createCollector,
  type MetricResult,
  type MetricStats,
  metricOf,
  summarize,
  type Window,
} from "#metrics";
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
      "goodput",
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

/** A token that comes within a grain of another request's end is out with it for them, or is not. */
const TOKENS = "tokens_in_flight";

/** Metrics that AIPerf has not: it measures latency from the send alone. */
const OURS_ALONE = /_from_due$/;
const RUNS = ["stream", "errors", "cancel", "warmup", "multiturn"] as const;

/** The limits that the first run was given. */
const SLOS = [
  { tag: "time_to_first_token", limit: 200 },
  { tag: "request_latency", limit: 2000 },
];

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

/** What their summary says is not about a metric. */
const FACTS = new Set(
  (
    "schema_version aiperf_version benchmark_id input_config run_info was_cancelled is_complete " +
    "error_summary start_time end_time warmup_metrics"
  ).split(" "),
);

function both(run: GoldenRun) {
  const theirs = JSON.parse(goldenText(run, "profile_export_aiperf.json")) as GoldenSummary;
  const { records, epoch } = goldenRecords(run);
  const plan = { ...STREAMING, slos: run === "stream" ? SLOS : [] };
  // Two recorders, as in a real run.
  const collectors = [createCollector({ plan }), createCollector({ plan })];
  records.forEach((record, index) => {
    collectors[index % 2]!.add(record);
  });
  const monotonic = (time: string): number => Number(micros(time) * 1000n - epoch.wallNs);
  const ours = summarize(
    collectors.map((collector) => collector.snapshot().data),
    {
      plan,
      epoch,
      window: { startNs: monotonic(theirs.start_time), endNs: monotonic(theirs.end_time) },
      warmupWindow: warmupWindow(run, epoch.wallNs),
      sliceNs: run === "stream" ? 1e9 : undefined,
    },
  );
  return { theirs, ours };
}

function warmupWindow(run: GoldenRun, wallNs: bigint): Window | undefined {
  if (run !== "warmup") return undefined;
  const text = goldenText(run, "phase_manifest.json");
  const [startNs, endNs] = ["start_ns", "end_ns"].map((key) =>
    Number(BigInt(new RegExp(`"${key}": (\\d{19})`).exec(text)![1]!) - wallNs),
  );
  return { startNs: startNs!, endNs: endNs! };
}

type Figures = { readonly [key: string]: number };

/** Holds each of our figures against theirs; how many there were. */
function compare(ours: readonly MetricResult[], theirs: { readonly [tag: string]: unknown }) {
  let compared = 0;
  for (const { tag, unit, stats } of ours) {
    if (OURS_ALONE.test(tag)) continue;
    const expected = theirs[tag] as MetricStats & { readonly unit: string };
    expect(expected, tag).toBeDefined();
    expect<string>(unit, tag).toBe(expected.unit);
    const { unit: _, ...figures } = expected;
    expect(Object.keys(stats).sort(), tag).toEqual(Object.keys(figures).sort());
    for (const [key, value] of Object.entries(figures as Figures)) {
      const scale = key === "sum" ? (stats.count ?? 1) : 1;
      if (SLIVERS.test(tag) && (key === "min" || key === "max")) continue;
      const sliver = SLIVERS.test(tag) && key === "std";
      const curve = tag === TOKENS ? 1e-3 : 1e-4;
      const exact = sliver ? 3e-3 : CURVE.test(tag) ? curve : EXACT;
      const slack =
        tag === TOKENS && key === "max"
          ? 1.001
          : (TOLERATED[tag]?.(value) ?? Math.abs(value) * exact + 1e-12);
      const difference = Math.abs((stats[key as keyof MetricStats] ?? Number.NaN) - value);
      expect(difference, `${tag}.${key}`).toBeLessThanOrEqual(slack * scale);
      compared++;
    }
  }
  return compared;
}

test.each(RUNS)("%s: every figure is AIPerf's", (run) => {
  const { theirs, ours } = both(run);
  expect(compare(ours.metrics, theirs)).toBeGreaterThan(400);
});

test("warmup: every figure of the warm-up is AIPerf's", () => {
  const { theirs, ours } = both("warmup");
  const warmup = theirs.warmup_metrics as { readonly [tag: string]: unknown };
  expect(compare(ours.warmupMetrics, warmup)).toBeGreaterThan(400);
});

test("stream: every figure of every slice is AIPerf's", () => {
  const { ours } = both("stream");
  const file = JSON.parse(goldenText("stream", "profile_export_aiperf_timeslices.json"));
  const slices: readonly { readonly [tag: string]: unknown }[] = file.timeslices;
  expect(ours.sliced!.slices.length).toBe(slices.length);
  for (const [i, { metrics }] of ours.sliced!.slices.entries())
    expect(compare(metrics, slices[i]!)).toBeGreaterThan(400);
});

test.each(RUNS)("%s: no metric is missing", (run) => {
  const { theirs, ours } = both(run);
  const missing = Object.keys(theirs)
    .filter((key) => !FACTS.has(key))
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
