// Intervals of percentiles, against sums of binomial chances worked out with whole numbers.

import { expect, test } from "bun:test";
import { countNeeded, Sample } from "#metrics";
import { confidenceOf, intervalPlaces } from "../../src/metrics/confidence.ts";

/** The chance of exactly k of n, by multiplication. */
function chance(n: number, k: number, p: number): number {
  let product = 1;
  for (let i = 1; i <= k; i++) product *= ((n - k + i) / i) * p;
  return product * (1 - p) ** (n - k);
}

test("the median of ten lies between the second and the ninth value", () => {
  // 1024 ways: 1 + 10 leave fewer than two below, 45 more fewer than three: 11/1024 is 1.07 %.
  expect(intervalPlaces(10, 50)).toEqual({ low: 1, high: 8 });
});

test("the median of five has no interval at 95 %", () => {
  // All five on one side: 1/32 is more than 2.5 %.
  expect(intervalPlaces(5, 50)).toEqual({ low: undefined, high: undefined });
  // Of six it is 1/64.
  expect(intervalPlaces(6, 50)).toEqual({ low: 0, high: 5 });
});

test.each([
  [20, 50],
  [100, 90],
  [100, 99],
  [400, 99],
])("of %d values, p%d: as wide as it must be and no wider", (n, percent) => {
  const { low, high } = intervalPlaces(n, percent);
  const upTo = (k: number) =>
    Array.from({ length: k + 1 }, (_, i) => chance(n, i, percent / 100)).reduce((a, b) => a + b, 0);
  expect(upTo(low!)).toBeLessThanOrEqual(0.025);
  expect(upTo(low! + 1)).toBeGreaterThan(0.025);
  if (high === undefined) expect(chance(n, n, percent / 100)).toBeGreaterThan(0.025);
  else {
    expect(1 - upTo(high)).toBeLessThanOrEqual(0.025);
    expect(1 - upTo(high - 1)).toBeGreaterThan(0.025);
  }
});

test("a p99 has an upper end from 368 values on", () => {
  expect(countNeeded(99)).toBe(368);
  expect(intervalPlaces(367, 99).high).toBeUndefined();
  expect(intervalPlaces(368, 99).high).toBe(367);
});

test("a million values: as the normal approximation says", () => {
  const { low, high } = intervalPlaces(1_000_000, 50);
  expect(Math.abs(low! - (500_000 - 980))).toBeLessThan(3);
  expect(Math.abs(high! - (500_000 + 980))).toBeLessThan(3);
});

test("the ends are values of the sample, in display units", () => {
  const sample = Float64Array.from({ length: 10 }, (_, i) => (10 - i) * 1e6);
  expect(confidenceOf(new Sample(sample), 1e6)).toEqual({
    p50: { low: 2, high: 9 },
    // 0.9^10 is 35 %: above there is no end; below, five of ten are fewer with 0.2 %.
    p90: { low: 7, high: undefined },
    p99: { low: 9, high: undefined },
  });
  expect(confidenceOf(new Sample(new Float64Array(0)), 1)).toBeUndefined();
});
