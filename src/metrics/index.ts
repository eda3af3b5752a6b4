// The door to the metrics: records in, figures out.

export { CATALOGUE, lineRows, type MeasuredPlan, rowsFor } from "./catalogue.ts";
export {
  type Collector,
  type CollectorOptions,
  type CollectorSnapshot,
  createCollector,
  type RecordValues,
} from "./collector.ts";
export type { Window } from "./curve-stats.ts";
export type { ErrorGroup } from "./errors.ts";
export { fixed2 } from "./fixed.ts";
export { type RequestTimes, requestTimes } from "./request-times.ts";
export type { MetricResult } from "./results.ts";
export type {
  AggregateRow,
  DerivedRow,
  Group,
  ListRow,
  MetricFacts,
  MetricRow,
  RecordRow,
} from "./row.ts";
export { type MetricStats, PERCENTILES, percentile, type StatKey, statsOf } from "./statistics.ts";
export { metricOf, type SummarizeOptions, type Summary, summarize } from "./summarize.ts";
export { divisor, type Unit } from "./units.ts";
export { DISCREPANCY_PCT } from "./usage.ts";
