import { expect, test } from "bun:test";
import { portsInRange } from "../../src/cli/limits.ts";

test("local ports are counted from the system's range, both ends included", () => {
  expect(portsInRange("32768\t60999\n")).toBe(28_232);
  expect(portsInRange("1024 1024")).toBe(1);
  expect(portsInRange("")).toBeUndefined();
});
