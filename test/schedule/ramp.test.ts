import { expect, test } from "bun:test";
import fc from "fast-check";
import { NS_PER_S } from "#core";
import { limitAt, usableAtNs } from "#schedule";

const S = NS_PER_S;

test("5 within 4 seconds: one more at each second", () => {
  const cap = { limit: 5, rampNs: 4 * S };
  expect([0, 1, 2, 3, 4].map((index) => usableAtNs(cap, index) / S)).toEqual([0, 1, 2, 3, 4]);
  expect([0, 0.999, 1, 2.5, 4, 100].map((at) => limitAt(cap, at * S))).toEqual([1, 1, 2, 3, 5, 5]);
});

test("one is there at once, and so is everything without a ramp", () => {
  expect(usableAtNs({ limit: 1, rampNs: 9 * S }, 0)).toBe(0);
  expect(limitAt({ limit: 1, rampNs: 9 * S }, 0)).toBe(1);
  expect(limitAt({ limit: 7, rampNs: 0 }, 0)).toBe(7);
  expect(usableAtNs({ limit: 7, rampNs: 0 }, 6)).toBe(0);
});

test("both say the same: number k is within the limit from its own moment on", () => {
  const caps = fc.record({
    limit: fc.integer({ min: 2, max: 5000 }),
    rampNs: fc.integer({ min: 1, max: 3600 * S }),
  });
  fc.assert(
    fc.property(caps, fc.nat(), (cap, n) => {
      const index = n % cap.limit;
      const atNs = usableAtNs(cap, index);
      expect(limitAt(cap, atNs)).toBeGreaterThan(index);
      if (index > 0 && atNs > 0) expect(limitAt(cap, atNs * (1 - 1e-9))).toBeLessThanOrEqual(index);
    }),
  );
});
