// Percentiles in which every failed request counts as infinitely slow, so that a server cannot
// improve its tail by failing. Only what is finite is reported.

import { roundHalfToEven } from "#core";
import type { Sample } from "./sample.ts";
import { type MetricStats, PERCENTILES } from "./statistics.ts";

/**
 * The error-adjusted statistics of a sample, each divided by `divisor`: percentiles by the nearest
 * rank (numpy's "nearest"), because no one can interpolate towards infinity.
 * @param sample of the requests that succeeded
 */
export function adjustedStats(
  sample: Sample,
  errorCount: number,
  divisor: number,
): MetricStats | undefined {
  if (sample.count === 0 || errorCount === 0) return undefined;
  const count = sample.count + errorCount;
  const ranks = PERCENTILES.map((percent) => roundHalfToEven((percent / 100) * (count - 1)));
  const finite = ranks.filter((rank) => rank < sample.count);
  sample.seek([0, ...finite]);
  return {
    ...Object.fromEntries(
      finite.map((rank, i) => [`p${PERCENTILES[i]}`, sample.at(rank) / divisor]),
    ),
    min: sample.at(0) / divisor,
    count,
  };
}
