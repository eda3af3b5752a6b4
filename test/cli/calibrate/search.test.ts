import { expect, test } from "bun:test";
import fc from "fast-check";
import { searchMost } from "../../../src/cli/calibrate/search.ts";

/** Searches where sizes up to `most` hold; answers with what was tried too. */
async function search(most: number, { from = 10, max = 1000, tries = 99 } = {}) {
  const tried: number[] = [];
  const found = await searchMost({
    ...{ from, max },
    attempt: async (size) => {
      tried.push(size);
      return size;
    },
    holds: (size) => size <= most,
    timeLeft: () => tried.length < tries,
  });
  return { ...found, tried };
}

test("doubles until it fails twice, then looks in between", async () => {
  expect(await search(100)).toEqual({
    best: 95,
    beyond: 113,
    tried: [10, 20, 40, 80, 160, 160, 113, 113, 95],
  });
});

test("where all holds it ends at the greatest, where nothing does at the first", async () => {
  expect(await search(5000, { max: 70 })).toEqual({
    ...{ best: 70, beyond: undefined, tried: [10, 20, 40, 70] },
  });
  expect(await search(3)).toEqual({ best: undefined, beyond: 10, tried: [10, 10] });
});

test("when the time is over it says what it knows", async () => {
  expect(await search(5000, { tries: 2 })).toMatchObject({ best: 20, beyond: undefined });
  expect(await search(5000, { tries: 0 })).toMatchObject({ best: undefined, beyond: undefined });
});

test("a hiccup is no failure", async () => {
  let hiccups = 1;
  const { best } = await searchMost({
    ...{ from: 1, max: 4, attempt: async (size: number) => size },
    holds: (size) => size < 4 || hiccups-- <= 0,
    timeLeft: () => true,
  });
  expect(best).toBe(4);
});

test("the best holds, what is beyond does not, and the former is the smaller", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 3000 }), async (most) => {
      const { best = 0, beyond = Number.POSITIVE_INFINITY } = await search(most);
      return best <= most && beyond > most && best < beyond;
    }),
  );
});
