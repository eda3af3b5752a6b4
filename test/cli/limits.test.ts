import { expect, test } from "bun:test";
import { parseProfile } from "#config";
import { portsInRange, requestsAtOnce } from "../../src/cli/limits.ts";

test("local ports are counted from the system's range, both ends included", () => {
  expect(portsInRange("32768\t60999\n")).toBe(28_232);
  expect(portsInRange("1024 1024")).toBe(1);
  expect(portsInRange("")).toBeUndefined();
});

test.each([
  ["--concurrency 40", 40],
  ["--concurrency 4 --warmup-concurrency 9 --warmup-request-count 1", 9],
  ["--request-rate 100", 1],
  ["--request-rate 100 --concurrency 30", 30],
  ["--user-centric-rate 5 --num-users 7 --session-turns-mean 2", 7],
])("%s has as many as %i requests in flight for sure", (line, expected) => {
  const shell = { env: {}, cwd: "/", isTerminal: false };
  expect(requestsAtOnce(parseProfile(["--model", "m", ...line.split(" ")], shell))).toBe(expected);
});
