// Values at ranks, against sorting.

import { expect, test } from "bun:test";
import fc from "fast-check";
import { Sample } from "#metrics";

const COUNT = 10_000;
const RANKS = [0, 1, 99, 2500, 4999, 5000, 9000, 9899, COUNT - 2, COUNT - 1];

/** Of every shape that a run has: even, with a long tail, of a few values, and far from zero. */
const SHAPES: Record<string, (share: number) => number> = {
  even: (share) => share * 1e9,
  "with a tail over ten powers of ten": (share) => 10 ** (10 * share),
  "of a few values": (share) => Math.floor(share * 7),
  "with one value far off": (share) => (share > 0.9999 ? 1e15 : 1e6 + share),
  "all equal": () => 42.5,
  "that differ in their last bits only": (share) => 2 ** 50 + Math.floor(share * 1000) / 1024,
  "with zeros": (share) => Math.max(0, share - 0.5),
  "with negative zeros": (share) => (share < 0.3 ? -0 : share < 0.6 ? 0 : 1),
  "on both sides of zero": (share) => share - 0.5,
  negative: (share) => -1 - share,
};

test.each(Object.entries(SHAPES))("a large sample %s: as if sorted", (_, shape) => {
  // Every share once, in an order that has nothing to do with its size.
  const values = Float64Array.from({ length: COUNT }, (_, i) =>
    shape(((i * 7919) % COUNT) / COUNT),
  );
  const sorted = values.toSorted();
  const sample = new Sample(values);
  sample.seek([5000, 9000, COUNT]);
  for (const rank of RANKS) expect(sample.at(rank)).toBe(sorted[rank]!);
});

test("any large sample", () => {
  const few = fc.float64Array({ minLength: 1, maxLength: 50, noNaN: true });
  fc.assert(
    fc.property(few, fc.nat(COUNT - 1), (some, rank) => {
      const values = Float64Array.from({ length: COUNT }, (_, i) => some[(i * 31) % some.length]!);
      const sorted = values.toSorted();
      expect(new Sample(values).at(rank)).toBe(sorted[rank]!);
    }),
    { numRuns: 50 },
  );
});

test("any small sample", () => {
  fc.assert(
    fc.property(fc.float64Array({ minLength: 1, noNaN: true }), (values) => {
      const sorted = values.toSorted();
      const sample = new Sample(values);
      for (const [rank, value] of sorted.entries()) expect(sample.at(rank)).toBe(value);
    }),
  );
});

test("the sum is that of the values as they came", () => {
  const values = Float64Array.of(1e16, 1, -1e16, 1);
  const sample = new Sample(values);
  expect(sample.sum).toBe(2);
  expect(sample.at(0)).toBe(-1e16);
  expect(sample.sum).toBe(2);
});
