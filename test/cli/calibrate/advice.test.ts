import { expect, test } from "bun:test";
import { painter } from "#report";
import {
  type Calibration,
  calibrationAdvice,
  calibrationTable,
  holds,
} from "../../../src/cli/calibrate/advice.ts";
import type { Probe } from "../../../src/cli/calibrate/probe.ts";
import { receiveErrorMs } from "../../../src/cli/calibrate/receive-error.ts";

const LOAD = {
  concurrency: 200,
  ttftMs: 100,
  itlMs: 5,
  osl: 50,
  requests: 800,
  durationS: undefined,
};
const GOOD: Probe = {
  ...{ load: LOAD, requestsPerS: 400, tokensPerS: 38_214.4, errorMs: 0.61, mockLateMs: 3 },
  trouble: undefined,
};
const LATE: Probe = { ...GOOD, tokensPerS: 71_000, errorMs: 2.345, mockLateMs: 45 };
const FOUND: Calibration = {
  cores: 2,
  chunks: { best: GOOD, beyond: LATE },
  requests: {
    best: undefined,
    beyond: { ...GOOD, errorMs: Number.POSITIVE_INFINITY, trouble: "it broke" },
  },
  streams: {
    best: { ...GOOD, load: { ...LOAD, concurrency: 4000, itlMs: 100 } },
    beyond: undefined,
  },
  given: undefined,
};

const cellsOf = (calibration: Calibration, row: string): string[] => {
  const line = calibrationTable(calibration, painter(false))
    .split("\n")
    .find((text) => text.startsWith(`│ ${row}`))!;
  return line
    .split("│")
    .slice(2, -1)
    .map((cell) => cell.trim());
};

test("the table has what held, with what, and what did not", () => {
  expect(cellsOf(FOUND, "chunks/s")).toEqual([
    ...["38,214", "0.61 ms", "200 streams, ITL 5 ms", "71,000: 2.35 ms, the mock late itself"],
  ]);
  expect(cellsOf(FOUND, "requests/s")).toEqual(["none", "", "", "it broke"]);
  expect(cellsOf(FOUND, "streams")).toEqual(["4,000", "0.61 ms", "ITL 100 ms", "not reached"]);
  expect(cellsOf({ ...FOUND, given: LATE }, "your load")[0]).toBe("71,000 tokens/s");
});

test("advice follows from what was found", () => {
  const [room, mock] = calibrationAdvice(FOUND);
  expect(room).toStartWith("Up to 38,214 tokens/s and 4,000 streams");
  expect(mock).toStartWith("The mock server reached its own limit");
  const on = (given: Probe) => calibrationAdvice({ ...FOUND, given })[1];
  expect(on(GOOD)).toBe("Your load is held with an error of 0.61 ms (p99).");
  expect(on(LATE)).toStartWith("With your load expect up to 2.35 ms of each latency");
  expect(on({ ...GOOD, trouble: "no request succeeded" })).toBe(
    "Your load did not run: no request succeeded.",
  );
  const none = { best: undefined, beyond: LATE };
  expect(calibrationAdvice({ ...FOUND, chunks: none })[0]).toStartWith("Even a small load");
});

test("what holds has an error below a millisecond and no trouble", () => {
  expect([GOOD, { ...GOOD, errorMs: 1 }, { ...GOOD, trouble: "x" }].map(holds)).toEqual([
    ...[true, false, false],
  ]);
});

test("the error is the receiving side's, whatever the clocks of the two differ by", () => {
  const exchange = (lateMs: number, clockMs: number) => ({
    ...{ startNs: 0, arrivalNs: (0.02 + clockMs) * 1e6 },
    firstWriteNs: (100 + clockMs) * 1e6,
    lastWriteNs: (200 + clockMs) * 1e6,
    ...{ firstNs: 100.02 * 1e6, lastNs: (200.02 + lateMs) * 1e6 },
  });
  for (const clockMs of [0, 500, -7]) {
    expect(receiveErrorMs([0, 3, 1].map((lateMs) => exchange(lateMs, clockMs)))).toBeCloseTo(
      3.02,
      6,
    );
  }
});
