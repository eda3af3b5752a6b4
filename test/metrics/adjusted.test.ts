import { expect, test } from "bun:test";
import { Sample } from "#metrics";
import { adjustedStats } from "../../src/metrics/adjusted.ts";

test("failures are the slowest: percentiles among them are not reported", () => {
  // Ten requests, of which two failed: p75 is place 6.75, so rank 7; p90 is place 8.1, a failure.
  const sorted = Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  expect(adjustedStats(new Sample(sorted), 2, 1)).toEqual({
    ...{ p1: 1, p5: 1, p10: 2, p25: 3, p50: 5, p75: 8, min: 1, count: 10 },
  });
});

test("a place in the middle goes to the even rank", () => {
  // p50 of ten is place 4.5; p10 of six is place 0.5.
  expect(adjustedStats(new Sample(Float64Array.of(1, 2, 3, 4, 5, 6, 7)), 3, 1)?.p50).toBe(5);
  expect(adjustedStats(new Sample(Float64Array.of(1, 2, 3, 4, 5)), 1, 1)?.p10).toBe(1);
});

test("without a failure there is no twin", () => {
  expect(adjustedStats(new Sample(Float64Array.of(1)), 0, 1)).toBeUndefined();
  expect(adjustedStats(new Sample(new Float64Array(0)), 3, 1)).toBeUndefined();
});
