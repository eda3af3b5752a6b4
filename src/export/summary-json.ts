// profile_export_aiperf.json: the whole run in one object. AIPerf's readers look keys up by name
// and people read from the top, so both its keys and their order are kept.

import { randomBytes } from "node:crypto";
import { VERSION, wallNs } from "#core";
import {
  CONFIDENCE_LEVEL,
  type ErrorGroup,
  type MetricResult,
  STEADY_METHOD,
  type Summary,
} from "#metrics";
import { exactJson } from "./exact-json.ts";
import { localTime } from "./local-time.ts";
import { metricsObject } from "./metric-json.ts";
import { acceptanceObject } from "./spec-decode.ts";

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
    ...(summary.acceptance.length > 0
      ? { pooled_spec_decode_acceptance_histogram: acceptanceObject(summary.acceptance) }
      : {}),
    ...all,
    ...blocksOf(summary),
    ...(run.audit === undefined ? {} : { audit: run.audit }),
    ...(notes.length > 0 ? { metadata: { notes } } : {}),
  };
  return exactJson(report);
}

/** What AIPerf's files have not, each under a key of its own. */
function blocksOf(summary: Summary): object {
  const { slos, steady, hdr, sliced } = summary;
  const confidence = summary.metrics.filter((metric) => metric.confidence !== undefined);
  return {
    ...(slos.length > 0 ? { slo_attainment: slos.map(attainmentObject) } : {}),
    ...(confidence.length > 0
      ? {
          confidence: {
            level: CONFIDENCE_LEVEL,
            method: "order-statistics",
            metrics: Object.fromEntries(confidence.map((m) => [m.tag, confidenceObject(m)])),
          },
        }
      : {}),
    ...(steady === undefined ? {} : { steady_state: steadyObject(summary, steady) }),
    ...(sliced === undefined
      ? {}
      : { trend: { ...sliced.trend, slice_duration_sec: sliced.sliceNs / 1e9 } }),
    ...(hdr.length > 0
      ? { hdr: Object.fromEntries(hdr.map(({ tag, ...histogram }) => [tag, histogram])) }
      : {}),
  };
}

function attainmentObject(slo: Summary["slos"][number]): object {
  return {
    tag: slo.tag,
    unit: slo.unit,
    [slo.largerIsBetter ? "at_least" : "at_most"]: slo.limit,
    met_count: slo.metCount,
    missed_count: slo.requestCount - slo.metCount,
    met_fraction: slo.requestCount === 0 ? 0 : slo.metCount / slo.requestCount,
  };
}

function confidenceObject({ unit, confidence }: MetricResult): object {
  return { unit, ...confidence };
}

function steadyObject(
  { epoch }: Summary,
  { startNs, endNs, okCount, errorCount, metrics }: NonNullable<Summary["steady"]>,
): object {
  return {
    method: STEADY_METHOD,
    start_ns: wallNs(epoch, startNs),
    end_ns: wallNs(epoch, endNs),
    successful_request_count: okCount,
    error_request_count: errorCount,
    metrics: metricsObject(metrics),
  };
}

export function errorObject({ code, type, message, count }: ErrorGroup): object {
  return { error_details: { code, type, message }, count };
}
