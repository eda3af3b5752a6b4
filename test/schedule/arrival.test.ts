import { describe, expect, test } from "bun:test";
import type { Arrival } from "#config";
import { NS_PER_S, rngStream } from "#core";
import { dueTimes } from "#schedule";
import { distance, distanceMax, exponentialCdf, gammaCdf } from "./law.ts";

const GAPS = 200_000;

/** Due times at a steady rate, in seconds. */
function dueS(arrival: Arrival, ratePerS: number, count: number, seed = 1): number[] {
  const rate = [{ atNs: 0, perS: ratePerS }];
  const load = { kind: "rate", arrival, rate, concurrency: undefined } as const;
  const dueAt = dueTimes(load, rngStream(seed, "test"));
  return Array.from({ length: count }, (_, i) => dueAt(i) / NS_PER_S);
}

const gapsOf = (times: readonly number[]) => times.map((time, i) => time - (times[i - 1] ?? 0));

test("constant arrivals: the millionth is on its nanosecond", () => {
  const times = dueS({ kind: "constant" }, 3, 1_000_000);
  expect(times[0]).toBeCloseTo(1 / 3, 12);
  expect(Math.abs(times[999_999]! - 1_000_000 / 3)).toBeLessThan(1e-9);
});

describe.each([
  ["poisson", { kind: "poisson" } as const, 1],
  ["gamma 0.5", { kind: "gamma", smoothness: 0.5 } as const, 0.5],
  ["gamma 1", { kind: "gamma", smoothness: 1 } as const, 1],
  ["gamma 4", { kind: "gamma", smoothness: 4 } as const, 4],
])("%s", (_, arrival, shape) => {
  const rate = 50;
  const gaps = gapsOf(dueS(arrival, rate, GAPS)).map((gap) => gap * rate);

  test("follows its law", () => {
    const cdf = shape === 1 ? exponentialCdf : gammaCdf(shape);
    expect(distance(gaps, cdf)).toBeLessThan(distanceMax(GAPS));
  });

  test("has its mean, and 1 / sqrt(shape) as its variation", () => {
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / GAPS;
    const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / GAPS;
    expect(mean).toBeWithin(1 - 6 / Math.sqrt(shape * GAPS), 1 + 6 / Math.sqrt(shape * GAPS));
    expect(Math.sqrt(variance) * Math.sqrt(shape)).toBeWithin(0.97, 1.03);
  });

  test("has gaps that say nothing about the next one", () => {
    const product = gaps.slice(1).reduce((sum, gap, i) => sum + (gap - 1) * (gaps[i]! - 1), 0);
    expect(Math.abs((product / GAPS) * shape)).toBeLessThan(6 / Math.sqrt(GAPS));
  });
});

test("the test's own law tells 0.5 from 0.55", () => {
  const gaps = gapsOf(dueS({ kind: "gamma", smoothness: 0.55 }, 1, GAPS));
  expect(distance(gaps, gammaCdf(0.5))).toBeGreaterThan(distanceMax(GAPS));
});

test("arrivals in a stretch of time vary as a poisson count does, the first stretch included", () => {
  const counts = Array.from({ length: 2000 }, (_, seed) => {
    const times = dueS({ kind: "poisson" }, 20, 60, seed);
    return times.filter((time) => time < 1).length;
  });
  const mean = counts.reduce((a, b) => a + b) / counts.length;
  const variance = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / counts.length;
  expect(mean).toBeWithin(19.4, 20.6);
  expect(variance).toBeWithin(16, 24);
});

test("a seed gives the same arrivals, another one others; skipping draws nothing else", () => {
  const poisson = { kind: "poisson" } as const;
  expect(dueS(poisson, 5, 10)).toEqual(dueS(poisson, 5, 10));
  expect(dueS(poisson, 5, 10)).not.toEqual(dueS(poisson, 5, 10, 2));
  const rate = [{ atNs: 0, perS: 5 }];
  const load = { kind: "rate", arrival: poisson, rate, concurrency: undefined } as const;
  const dueAt = dueTimes(load, rngStream(1, "test"));
  expect([dueAt(2), dueAt(2), dueAt(9)].map((ns) => ns / NS_PER_S)).toEqual(
    [2, 2, 9].map((i) => dueS(poisson, 5, 10)[i]!),
  );
});
