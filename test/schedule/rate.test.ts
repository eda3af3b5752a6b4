import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { RatePoint } from "#config";
import { NS_PER_S, rngStream } from "#core";
import { dueTimes } from "#schedule";
import { distance, distanceMax, exponentialCdf } from "./law.ts";

function points(...pairs: readonly (readonly [atS: number, perS: number])[]): RatePoint[] {
  return pairs.map(([atS, perS]) => ({ atNs: atS * NS_PER_S, perS }));
}

function dueAt(rate: readonly RatePoint[], arrival: "constant" | "poisson" = "constant") {
  const load = { kind: "rate", arrival: { kind: arrival }, rate, concurrency: undefined } as const;
  return dueTimes(load, rngStream(3, "test"));
}

/** Arrivals before a moment, by adding up the rate in steps between its points, however near. */
function arrivalsBy(rate: readonly RatePoint[], untilNs: number): number {
  const within = rate.map(({ atNs }) => atNs).filter((atNs) => atNs > 0 && atNs < untilNs);
  const edges = [0, ...within, untilNs];
  const steps = 1000;
  let sum = 0;
  for (let i = 0; i + 1 < edges.length; i++) {
    const [fromNs, toNs] = [edges[i]!, edges[i + 1]!];
    const stepNs = (toNs - fromNs) / steps;
    for (let step = 0; step < steps; step++)
      sum += (rateAt(rate, fromNs + (step + 0.5) * stepNs) * stepNs) / NS_PER_S;
  }
  return sum;
}

function rateAt(rate: readonly RatePoint[], atNs: number): number {
  const next = rate.findIndex((point) => point.atNs > atNs);
  if (next === 0) return rate[0]!.perS;
  if (next === -1) return rate.at(-1)!.perS;
  const [a, b] = [rate[next - 1]!, rate[next]!];
  return a.perS + ((b.perS - a.perS) * (atNs - a.atNs)) / (b.atNs - a.atNs);
}

test("a ramp from 0.05 to 5 a second in 10 s lets 25 go in that time, and 5 in each second after", () => {
  const due = dueAt(points([0, 0.05], [10, 5]));
  const times = Array.from({ length: 60 }, (_, i) => due(i) / NS_PER_S);
  expect(times.filter((time) => time < 10).length).toBe(25);
  expect(times.filter((time) => time >= 10 && time < 15).length).toBe(25);
});

test("constant arrivals come where the rate has added up to a whole number", () => {
  const point = fc.record({
    gapNs: fc.integer({ min: 1e6, max: 20e9 }),
    perS: fc.double({ min: 0.1, max: 500, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(point, { minLength: 1, maxLength: 6 }), fc.nat(200), (gaps, index) => {
      let atNs = -gaps[0]!.gapNs;
      const rate = gaps.map(({ gapNs, perS }) => ({ atNs: (atNs += gapNs), perS }));
      const dueNs = dueAt(rate)(index);
      expect(arrivalsBy(rate, dueNs) / (index + 1)).toBeCloseTo(1, 2);
    }),
    { numRuns: 300 },
  );
});

describe("random arrivals under a rate that moves", () => {
  const rate = points([0, 200], [50, 20], [100, 200], [101, 50]);
  const due = dueAt(rate, "poisson");
  const times = Array.from({ length: 15_000 }, (_, i) => due(i));

  test("follow their law once the time is stretched back", () => {
    // Between two arrivals the rate hardly moves, so its value there stretches the gap.
    const units = times
      .slice(1)
      .map((time, i) => ((time - times[i]!) * rateAt(rate, (time + times[i]!) / 2)) / NS_PER_S);
    expect(distance(units, exponentialCdf)).toBeLessThan(distanceMax(units.length));
  });

  test("are as many as the rate asks for, in every stretch", () => {
    for (const [fromS, toS, expected] of [
      [0, 50, 5500],
      [50, 100, 5500],
      [101, 141, 2000],
    ] as const) {
      const count = times.filter((t) => t >= fromS * NS_PER_S && t < toS * NS_PER_S).length;
      expect(Math.abs(count - expected)).toBeLessThan(5 * Math.sqrt(expected));
    }
  });
});

test("a slow series is not served faster: 2 to 2.2 a second for 20 s is 42", () => {
  const counts = Array.from({ length: 300 }, (_, seed) => {
    const load = {
      kind: "rate",
      arrival: { kind: "poisson" },
      rate: points([0, 2], [20, 2.2]),
      concurrency: undefined,
    } as const;
    const due = dueTimes(load, rngStream(seed, "series"));
    let count = 0;
    while (due(count) < 20 * NS_PER_S) count++;
    return count;
  });
  const mean = counts.reduce((a, b) => a + b) / counts.length;
  expect(mean).toBeWithin(40.5, 43.5);
});

test("before its first point and after its last one the rate stands still", () => {
  const due = dueAt(points([10, 1], [11, 1], [20, 4]));
  expect(due(4) / NS_PER_S).toBeCloseTo(5, 9);
  // 20 s hold 10 + 1 + 22.5 arrivals.
  expect(due(33) / NS_PER_S).toBeCloseTo(20 + 0.5 / 4, 9);
  expect(due(1_000_000) / NS_PER_S).toBeCloseTo(20 + (1_000_001 - 33.5) / 4, 6);
});

test("a rate ramp's arrival is the root of its parabola", () => {
  const due = dueAt(points([0, 1], [10, 3]));
  // t + 0.1·t² = 5
  expect(due(4) / NS_PER_S).toBeCloseTo((-1 + Math.sqrt(1 + 4 * 0.1 * 5)) / 0.2, 9);
});
