// The door to the metrics: records in, figures out.

export { CATALOGUE, lineRows, type MeasuredPlan, rowsFor } from "./catalogue.ts";
export {
  type Collector,
  type CollectorOptions,
  type CollectorSnapshot,
  createCollector,
  type RecordValues,
} from "./collector.ts";
export {
  CONFIDENCE_LEVEL,
  type Confidence,
  countNeeded,
  type Interval,
  SURE_PERCENTILES,
} from "./confidence.ts";
export type { Window } from "./curve-stats.ts";
export type { ErrorGroup } from "./errors.ts";
export { fixed2 } from "./fixed.ts";
export type { Attainment, Slo } from "./goodput.ts";
export type { HdrHistogram } from "./hdr.ts";
export { HISTOGRAM_ERROR } from "./histogram.ts";
export { joinSnapshots } from "./join.ts";
export { type RequestTimes, requestTimes } from "./request-times.ts";
export type { MetricResult } from "./results.ts";
export { giveBack } from "./room.ts";
export type {
  AggregateRow,
  DerivedRow,
  Group,
  LineRow,
  ListRow,
  MetricFacts,
  MetricRow,
  RecordRow,
} from "./row.ts";
export { Sample } from "./sample.ts";
export { SLICES_MAX, type Slice } from "./slices.ts";
export { type MetricStats, PERCENTILES, percentile, type StatKey, statsOf } from "./statistics.ts";
export { STEADY_METHOD, type Steady } from "./steady.ts";
export {
  metricOf,
  type PhaseSummary,
  type Sliced,
  type SummarizeOptions,
  type Summary,
  summarize,
} from "./summarize.ts";
export { SIGNIFICANT, type Trend } from "./trend.ts";
export { divisor, type Unit } from "./units.ts";
export { DISCREPANCY_PCT } from "./usage.ts";
