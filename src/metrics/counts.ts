// How many requests, how many of them failed, and how long the whole took.

import { type MetricRow, rowsLike, type Totals } from "./row.ts";
import { requestLatencyNs } from "./timing.ts";

/** How servers say that a request did not fit: words of the OpenAI API, vLLM, SGLang and TGI. */
const CONTEXT_OVERFLOW =
  /context[_ ]length|context[_ ]window|context size|maximum.{0,20} (tokens|length)|too many (input )?tokens|(prompt|input).{0,40} (too long|exceeds)/i;

const completed = (totals: Totals): number => orZero(totals, "request_count") + failed(totals);
const failed = (totals: Totals): number => orZero(totals, "error_request_count");

function orZero(totals: Totals, tag: string): number {
  return totals.of(tag) || 0;
}

const sum = rowsLike({ kind: "aggregate", fold: "sum", unit: "requests" });

export const COUNTS: readonly MetricRow[] = [
  sum({
    tag: "request_count",
    header: "Request Count",
    scope: "ok",
    order: 1100,
    group: "default",
    largerIsBetter: true,
    of: () => 1,
  }),
  sum({
    tag: "error_request_count",
    header: "Error Request Count",
    scope: "error",
    group: "none",
    of: () => 1,
  }),
  sum({
    tag: "context_overflow_count",
    header: "Context Overflow Count",
    scope: "error",
    group: "none",
    of: (r) => (CONTEXT_OVERFLOW.test(r.error?.message ?? "") ? 1 : 0),
  }),
  {
    kind: "derived",
    tag: "request_throughput",
    header: "Request Throughput",
    shortHeader: "Req/sec",
    unit: "requests/sec",
    order: 900,
    group: "default",
    largerIsBetter: true,
    of: (t) => t.of("request_count") / t.windowS,
  },
  {
    kind: "derived",
    tag: "completed_request_count",
    header: "Completed Requests (Success + Error)",
    unit: "requests",
    order: 1075,
    group: "default",
    of: (t) => completed(t) || Number.NaN,
  },
  {
    kind: "derived",
    tag: "request_error_rate",
    header: "Request Error Rate",
    unit: "%",
    order: 1080,
    group: "default",
    of: (t) => (100 * failed(t)) / completed(t),
  },
  {
    kind: "aggregate",
    fold: "min",
    scope: "ok",
    tag: "min_request_timestamp",
    header: "Minimum Request Timestamp",
    unit: "ns",
    group: "none",
    hidden: "internal",
    of: (r) => r.startNs,
  },
  {
    kind: "aggregate",
    fold: "max",
    scope: "ok",
    tag: "max_response_timestamp",
    header: "Maximum Response Timestamp",
    unit: "ns",
    group: "none",
    hidden: "internal",
    of: (r) => r.startNs + requestLatencyNs(r),
  },
  {
    kind: "derived",
    tag: "benchmark_duration",
    header: "Benchmark Duration",
    unit: "ns",
    displayUnit: "sec",
    group: "none",
    of: (t) => t.phasesNs ?? t.of("max_response_timestamp") - t.of("min_request_timestamp"),
  },
];
