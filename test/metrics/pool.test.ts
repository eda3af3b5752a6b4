import { expect, test } from "bun:test";
import fc from "fast-check";
import {
  HISTOGRAM_ERROR,
  Histogram,
  type HistogramData,
  valueAtRank,
} from "../../src/metrics/histogram.ts";
import { mergedHistogram, Pool, type PoolData } from "../../src/metrics/pool.ts";
import { histogramStats } from "../../src/metrics/statistics.ts";

const nanoseconds = fc.array(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), {
  minLength: 1,
  maxLength: 100,
});

function histogramOf(values: readonly number[]): HistogramData {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram.data();
}

test("a histogram is off by its stated error at most", () => {
  fc.assert(
    fc.property(nanoseconds, (values) => {
      const data = histogramOf(values);
      [...values]
        .sort((a, b) => a - b)
        .forEach((value, rank) => {
          expect(Math.abs(valueAtRank(data, rank) - value)).toBeLessThanOrEqual(
            value * HISTOGRAM_ERROR,
          );
        });
    }),
  );
});

test("many values are recorded at once as one by one", () => {
  const some = fc.array(
    fc.oneof(nanoseconds, fc.array(fc.double({ min: 1, max: 5e9, noNaN: true }))),
  );
  fc.assert(
    fc.property(some, (parts) => {
      const histogram = new Histogram();
      for (const part of parts) histogram.recordAll(Float64Array.from(part));
      const [data, all] = [histogram.data(), histogramOf(parts.flat())];
      expect(data.counts).toEqual(all.counts);
      expect([data.count, data.min, data.max]).toEqual([all.count, all.min, all.max]);
      if (all.count === 0) return;
      expect(data.sum / all.sum || 1).toBeCloseTo(1, 9);
      const rounding = 4 * Number.EPSILON * all.max * Math.sqrt(all.squares * all.count);
      expect(Math.abs(data.squares - all.squares)).toBeLessThanOrEqual(
        1e-9 * all.squares + rounding,
      );
    }),
  );
});

test("histograms add", () => {
  fc.assert(
    fc.property(nanoseconds, nanoseconds, (left, right) => {
      const merged = new Histogram();
      merged.add(histogramOf(left));
      merged.add(histogramOf(right));
      const [sum, all] = [merged.data(), histogramOf([...left, ...right])];
      expect(sum.counts).toEqual(all.counts);
      expect([sum.count, sum.min, sum.max]).toEqual([all.count, all.min, all.max]);
      expect(sum.sum / all.sum || 1).toBeCloseTo(1, 9);
      // Distances from the mean are as exact as the values, whose last bit may be a whole number.
      const rounding = 4 * Number.EPSILON * all.max * Math.sqrt(all.squares * all.count);
      const difference = Math.abs(sum.squares - all.squares);
      expect(difference).toBeLessThanOrEqual(1e-9 * all.squares + rounding);
    }),
  );
});

test("a pool that grows too large goes on as a histogram", () => {
  const pool = new Pool(100);
  for (let i = 0; i < 100; i++) pool.push(Float64Array.of(1e6, 2e6, 3e6, 10e6));
  const data = pool.data();
  expect(data.values.length).toBe(0);
  expect(data.lengths).toMatchObject({ length: 100, constant: 4 });
  const stats = histogramStats(data.histogram!, 1e6);
  expect(stats).toMatchObject({ count: 400, min: 1, max: 10 });
  expect(stats?.avg).toBeCloseTo(4, 9);
  expect(stats?.sum).toBeCloseTo(1600, 6);
  expect(stats?.std).toBeCloseTo(Math.sqrt((9 + 4 + 1 + 36) / 4), 9);
  expect(stats?.p50).toBeCloseTo(2.5, 2);
  expect(stats?.p99).toBeCloseTo(10, 2);
});

test("one large pool makes a histogram of all", () => {
  const poolOf = (limit: number, values: readonly number[]): PoolData => {
    const pool = new Pool(limit);
    pool.push(Float64Array.from(values));
    return pool.data();
  };
  const small = poolOf(10, [1000, 2000]);
  expect(mergedHistogram([small, small])).toBeUndefined();
  const merged = mergedHistogram([small, poolOf(2, [3000, 4000, 5000])]);
  expect(merged).toMatchObject({ count: 5, min: 1000, max: 5000 });
  expect(merged?.sum).toBeCloseTo(15_000, 6);
});
