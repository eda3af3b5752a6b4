// profile_export_aiperf.json: the whole run in one object. AIPerf's readers look keys up by name
// and people read from the top, so both its keys and their order are kept.

import { randomBytes } from "node:crypto";
import { VERSION } from "#core";
import type { ErrorGroup, MetricResult, StatKey, Summary } from "#metrics";
import { localTime } from "./local-time.ts";

/** What is to be said about a run beside its figures. */
export interface RunFacts {
  /** Twelve hexadecimal digits. */
  readonly benchmarkId: string;
  readonly seed: number | undefined;
  readonly cliCommand: string;
  /** What the user set; secrets already redacted. */
  readonly inputConfig: { readonly [key: string]: unknown };
  readonly wasCancelled: boolean;
  /** Why the results are partial; undefined when they are not. */
  readonly incompleteReason: string | undefined;
  /** What a reader of the figures should know, such as that another tokenizer had to do. */
  readonly notes: readonly string[];
  /** The verdict on the run and what it stands on, in the shape of the audit's own schema. */
  readonly audit?: object;
}

/** A name for a run: twelve hexadecimal digits from the operating system. */
export function newBenchmarkId(): string {
  return randomBytes(6).toString("hex");
}

const SCHEMA_VERSION = "1.4";

/** Metrics that come first, in this order; the rest follows after the run's facts. */
const FIRST = [
  "request_throughput",
  "request_latency",
  "request_count",
  "time_to_first_token",
  "time_to_second_token",
  "inter_token_latency",
  "output_token_throughput",
  "output_token_throughput_per_user",
  "output_sequence_length",
  "input_sequence_length",
  "goodput",
  "good_request_count",
  "output_token_count",
  "reasoning_token_count",
  "min_request_timestamp",
  "max_response_timestamp",
  "inter_chunk_latency",
  "total_output_tokens",
  "total_reasoning_tokens",
  "benchmark_duration",
  "total_isl",
  "total_osl",
  "error_request_count",
  "error_isl",
  "total_error_isl",
] as const;

const STATS: readonly StatKey[] = [
  ...(["avg", "p1", "p5", "p10", "p25", "p50", "p75", "p90", "p95", "p99"] as const),
  ...(["min", "max", "std", "count", "sum"] as const),
];

/** The text of profile_export_aiperf.json. */
export function summaryJson(summary: Summary, run: RunFacts): string {
  const all = metricsObject(summary.metrics);
  const first = FIRST.filter((tag) => tag in all).map((tag) => [tag, all[tag]]);
  const { notes } = run;
  const report = {
    schema_version: SCHEMA_VERSION,
    aiperf_version: VERSION,
    benchmark_id: run.benchmarkId,
    ...Object.fromEntries(first),
    input_config: run.inputConfig,
    run_info: {
      benchmark_id: run.benchmarkId,
      random_seed: run.seed,
      trial: 0,
      cli_command: run.cliCommand,
    },
    was_cancelled: run.wasCancelled,
    is_complete: !run.wasCancelled && run.incompleteReason === undefined,
    incomplete_reason: run.incompleteReason,
    error_summary: summary.errors.map(errorObject),
    start_time: localTime(summary.startWallNs),
    end_time: localTime(summary.endWallNs),
    ...(summary.warmupMetrics.length > 0
      ? { warmup_metrics: metricsObject(summary.warmupMetrics) }
      : {}),
    ...all,
    ...(run.audit === undefined ? {} : { audit: run.audit }),
    ...(notes.length > 0 ? { metadata: { notes } } : {}),
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}

function metricsObject(metrics: readonly MetricResult[]): { readonly [tag: string]: object } {
  return Object.fromEntries(metrics.map((metric) => [metric.tag, metricObject(metric)]));
}

function metricObject({ unit, stats }: MetricResult): object {
  const known = STATS.filter((key) => Number.isFinite(stats[key]));
  return { unit, ...Object.fromEntries(known.map((key) => [key, stats[key]])) };
}

function errorObject({ code, type, message, count }: ErrorGroup): object {
  return { error_details: { code, type, message }, count };
}
