import { expect, test } from "bun:test";
import { createCollector, metricOf, rowsFor, type Slo, summarize } from "#metrics";
import { makeFailure, makeRecord, ms, STREAMING } from "./make-record.ts";

const SLOS: readonly Slo[] = [
  { tag: "time_to_first_token", limit: 100 },
  { tag: "output_token_throughput_per_user", limit: 40 },
];

function summaryOf(slos: readonly Slo[], records = RECORDS) {
  const plan = { ...STREAMING, slos };
  const collector = createCollector({ plan });
  const lines = records.map((record) => {
    const { rows, cells } = collector.add(record);
    return cells[rows.findIndex(({ tag }) => tag === "good_request_count")];
  });
  const summary = summarize([collector.snapshot().data], {
    plan,
    epoch: { monotonicNs: 0, wallNs: 0n },
    window: { startNs: 0, endNs: 4e9 },
  });
  return { summary, lines };
}

/**
 * TTFT 100 ms and 33.3 tokens a second; 100 and 50; 101 and 50; one token, so no speed at all;
 * and one that failed.
 */
const RECORDS = [
  makeRecord(),
  makeRecord({ contentNs: ms(1100, 1160), outputTokens: 4 }),
  makeRecord({ contentNs: ms(1101, 1161), outputTokens: 4 }),
  makeRecord({ contentNs: ms(1050), outputTokens: 1 }),
  makeFailure(),
];

test("good is what keeps every limit, at most or at least", () => {
  const { summary, lines } = summaryOf(SLOS);
  expect(lines).toEqual([0, 1, 0, 0, undefined]);
  const avg = (tag: string) => metricOf(summary.metrics, tag)?.stats.avg;
  expect(avg("good_request_count")).toBe(1);
  expect(avg("goodput")).toBe(0.25);
  expect(avg("good_request_fraction")).toBe(0.2);
});

test("each limit is counted by itself, failures included", () => {
  const counts = summaryOf(SLOS).summary.slos.map(({ tag, metCount, requestCount }) => [
    tag,
    metCount,
    requestCount,
  ]);
  expect(counts).toEqual([
    ["time_to_first_token", 3, 5],
    ["output_token_throughput_per_user", 2, 5],
  ]);
});

test("a run in which all failed has a goodput of none", () => {
  const { summary } = summaryOf(SLOS, [makeFailure()]);
  const avg = (tag: string) => metricOf(summary.metrics, tag)?.stats.avg;
  expect([avg("goodput"), avg("good_request_fraction")]).toEqual([0, 0]);
});

test("without limits there is no goodput", () => {
  const { summary } = summaryOf([]);
  expect(metricOf(summary.metrics, "goodput")).toBeUndefined();
  expect(summary.slos).toEqual([]);
});

test.each(["ttft", "request_throughput", "goodput", "requested_osl", "inter_chunk_latency"])(
  "%s is nothing that a request has",
  (tag) => {
    const plan = { ...STREAMING, slos: [{ tag, limit: 1 }] };
    expect(() => rowsFor(plan)).toThrow(
      /--goodput sets a limit on .*use one of time_to_first_token/,
    );
  },
);
