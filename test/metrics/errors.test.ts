import { expect, test } from "bun:test";
import { ErrorTally } from "../../src/metrics/errors.ts";

const REFUSED = { code: undefined, type: "ConnectionRefused", message: "no one listens" };

test("the same failure is one group, the most frequent comes first", () => {
  const tally = new ErrorTally();
  tally.add({ code: 500, type: "Internal Server Error", message: "a" });
  tally.add(REFUSED);
  tally.add({ ...REFUSED });
  tally.add({ ...REFUSED, message: "else" }, 5);
  expect(tally.groups().map(({ message, count }) => [message, count])).toEqual([
    ["else", 5],
    ["no one listens", 2],
    ["a", 1],
  ]);
});

test("endless new messages end in one group of others", () => {
  const tally = new ErrorTally();
  for (let i = 0; i < 10_000; i++) tally.add({ ...REFUSED, message: `request ${i} failed` });
  const groups = tally.groups();
  expect(groups.length).toBeLessThan(300);
  expect(groups[0]).toMatchObject({
    type: "ConnectionRefused",
    message: expect.stringContaining("other"),
  });
  expect(groups.reduce((sum, group) => sum + group.count, 0)).toBe(10_000);
});
