import { expect, test } from "bun:test";
import { mannKendall, mannWhitney, theilSen, trendOf } from "../../src/metrics/trend.ts";

const of = (...values: number[]) => Float64Array.from(values);
/** Requests around a latency: the same five offsets, so that averages are exact. */
const around = (latency: number) => of(-2, -1, 0, 1, 2).map((offset) => latency + offset);

test("five rising values: one order of 120 rises, and one falls", () => {
  expect(mannKendall([1, 2, 3, 4, 5])).toBeCloseTo(2 / 120, 12);
  expect(mannKendall([5, 4, 3, 2, 1])).toBeCloseTo(2 / 120, 12);
  expect(mannKendall([3])).toBe(1);
});

test("four values with a score of 2: 18 of 24 orders are as far from none", () => {
  // Inversions 0 to 6 have 1, 3, 5, 6, 5, 3, 1 orders; scores 6 − 2k of at least 2 leave out 6.
  expect(mannKendall([1, 3, 4, 2])).toBeCloseTo(18 / 24, 12);
});

test("ties and long series go by the normal approximation", () => {
  // Twelve rising: S = 66, variance 12 · 11 · 29 / 18, z = 65 / 14.5831 = 4.4572, p = 8.3e-6.
  const rising = Array.from({ length: 12 }, (_, i) => i);
  expect(mannKendall(rising)).toBeCloseTo(8.3e-6, 6);
  expect(mannKendall([7, 7, 7, 7, 7, 7])).toBe(1);
});

test("ten against ten, all larger", () => {
  const low = Float64Array.from({ length: 10 }, (_, i) => i);
  const high = Float64Array.from({ length: 10 }, (_, i) => i + 100);
  // U = 100, mean 50, variance 100 / 12 · 21 = 175: z = 49.5 / 13.2288 = 3.7418, p = 9.14e-5.
  expect(mannWhitney(high, low)).toBeCloseTo(9.14e-5, 6);
  expect(mannWhitney(low, high)).toBeGreaterThan(0.999);
  expect(mannWhitney(of(1, 1), of(1, 1))).toBe(1);
  expect(mannWhitney(of(), of(1))).toBe(1);
});

test("the slope is the median of all slopes", () => {
  // Slopes of 0, 1, 8: 1, 4 and 7.
  expect(theilSen([0, 1, 8])).toBe(4);
  expect(theilSen([5])).toBe(0);
});

test("a slow first slice is a warm-up", () => {
  const trend = trendOf([around(545), ...[381, 376, 388, 387, 344, 374].map(around)]);
  expect(trend).toMatchObject({ finding: "warm-up", test: "Mann-Whitney" });
  // Against the median of the later averages, 378.5.
  expect(trend.change).toBeCloseTo(545 / 378.5 - 1, 9);
  expect(trend.p).toBeLessThan(0.001);
});

test("a rise from slice to slice is a degradation", () => {
  const trend = trendOf([100, 100, 110, 120, 130, 140, 150].map(around));
  expect(trend).toMatchObject({ finding: "degradation", test: "Mann-Kendall" });
  // Six later averages, 10 a slice over five steps, of a median of 125.
  expect(trend.change).toBeCloseTo(50 / 125, 9);
  expect(trend.p).toBeCloseTo(2 / 720, 9);
  expect(trendOf([200, 150, 140, 130, 120, 110, 100].map(around)).finding).toBe("warm-up");
  expect(trendOf([150, 150, 140, 130, 120, 110, 100].map(around)).finding).toBe("warm-up");
  expect(trendOf([120, 150, 140, 130, 120, 110, 100].map(around)).finding).toBe("improvement");
});

test("what chance can do is steady, and what is tiny does not matter", () => {
  expect(trendOf([102, 101, 104, 99, 103, 100, 101].map(around)).finding).toBe("steady");
  expect(trendOf([1000, 1001, 1002, 1003, 1004, 1005, 1006].map(around)).finding).toBe("steady");
});

test("too few slices tell nothing, and very many are looked at in groups", () => {
  expect(trendOf([around(5), of(), around(9)]).finding).toBe("unknown");
  expect(trendOf([around(5), around(6), around(7), around(8), around(9)]).finding).toBe("unknown");
  expect(trendOf([around(90), around(50), around(50)]).finding).toBe("warm-up");
  const rising = Array.from({ length: 5000 }, (_, i) => around(100 + i));
  expect(trendOf(rising).finding).toBe("degradation");
});
