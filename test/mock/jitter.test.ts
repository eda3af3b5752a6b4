import { expect, test } from "bun:test";
import { rngStream } from "#core";
import { jitterFactor } from "../../src/mock/jitter.ts";

const DRAWS = 40_000;

function moments(law: "uniform" | "normal" | "lognormal" | "exponential", ratio: number) {
  const factor = jitterFactor(law, ratio, () => rngStream(7, "test.jitter"));
  const draws = Float64Array.from({ length: DRAWS }, factor);
  const mean = draws.reduce((sum, x) => sum + x, 0) / DRAWS;
  const spread = Math.sqrt(draws.reduce((sum, x) => sum + (x - mean) ** 2, 0) / DRAWS);
  return { mean, spread, least: draws.reduce((a, b) => Math.min(a, b)) };
}

test.each([
  ["uniform", 0.5, 0.5 / Math.sqrt(3)],
  ["normal", 0.2, 0.2],
  ["lognormal", 0.8, 0.8],
  ["exponential", 0.2, 1],
] as const)("%s with ratio %p keeps its mean and has the spread promised", (law, ratio, wanted) => {
  const { mean, spread, least } = moments(law, ratio);
  expect(Math.abs(mean - 1)).toBeLessThan(5 * (wanted / Math.sqrt(DRAWS)));
  expect(Math.abs(spread / wanted - 1)).toBeLessThan(0.05);
  expect(least).toBeGreaterThanOrEqual(0);
});

test("without jitter nothing is drawn", () => {
  const factor = jitterFactor("none", 3, () => {
    throw new Error("an rng was made");
  });
  expect([factor(), factor()]).toEqual([1, 1]);
});
