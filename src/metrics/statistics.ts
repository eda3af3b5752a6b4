// The statistics of a sample: exact percentiles with linear interpolation between neighbours
// (numpy's "linear"), and the standard deviation of the population, as AIPerf reports them.

import { type HistogramData, valueAtRank } from "./histogram.ts";

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

function interpolated(count: number, percent: number, at: (rank: number) => number): number {
  const place = (percent / 100) * (count - 1);
  const rank = Math.floor(place);
  const low = at(rank);
  const share = place - rank;
  return share === 0 ? low : low + (at(rank + 1) - low) * share;
}

/**
 * The statistics of a sample, each divided by `divisor`; undefined of an empty one.
 * @param values are sorted
 * @param percents the percentiles to find
 */
export function statsOf(
  values: Float64Array,
  divisor: number,
  percents: readonly number[] = PERCENTILES,
): MetricStats | undefined {
  const count = values.length;
  if (count === 0) return undefined;
  const sum = sumOf(values);
  const mean = sum / count;
  let squares = 0;
  for (let i = 0; i < count; i++) squares += (values[i]! - mean) ** 2;
  values.sort();
  const [min, max] = [values[0]!, values[count - 1]!];
  return {
    ...scaled({ sum, mean, min, max, squares }, count, divisor),
    ...percentiles(percents, (percent) => percentile(values, percent) / divisor),
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

/** Neumaier's summation: the error does not grow with the number of values. */
export function sumOf(values: Float64Array): number {
  let sum = 0;
  let lost = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    const next = sum + value;
    lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
    sum = next;
  }
  return sum + lost;
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
