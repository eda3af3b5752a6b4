// Whether a run changed while it went, and whether chance could have done that. A warm-up is a
// first slice whose requests are slower than the later ones' (Mann and Whitney's test); a
// degradation is a rise of the later slices' averages (Mann's and Kendall's test of trend, with
// Theil's and Sen's slope for its size).

/** The chance at which something is called a finding. */
export const SIGNIFICANT = 0.05;

/** A change that is smaller than this share of the usual value matters to no one. */
const CHANGE_MIN = 0.05;
const WARMUP_MIN = 0.1;
/** Fewer show nothing at all, or no trend: of four in order chance makes every twelfth. */
const SLICES_MIN = 3;
const TREND_SLICES_MIN = 5;
const SLICES_TESTED_MAX = 200;

export interface Trend {
  readonly finding: "warm-up" | "degradation" | "improvement" | "steady" | "unknown";
  /** The chance of such a figure if nothing had changed; undefined where there was nothing to test. */
  readonly p: number | undefined;
  readonly test: "Mann-Whitney" | "Mann-Kendall" | undefined;
  /** From the first slice to the rest, or from the first of the rest to the last; a share. */
  readonly change: number;
}

const UNKNOWN: Trend = { finding: "unknown", p: undefined, test: undefined, change: 0 };

/**
 * What happened over time to a latency: the gravest finding.
 * @param slices the values of each slice's requests, in order of time
 */
export function trendOf(slices: readonly Float64Array[]): Trend {
  const filled = coarser(slices.filter((values) => values.length > 0));
  if (filled.length < SLICES_MIN) return UNKNOWN;
  const later = filled.slice(1);
  const averages = later.map(mean);
  const usual = median(averages);

  const slope = theilSen(averages) * (averages.length - 1);
  const rise = { p: mannKendall(averages), change: slope / usual };
  const isTrend = rise.p < SIGNIFICANT && Math.abs(rise.change) >= CHANGE_MIN;
  if (isTrend && rise.change > 0) return { finding: "degradation", test: "Mann-Kendall", ...rise };

  const [first] = filled;
  const start = { p: mannWhitney(first!, joined(later)), change: mean(first!) / usual - 1 };
  if (start.p < SIGNIFICANT && start.change >= WARMUP_MIN)
    return { finding: "warm-up", test: "Mann-Whitney", ...start };
  if (later.length < TREND_SLICES_MIN) return UNKNOWN;
  return { finding: isTrend ? "improvement" : "steady", test: "Mann-Kendall", ...rise };
}

/**
 * The two-sided chance of as strong a monotonic trend in a series without one: exact for up to ten
 * values without ties, by the normal approximation beyond.
 */
export function mannKendall(values: readonly number[]): number {
  const n = values.length;
  let score = 0;
  for (let i = 0; i < n; i++)
    for (let j = i + 1; j < n; j++) score += Math.sign(values[j]! - values[i]!);
  const ties = tieSizes(values);
  if (n <= 10 && ties.every((size) => size === 1)) return exactKendall(n, Math.abs(score));
  const spread = (count: number): number => count * (count - 1) * (2 * count + 5);
  const variance = (spread(n) - ties.reduce((sum, size) => sum + spread(size), 0)) / 18;
  if (variance === 0 || score === 0) return 1;
  return twoSided((Math.abs(score) - 1) / Math.sqrt(variance));
}

/** The chance that a random order of n values has a score of at least `score`, either way. */
function exactKendall(n: number, score: number): number {
  // How many orders of the first i values have k inversions; the score is n(n−1)/2 − 2k.
  let orders = [1];
  for (let i = 2; i <= n; i++) {
    const next = new Array<number>(orders.length + i - 1).fill(0);
    for (const [k, count] of orders.entries()) for (let j = 0; j < i; j++) next[k + j]! += count;
    orders = next;
  }
  const pairs = (n * (n - 1)) / 2;
  const total = orders.reduce((sum, count) => sum + count, 0);
  return orders.reduce(
    (sum, count, k) => (Math.abs(pairs - 2 * k) >= score ? sum + count / total : sum),
    0,
  );
}

/** The one-sided chance that the first sample is this much larger than the second, tie-corrected. */
export function mannWhitney(first: Float64Array, second: Float64Array): number {
  const [n, m] = [first.length, second.length];
  if (n === 0 || m === 0) return 1;
  const a = first.slice().sort();
  const b = second.slice().sort();
  // Pairs in which the first is larger; half for equal ones.
  let larger = 0;
  let [below, upTo] = [0, 0];
  for (const value of a) {
    while (below < m && b[below]! < value) below++;
    while (upTo < m && b[upTo]! <= value) upTo++;
    larger += (below + upTo) / 2;
  }
  const total = n + m;
  const tied = tieSizes(joined([a, b])).reduce((sum, size) => sum + size ** 3 - size, 0);
  const variance = ((n * m) / 12) * (total + 1 - tied / (total * (total - 1)));
  if (variance === 0) return 1;
  return upperTail((larger - (n * m) / 2 - 0.5) / Math.sqrt(variance));
}

/** The median of the slopes between all pairs of values, per step. */
export function theilSen(values: readonly number[]): number {
  const slopes: number[] = [];
  for (let i = 0; i < values.length; i++)
    for (let j = i + 1; j < values.length; j++) slopes.push((values[j]! - values[i]!) / (j - i));
  return slopes.length === 0 ? 0 : median(slopes);
}

/** Neighbours joined until there are few enough for tests that look at every pair. */
function coarser(slices: readonly Float64Array[]): readonly Float64Array[] {
  const size = Math.ceil(slices.length / SLICES_TESTED_MAX);
  if (size <= 1) return slices;
  return Array.from({ length: Math.ceil(slices.length / size) }, (_, i) =>
    joined(slices.slice(i * size, (i + 1) * size)),
  );
}

function tieSizes(values: Iterable<number>): readonly number[] {
  const sizes = new Map<number, number>();
  for (const value of values) sizes.set(value, (sizes.get(value) ?? 0) + 1);
  return [...sizes.values()];
}

function twoSided(z: number): number {
  return Math.min(1, 2 * upperTail(z));
}

/** The standard normal's upper tail: Abramowitz and Stegun 26.2.17, good to 7.5e-8. */
function upperTail(z: number): number {
  if (z < 0) return 1 - upperTail(-z);
  const t = 1 / (1 + 0.2316419 * z);
  const series =
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * series;
}

function mean(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function joined(samples: readonly Float64Array[]): Float64Array {
  const whole = new Float64Array(samples.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const sample of samples) {
    whole.set(sample, at);
    at += sample.length;
  }
  return whole;
}
