import { expect, test } from "bun:test";
import { fixed2 } from "#metrics";

// The expected texts are Python's format(value, ".2f").
test.each([
  [10.625, "10.62"],
  [10.875, "10.88"],
  [0.125, "0.12"],
  [-0.125, "-0.12"],
  [-0.375, "-0.38"],
  [2.5, "2.50"],
  [1.005, "1.00"],
  [0, "0.00"],
  [123456789.125, "123456789.12"],
  [4e15, "4000000000000000.00"],
])("%d is %s", (value, text) => {
  expect(fixed2(value)).toBe(text);
});
