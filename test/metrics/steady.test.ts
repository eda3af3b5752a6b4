import { expect, test } from "bun:test";
import { createCollector, metricOf, type Summary, summarize } from "#metrics";
import { mser } from "../../src/metrics/steady.ts";
import { makeRecord, ms, STREAMING } from "./make-record.ts";

/** Requests as [start, end] in ms, one content at the end. */
function steadyOf(requests: readonly (readonly [number, number])[]): Summary["steady"] {
  const collector = createCollector({ plan: STREAMING });
  for (const [start, end] of requests) {
    collector.add(
      makeRecord({
        ...{ dueNs: start * 1e6, startNs: start * 1e6, endNs: end * 1e6 },
        ...{ contentNs: ms(end), firstOutputNs: end * 1e6 },
      }),
    );
  }
  const endNs = Math.max(...requests.map(([, end]) => end)) * 1e6;
  return summarize([collector.snapshot().data], {
    plan: STREAMING,
    epoch: { monotonicNs: 0, wallNs: 0n },
    window: { startNs: 0, endNs },
  }).steady;
}

/** `slots` slots that are taken `everyMs` apart, each with requests of 100 ms, till 3,000 ms. */
function closedLoop(slots: number, everyMs: number): (readonly [number, number])[] {
  return Array.from({ length: slots }, (_, slot) => slot * everyMs).flatMap((from) =>
    Array.from({ length: Math.floor((3000 - from) / 100) }, (_, i): readonly [number, number] => [
      from + i * 100,
      from + i * 100 + 100,
    ]),
  );
}

test("ramp-up and drain are left out", () => {
  // Ten slots, one more each 50 ms from 0 to 450 (at nine of ten, 400, the load is on); slots end
  // with whole requests, at 2,950 or 3,000: below nine from 2,950 on.
  const steady = steadyOf(closedLoop(10, 50));
  expect(steady).toMatchObject({ startNs: 400e6, endNs: 2950e6 });
  const throughput = metricOf(steady!.metrics, "request_throughput")?.stats.avg;
  expect(throughput).toBeCloseTo(steady!.okCount / 2.55, 9);
  // Ten slots of ten requests a second.
  expect(throughput).toBeGreaterThan(96);
  expect(throughput).toBeLessThan(101);
});

test("what precedes the server's settling is left out too", () => {
  // One slot: ten slow requests of 500 ms, then fifty of 100 ms.
  const slow = Array.from({ length: 10 }, (_, i) => [i * 500, i * 500 + 500] as const);
  const fast = Array.from({ length: 50 }, (_, i) => [5000 + i * 100, 5100 + i * 100] as const);
  const steady = steadyOf([...slow, ...fast]);
  expect(metricOf(steady!.metrics, "request_latency")?.stats).toMatchObject({ min: 100, max: 100 });
});

test("a run of a few requests has no steady part", () => {
  expect(
    steadyOf([
      [0, 100],
      [100, 200],
    ]),
  ).toBeUndefined();
});

test("the truncation leaves the smallest error, of half of the series at most", () => {
  expect(mser(Float64Array.of(9, 8, 1, 1.1, 0.9, 1, 1.1, 0.9))).toBe(2);
  expect(mser(Float64Array.of(1, 1.1, 0.9, 1, 1.1, 0.9))).toBe(0);
  expect(mser(Float64Array.of(9, 8, 7, 6, 5, 4, 3, 2))).toBeLessThanOrEqual(4);
  expect(mser(new Float64Array(0))).toBe(0);
});
