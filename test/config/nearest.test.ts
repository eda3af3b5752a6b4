import { expect, test } from "bun:test";
import fc from "fast-check";
import { nearestName, slipsBetween } from "../../src/config/nearest.ts";

test.each([
  ["", "", 0],
  ["abc", "abc", 0],
  ["abc", "ac", 1],
  ["abc", "acb", 1],
  ["abc", "xbc", 1],
  ["kitten", "sitting", 3],
  ["concurrency", "conurrecny", 2],
])("%s and %s are %i slips apart", (a, b, slips) => expect(slipsBetween(a, b)).toBe(slips));

/** The same distance by its recursive definition. */
function slowly(a: string, b: string): number {
  if (a === "" || b === "") return a.length + b.length;
  const swapped =
    a.length > 1 && b.length > 1 && a.at(-1) === b.at(-2) && a.at(-2) === b.at(-1)
      ? slowly(a.slice(0, -2), b.slice(0, -2)) + 1
      : Number.POSITIVE_INFINITY;
  return Math.min(
    swapped,
    slowly(a.slice(0, -1), b) + 1,
    slowly(a, b.slice(0, -1)) + 1,
    slowly(a.slice(0, -1), b.slice(0, -1)) + (a.at(-1) === b.at(-1) ? 0 : 1),
  );
}

test("the table of distances agrees with the definition", () => {
  const word = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 5 });
  fc.assert(fc.property(word, word, (a, b) => expect(slipsBetween(a, b)).toBe(slowly(a, b))));
});

test("the nearest name is the first of those nearest, and none when all are far", () => {
  const known = ["--isl", "--osl", "--concurrency"];
  expect(nearestName("--concurency", known)).toBe("--concurrency");
  expect(nearestName("--xsl", known)).toBe("--isl");
  expect(nearestName("--something", known)).toBeUndefined();
});
