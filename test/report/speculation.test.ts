import { expect, test } from "bun:test";
import { acceptanceLine } from "../../src/report/speculation.ts";

test.each([
  [[], ""],
  [[0, 0], ""],
  [[1, 3], "0: 25 %, 1: 75 %"],
  [[2, 0, 2], "0: 50 %, 1: 0 %, 2: 50 %"],
  [
    [1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
    "0: 10 %, 1: 10 %, 2: 10 %, 3: 10 %, 4: 10 %, 5: 10 %, 6: 10 %, 7: 10 %, 8 or more: 20 %",
  ],
])("%j", (counts, shares) => {
  const words = "Drafted tokens taken, by share of the steps: ";
  expect(acceptanceLine(counts)).toBe(shares === "" ? "" : words + shares);
});
