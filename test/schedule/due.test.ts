import { expect, test } from "bun:test";
import { rngStream } from "#core";
import { dueTimes, dueWithin } from "#schedule";

const CONSTANT = { kind: "constant" } as const;
const POISSON = { kind: "poisson" } as const;

test.each([
  ["before the first one is over", 0, 0],
  ["up to the end, but not at it", 100e6, 9],
  ["just beyond it", 100.1e6, 10],
])("arrivals within so long: %s", (_, lengthNs, count) => {
  const rate = [{ atNs: 0, perS: 100 }];
  const load = { kind: "rate", arrival: CONSTANT, rate, concurrency: undefined } as const;
  expect(dueWithin(load, rngStream(1, "test"), lengthNs)).toBe(count);
});

test("they are those that are drawn", () => {
  const rate = [{ atNs: 0, perS: 1000 }];
  const load = { kind: "rate", arrival: POISSON, rate, concurrency: undefined } as const;
  const dueAt = dueTimes(load, rngStream(5, "test"));
  const times = Array.from({ length: 3000 }, (_, index) => dueAt(index));
  expect(dueWithin(load, rngStream(5, "test"), 2e9)).toBe(times.filter((at) => at < 2e9).length);
});
