import { expect, test } from "bun:test";
import fc from "fast-check";
import { lateness } from "../../src/mock/lateness.ts";

test("quantiles lie within a slot of those of the sorted values", () => {
  const lates = fc.array(fc.double({ min: 0, max: 5e9, noNaN: true }), {
    minLength: 1,
    maxLength: 300,
  });
  fc.assert(
    fc.property(lates, (values) => {
      const histogram = lateness();
      for (const value of values) histogram.record(value);
      const sorted = values.toSorted((a, b) => a - b);
      const rank = (q: number): number => sorted[Math.max(1, Math.ceil(q * sorted.length)) - 1]!;
      const { count, p50Ns, p99Ns, maxNs } = histogram.summary();
      expect(count).toBe(values.length);
      expect(maxNs).toBe(sorted.at(-1)!);
      for (const [found, wanted] of [
        [p50Ns, rank(0.5)],
        [p99Ns, rank(0.99)],
      ] as const) {
        expect(found).toBeGreaterThanOrEqual(wanted);
        expect(found).toBeLessThanOrEqual(wanted * (1 + 1 / 32) + 50);
      }
    }),
  );
});

test("nothing recorded is all zero", () => {
  expect(lateness().summary()).toEqual({ count: 0, p50Ns: 0, p99Ns: 0, maxNs: 0 });
});
