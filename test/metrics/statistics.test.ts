import { expect, test } from "bun:test";
import fc from "fast-check";
import { PERCENTILES, percentile, Sample, statsOf } from "#metrics";

/** Numpy's "linear" percentile, as plainly as it can be said. */
function plainPercentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = (percent / 100) * (sorted.length - 1);
  const below = sorted[Math.floor(place)]!;
  const above = sorted[Math.ceil(place)]!;
  return below + (above - below) * (place - Math.floor(place));
}

const samples = fc.array(fc.integer({ min: 0, max: 10_000_000_000 }), {
  minLength: 1,
  maxLength: 200,
});

test("agrees with a plain computation on any sample", () => {
  fc.assert(
    fc.property(samples, (values) => {
      const stats = statsOf(new Sample(Float64Array.from(values)), 1);
      const mean = values.reduce((a, b) => a + b) / values.length;
      const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length;
      expect(stats?.count).toBe(values.length);
      expect(stats?.min).toBe(Math.min(...values));
      expect(stats?.max).toBe(Math.max(...values));
      expect(stats?.sum).toBeCloseTo(
        values.reduce((a, b) => a + b),
        3,
      );
      expect(stats?.avg).toBeCloseTo(mean, 3);
      expect(stats?.std).toBeCloseTo(Math.sqrt(variance), 3);
      for (const percent of PERCENTILES) {
        expect(stats?.[`p${percent}`]).toBeCloseTo(plainPercentile(values, percent), 3);
      }
    }),
  );
});

test("interpolates between neighbours", () => {
  const sorted = Float64Array.of(10, 20, 30, 40);
  expect(percentile(sorted, 50)).toBe(25);
  expect(percentile(sorted, 75)).toBe(32.5);
  expect(percentile(sorted, 0)).toBe(10);
  expect(percentile(sorted, 100)).toBe(40);
  expect(percentile(sorted, 99.9)).toBeCloseTo(39.97, 9);
});

test("one value has no spread, none has no statistics", () => {
  expect(statsOf(new Sample(Float64Array.of(5)), 1)).toMatchObject({
    avg: 5,
    std: 0,
    p1: 5,
    p99: 5,
    count: 1,
  });
  expect(statsOf(new Sample(new Float64Array(0)), 1)).toBeUndefined();
});

test("every figure but the count is divided", () => {
  expect(statsOf(new Sample(Float64Array.of(1e6, 3e6)), 1e6)).toMatchObject({
    ...{ avg: 2, min: 1, max: 3, sum: 4, std: 1, p50: 2, count: 2 },
  });
});

test("a small spread on a large value is not lost", () => {
  const values = Float64Array.from({ length: 100_000 }, (_, i) => 1e15 + (i % 2));
  expect(statsOf(new Sample(values), 1)).toMatchObject({
    avg: 1e15 + 0.5,
    std: 0.5,
    sum: 1e20 + 5e4,
  });
});
