// The statistics of a sample: exact percentiles with linear interpolation between neighbours
// (numpy's "linear"), and the standard deviation of the population, as AIPerf reports them.

import { type HistogramData, valueAtRank } from "./histogram.ts";
import type { Sample } from "./sample.ts";

export const PERCENTILES = [1, 5, 10, 25, 50, 75, 90, 95, 99] as const;

/** Such as `p50`, and `p99.9` where one was asked for. */
export type PercentileKey = `p${number}`;
export type StatKey = "avg" | "min" | "max" | "sum" | PercentileKey | "std" | "count";

/** What is known of a metric, in its display unit; what makes no sense for it is absent. */
export type MetricStats = { readonly [Key in StatKey]?: number };

/** The value that a share of `percent` / 100 of the ascending `sorted` does not exceed. */
export function percentile(sorted: Float64Array, percent: number): number {
  return interpolated(sorted.length, percent, (rank) => sorted[rank]!);
}

/** The ranks that percentiles of a sample lie at or between. */
function ranksOf(count: number, percents: readonly number[]): number[] {
  return percents.flatMap((percent) => {
    const rank = Math.floor((percent / 100) * (count - 1));
    return [rank, rank + 1];
  });
}

function interpolated(count: number, percent: number, at: (rank: number) => number): number {
  const place = (percent / 100) * (count - 1);
  const rank = Math.floor(place);
  const low = at(rank);
  const share = place - rank;
  return share === 0 ? low : low + (at(rank + 1) - low) * share;
}

/**
 * The statistics of a sample, each divided by `divisor`; undefined of an empty one.
 * @param percents the percentiles to find
 */
export function statsOf(
  sample: Sample,
  divisor: number,
  percents: readonly number[] = PERCENTILES,
): MetricStats | undefined {
  const { count, sum, values } = sample;
  if (count === 0) return undefined;
  const mean = sum / count;
  let squares = 0;
  for (let i = 0; i < count; i++) squares += (values[i]! - mean) ** 2;
  sample.seek([0, count - 1, ...ranksOf(count, percents)]);
  const at = (rank: number): number => sample.at(rank);
  const moments = { sum, mean, squares, min: at(0), max: at(count - 1) };
  return {
    ...scaled(moments, count, divisor),
    ...percentiles(percents, (percent) => interpolated(count, percent, at) / divisor),
  };
}

/** The same of a sample whose values are all equal. */
export function equalStats(
  value: number,
  count: number,
  divisor: number,
  percents: readonly number[] = PERCENTILES,
): MetricStats | undefined {
  if (count === 0) return undefined;
  return {
    ...scaled(
      { sum: value * count, mean: value, min: value, max: value, squares: 0 },
      count,
      divisor,
    ),
    ...percentiles(percents, () => value / divisor),
  };
}

/** The same of a histogram: exact but for the percentiles, which are its slots' middles. */
export function histogramStats(
  data: HistogramData,
  divisor: number,
  percents: readonly number[] = PERCENTILES,
): MetricStats | undefined {
  const { count, sum } = data;
  if (count === 0) return undefined;
  const at = (rank: number): number => valueAtRank(data, rank);
  return {
    ...scaled({ ...data, mean: sum / count }, count, divisor),
    ...percentiles(percents, (percent) => interpolated(count, percent, at) / divisor),
  };
}

interface Moments {
  readonly sum: number;
  readonly mean: number;
  readonly min: number;
  readonly max: number;
  readonly squares: number;
}

function scaled(moments: Moments, count: number, divisor: number): MetricStats {
  return {
    avg: moments.mean / divisor,
    min: moments.min / divisor,
    max: moments.max / divisor,
    sum: moments.sum / divisor,
    std: Math.sqrt(moments.squares / count) / divisor,
    count,
  };
}

function percentiles(percents: readonly number[], at: (percent: number) => number): MetricStats {
  return Object.fromEntries(percents.map((percent) => [`p${percent}`, at(percent)]));
}
