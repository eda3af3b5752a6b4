import { expect, test } from "bun:test";
import { compare, MEASURES, median } from "../../scripts/bench/compare.ts";
import type { Run } from "../../scripts/bench/measure.ts";

const [CPU, , RATE, ERROR] = MEASURES as [
  (typeof MEASURES)[0],
  (typeof MEASURES)[0],
  (typeof MEASURES)[0],
  (typeof MEASURES)[0],
];

const runs = (key: keyof Run, ...values: (number | undefined)[]): Run[] =>
  values.map((value) => ({
    ...{ cpuS: 1, rssMib: 100, requestsPerS: 50, aroundS: 0.5, errorMs: 0.3, [key]: value },
  }));

test("a ratio of medians, and how far the turns differ", () => {
  expect(compare(CPU, runs("cpuS", 2, 3, 4), runs("cpuS", 1, 2, 4))).toEqual({
    ratio: 3 / 2,
    spread: (2 - 1) / 2,
    worse: false,
  });
});

test.each([
  [
    "less is better: the best of ours is worse than their worst",
    CPU,
    "cpuS",
    [1.3, 1.2],
    [1.1, 1],
    true,
  ],
  ["less is better: they overlap", CPU, "cpuS", [1.3, 1.05], [1.1, 1], false],
  ["less is better: by less than matters", CPU, "cpuS", [1.14, 1.14], [1.1, 1], false],
  ["less is better: ours are better", CPU, "cpuS", [0.5], [1], false],
  ["more is better: worse", RATE, "requestsPerS", [40, 45], [46, 50], true],
  ["more is better: better", RATE, "requestsPerS", [60], [50], false],
] as const)("%s", (_, measure, key, ours, theirs, worse) => {
  expect(compare(measure, runs(key, ...ours), runs(key, ...theirs))?.worse).toBe(worse);
});

test("what one of them does not tell is not compared", () => {
  expect(compare(ERROR, runs("errorMs", 1), runs("errorMs", undefined))).toBeUndefined();
  expect(compare(CPU, [], runs("cpuS", 1))).toBeUndefined();
});

test("a median", () => {
  expect([median([3]), median([1, 9]), median([5, 1, 2])]).toEqual([3, 5, 2]);
});
