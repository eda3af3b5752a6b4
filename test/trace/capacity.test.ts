import { expect, test } from "bun:test";
import fc from "fast-check";
import { analyzeTrace, hitRatesBySize, hitRatesByTtl, traceOf } from "#trace";
import { row } from "./rows.ts";

const traces = fc.array(fc.array(fc.nat(300), { maxLength: 60 }), { minLength: 1, maxLength: 30 });

/** A cache that is really kept: the block used last at the end. */
function simulated(rows: readonly (readonly number[])[], capacity: number): number {
  const cache = new Set<number>();
  const rates: number[] = [];
  for (const ids of rows) {
    if (ids.length === 0) continue;
    const miss = ids.findIndex((id) => !cache.has(id));
    rates.push((miss < 0 ? ids.length : miss) / ids.length);
    for (const id of ids.toReversed()) {
      cache.delete(id);
      cache.add(id);
      if (cache.size > capacity) cache.delete(cache.values().next().value!);
    }
  }
  return rates.reduce((sum, rate) => sum + rate, 0) / Math.max(1, rates.length);
}

test("one pass finds what a real cache of each size would have held", () => {
  fc.assert(
    fc.property(traces, (rows) => {
      for (const { limit, hitRate } of hitRatesBySize(traceOf(rows.map((ids) => row(1, ids))))) {
        expect(hitRate).toBeCloseTo(simulated(rows, limit), 9);
      }
    }),
    { numRuns: 60 },
  );
});

test("a cache that holds everything, for ever, has the infinite cache's hit rate", () => {
  fc.assert(
    fc.property(traces, (rows) => {
      const trace = traceOf(rows.map((ids, index) => row(1, ids, 1, index)));
      const infinite = analyzeTrace(trace, 1).cache_hit_rate;
      expect(hitRatesBySize(trace).at(-1)?.hitRate ?? 0).toBeCloseTo(infinite, 9);
      expect(hitRatesByTtl(trace).at(-1)!.hitRate).toBeCloseTo(infinite, 9);
    }),
    { numRuns: 60 },
  );
});

test("a block is kept for its time and no longer", () => {
  const at = (s: number) => row(8, [1, 2], 1, s * 1000);
  const rates = hitRatesByTtl(traceOf([at(0), at(5), at(35)]));
  const rate = (s: number) => rates.find(({ limit }) => limit === s)!.hitRate;
  expect(rate(1)).toBe(0);
  expect(rate(5)).toBeCloseTo(1 / 3, 12);
  expect(rate(30)).toBeCloseTo(2 / 3, 12);
  expect(hitRatesByTtl(traceOf([row(8, [1])]))).toEqual([]);
});
