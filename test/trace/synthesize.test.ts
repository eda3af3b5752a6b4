import { describe, expect, test } from "bun:test";
import { rngStream } from "#core";
import { NO_SYNTHESIS, type Synthesis, synthesizeTrace } from "#trace";
import { row } from "./rows.ts";

const BLOCK = 8;
const ROWS = [
  row(20, [1, 2, 3], 3, 100),
  row(18, [1, 2, 9], 7, 205),
  row(12, [5, 6], 1, 300),
  row(5, [], 4),
];

const make = (change: Partial<Synthesis>) =>
  synthesizeTrace(ROWS, { ...NO_SYNTHESIS, ...change }, BLOCK, rngStream(1, "test"));
const shapes = async (change: Partial<Synthesis>) =>
  (await make(change)).map(({ inputTokens, hashIds }) => [inputTokens, ...hashIds].join(" "));

describe("an example worked by hand", () => {
  test.each([
    [{ outputLength: 1.01 }, ["20 1 2 4", "18 1 2 5", "12 6 7", "5"]],
    [{ prefixLength: 2 }, ["36 2 3 4 5 7", "34 2 3 4 5 8", "12 9 10", "5"]],
    [{ prefixLength: 1.5 }, ["28 1 2 4 5", "26 1 2 6 7", "12 8 9", "5"]],
    [{ prefixLength: 0.5 }, ["12 1 4", "10 1 5", "20 6 7", "5"]],
    [{ promptLength: 3 }, ["28 1 2 4 5", "22 1 2 6", "36 7 8 9 10 11", "5"]],
  ])("%p", async (change, expected) => expect(await shapes(change)).toEqual(expected));

  test("replies", async () => {
    const rows = await make({ outputLength: 0.5, outputTokensMax: 3 });
    expect(rows.map(({ outputTokens }) => outputTokens)).toEqual([2, 3, 1, 2]);
  });

  test("times", async () => {
    const times = async (speedup: number) =>
      (await make({ speedup })).map(({ timestampMs }) => timestampMs);
    expect(await times(1.5)).toEqual([66, 136, 200, undefined]);
    expect(await times(0)).toEqual([100, 205, 300, undefined]);
  });

  test("copies of the tree", async () => {
    const plain = await make({ outputLength: 1.01 });
    const many = await make({ prefixRoots: 3 });
    const shifts = many.map((row, i) => row.hashIds.map((id, at) => id - plain[i]!.hashIds[at]!));
    for (const [index, shift] of shifts.entries()) {
      expect(many[index]!.inputTokens).toBe(plain[index]!.inputTokens);
      expect(new Set(shift).size).toBeLessThanOrEqual(1);
      for (const by of shift) expect([0, 8, 16]).toContain(by);
    }
  });
});

test("limits alone drop and cut, and number nothing anew", async () => {
  const rows = await make({ inputTokensMax: 18, outputTokensMax: 2 });
  expect(rows.map((row) => [row.inputTokens, row.outputTokens, ...row.hashIds])).toEqual([
    [18, 2, 1, 2, 9],
    [12, 1, 5, 6],
    [5, 2],
  ]);
});

test("what else a row has stays, and the trees are the seed's", async () => {
  const rows = ROWS.map((row, line) => ({ ...row, line }));
  const made = (seed: number) =>
    synthesizeTrace(rows, { ...NO_SYNTHESIS, prefixRoots: 50 }, BLOCK, rngStream(seed, "t"));
  expect((await made(1)).map(({ line }) => line)).toEqual([0, 1, 2, 3]);
  expect(await made(1)).toEqual(await made(1));
  expect(await made(1)).not.toEqual(await made(2));
});

test("a last block that is not full is no part of what is shared", async () => {
  const twins = [row(20, [1, 2, 3]), row(20, [1, 2, 3])];
  const made = await synthesizeTrace(
    twins,
    { ...NO_SYNTHESIS, prefixLength: 2 },
    8,
    rngStream(1, "t"),
  );
  expect(made.map(({ inputTokens, hashIds }) => [inputTokens, ...hashIds])).toEqual([
    [36, 2, 3, 4, 5, 9],
    [36, 2, 3, 4, 5, 10],
  ]);
});

test("what becomes too long is cut to the limit, and keeps its whole blocks", async () => {
  const rows = await make({ prefixLength: 2, inputTokensMax: 20 });
  expect(rows.map(({ inputTokens, hashIds }) => [inputTokens, ...hashIds])).toEqual([
    [20, 2, 3],
    [20, 2, 3],
    [12, 9, 10],
    [5],
  ]);
});

test("a row without a token for its last block is an error", async () => {
  const short = [row(8, [1, 2]), row(16, [1, 2])];
  const made = synthesizeTrace(short, { ...NO_SYNTHESIS, promptLength: 2 }, 8, rngStream(1, "t"));
  await expect(made).rejects.toThrow(/request 1 of the trace has 8 tokens in 2 blocks of 8/);
});
