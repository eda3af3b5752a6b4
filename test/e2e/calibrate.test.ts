// The verb's flags, and one try with the compiled program on both sides. A whole calibration takes
// longer than a test should.

import { expect, test } from "bun:test";
import { probe } from "../../src/cli/calibrate/probe.ts";
import { aiperf, BINARY } from "./aiperf.ts";

test("--help tells what it does and how long it takes", async () => {
  await using run = await aiperf(["calibrate", "--help"]);
  expect(run.status).toBe(0);
  expect(run.stdout).toContain("about 30 s");
});

test.each([
  [["--bogus"], "E_FLAG_UNKNOWN"],
  [["--concurrency", "none"], "E_FLAG_VALUE"],
  [["--itl-ms", "5"], "E_FLAG_CONFLICT"],
])("%j is refused", async (flags, code) => {
  await using run = await aiperf(["calibrate", ...flags]);
  expect(run.status).toBe(1);
  expect(run.complaint).toContain(code);
});

const LOAD = { ttftMs: 50, itlMs: 5, osl: 10, durationS: undefined };

test("a try finds the load that was asked, and an error that is no more than a machine's", async () => {
  const tried = await probe([BINARY], { ...LOAD, concurrency: 5, requests: 20 }, 15_000);
  expect(tried.trouble).toBeUndefined();
  expect(tried.errorMs).toBeGreaterThan(0);
  expect(tried.errorMs).toBeLessThan(1000);
  // 5 streams of 10 tokens in 95 ms.
  expect(tried.tokensPerS).toBeGreaterThan(50);
  expect(tried.tokensPerS).toBeLessThan(700);
}, 20_000);

test("a try that cannot run says why", async () => {
  const tried = await probe([BINARY], { ...LOAD, concurrency: 3, requests: 0 }, 15_000);
  expect(tried.trouble).toContain("--request-count");
  expect(tried.errorMs).toBe(Number.POSITIVE_INFINITY);
}, 20_000);
