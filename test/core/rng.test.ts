import { expect, test } from "bun:test";
import { integerBelow, normal, positiveInteger, rngStream } from "#core";

const draw = (seed: number, name: string, count: number) => {
  const rng = rngStream(seed, name);
  return Array.from({ length: count }, () => rng());
};

test("a seed and a name give the same stream, another name another one", () => {
  expect(draw(7, "a", 20)).toEqual(draw(7, "a", 20));
  expect(draw(7, "a", 20)).not.toEqual(draw(7, "b", 20));
  expect(draw(7, "a", 20)).not.toEqual(draw(8, "a", 20));
});

test("draws are uniform: ten bins of 100,000 draws pass a chi-square test at 0.1 %", () => {
  const bins = new Array<number>(10).fill(0);
  for (const value of draw(1, "uniform", 100_000)) bins[Math.floor(value * 10)]! += 1;
  const chiSquare = bins.reduce((sum, n) => sum + (n - 10_000) ** 2 / 10_000, 0);
  expect(chiSquare).toBeLessThan(27.88);
});

test("normal draws have mean 0 and variance 1", () => {
  const rng = rngStream(3, "normal");
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < 200_000; i++) {
    const x = normal(rng);
    sum += x;
    squares += x * x;
  }
  expect(Math.abs(sum / 200_000)).toBeLessThan(0.01);
  expect(Math.abs(squares / 200_000 - 1)).toBeLessThan(0.02);
});

test("a length without spread is its mean, half to even; with spread a ceiling, never below 1", () => {
  const rng = rngStream(1, "length");
  expect([0.2, 1.5, 2.5, 550].map((mean) => positiveInteger(rng, mean, 0))).toEqual([1, 2, 2, 550]);
  const lengths = Array.from({ length: 50_000 }, () => positiveInteger(rng, 100, 10));
  const mean = lengths.reduce((a, b) => a + b, 0) / lengths.length;
  expect(mean).toBeGreaterThan(100.3);
  expect(mean).toBeLessThan(100.7);
  expect(Math.min(...Array.from({ length: 1000 }, () => positiveInteger(rng, 1, 50)))).toBe(1);
});

test("integerBelow covers its range and nothing else", () => {
  const rng = rngStream(1, "integer");
  const seen = new Set(Array.from({ length: 1000 }, () => integerBelow(rng, 6)));
  expect([...seen].sort()).toEqual([0, 1, 2, 3, 4, 5]);
});
