// Percentiles in which every failed request counts as infinitely slow, so that a server cannot
// improve its tail by failing. Only what is finite is reported.

import { roundHalfToEven } from "#core";
import { type MetricStats, PERCENTILES } from "./statistics.ts";

/**
 * The error-adjusted statistics of a sample, each divided by `divisor`: percentiles by the nearest
 * rank (numpy's "nearest"), because no one can interpolate towards infinity.
 * @param values of the requests that succeeded; sorted
 */
export function adjustedStats(
  values: Float64Array,
  errorCount: number,
  divisor: number,
): MetricStats | undefined {
  if (values.length === 0 || errorCount === 0) return undefined;
  const count = values.length + errorCount;
  const ranks = PERCENTILES.map((percent) => roundHalfToEven((percent / 100) * (count - 1)));
  const finite = ranks.filter((rank) => rank < values.length);
  values.sort();
  return {
    ...Object.fromEntries(finite.map((rank, i) => [`p${PERCENTILES[i]}`, values[rank]! / divisor])),
    min: values[0]! / divisor,
    count,
  };
}
