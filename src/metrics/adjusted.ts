// Percentiles in which every failed request counts as infinitely slow, so that a server cannot
// improve its tail by failing. Only what is finite is reported.

import { type MetricStats, PERCENTILES } from "./statistics.ts";

/**
 * The error-adjusted statistics of a sample, each divided by `divisor`: percentiles by the nearest
 * rank (numpy's "nearest"), because no one can interpolate towards infinity.
 * @param sorted the values of the requests that succeeded, ascending
 */
export function adjustedStats(
  sorted: Float64Array,
  errorCount: number,
  divisor: number,
): MetricStats | undefined {
  if (sorted.length === 0 || errorCount === 0) return undefined;
  const count = sorted.length + errorCount;
  const finite = PERCENTILES.map((percent) => {
    const rank = roundHalfToEven((percent / 100) * (count - 1));
    return [`p${percent}`, sorted[rank]] as const;
  }).filter(
    (entry): entry is [`p${(typeof PERCENTILES)[number]}`, number] => entry[1] !== undefined,
  );
  return {
    ...Object.fromEntries(finite.map(([key, value]) => [key, value / divisor])),
    min: sorted[0]! / divisor,
    count,
  };
}

function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
