// What a report says beside its table: limits, slices, certainty, the tables that were asked for.

import { expect, test } from "bun:test";
import type { RequestRecord } from "#core";
import { createCollector, type Summary, summarize } from "#metrics";
import { type ReportOptions, renderReport } from "#report";
import { makeFailure, makeRecord, ms, STREAMING } from "../metrics/make-record.ts";

const OPTIONS: ReportOptions = {
  ...{ width: 140, color: false, title: "LLM Metrics", files: [], notes: [] },
  ...{ wasCancelled: false, incompleteReason: undefined },
};

/** A request at a time, 20 ms apart, whose first token takes as long as its second says, in ms. */
function run(
  count: number,
  ttft: (second: number, i: number) => number,
  options: { readonly limits?: boolean; readonly sliceNs?: number } = {},
): Summary {
  const slos = [
    { tag: "time_to_first_token", limit: 100 },
    { tag: "output_token_throughput_per_user", limit: 10 },
  ];
  const plan = { ...STREAMING, slos: options.limits ? slos : [] };
  const collector = createCollector({ plan });
  const records: RequestRecord[] = Array.from({ length: count }, (_, i) => {
    const start = 1000 + 20 * i;
    const first = start + ttft(Math.floor((20 * i) / 1000), i);
    return makeRecord({
      ...{ dueNs: start * 1e6, startNs: start * 1e6, endNs: (first + 100) * 1e6 },
      ...{ contentNs: ms(first, first + 100), firstOutputNs: first * 1e6 },
    });
  });
  for (const record of records) collector.add(record);
  if (options.limits) collector.add(makeFailure({ dueNs: 1500e6, startNs: 1500e6, endNs: 1500e6 }));
  const endNs = Math.max(...records.map((record) => record.endNs));
  return summarize([collector.snapshot().data], {
    plan,
    epoch: { monotonicNs: 0, wallNs: 0n },
    window: { startNs: 1e9, endNs },
    percentiles: [75, 99.9],
    sliceNs: options.sliceNs,
  });
}

test("each limit by itself, and all together", () => {
  // 50 of 100 at 100 ms, 50 at 101; 3 tokens in 100 ms are 30 a second; one failed.
  const summary = run(100, (_, i) => 100 + (i % 2), { limits: true });
  const text = renderReport(summary, OPTIONS);
  // 50 good ones in 2.181 s.
  expect(text).toContain(
    "Goodput: 22.93 of 45.85 requests/sec; 49.5% of requests kept both limits",
  );
  expect(text).toContain(
    "  Time to First Token ≤ 100 ms                            49.5% (50 of 101)",
  );
  expect(text).toContain("≥ 10 tokens/sec/user   99.0% (100 of 101)");
  expect(text).toContain("│ Goodput (requests/sec)");
});

test("slices as a table, their ranges, and a warm-up that is one", () => {
  // 200 ms in the first second, then 100 to 104 in turn.
  const summary = run(350, (second, i) => (second === 0 ? 200 : 100 + (i % 5)), { sliceNs: 1e9 });
  expect(renderReport(summary, OPTIONS)).toMatchSnapshot();
});

test.each([
  ["a rise is a degradation", (second: number) => 100 + 10 * second, "Degradation: TTFT rose by"],
  [
    "a fall is an improvement",
    (second: number) => 95 + (second === 0 ? 1 : 70 - 10 * second),
    "Improvement: TTFT fell by",
  ],
  [
    "what is even is steady",
    (_: number, i: number) => 100 + (i % 3),
    "Steady: no trend in TTFT beyond chance",
  ],
  [
    "a trend that matters to no one is steady too",
    (second: number) => 100 + second / 2,
    "Steady: TTFT changed by only 2.",
  ],
])("%s", (_, ttft, finding) => {
  expect(renderReport(run(350, ttft, { sliceNs: 1e9 }), OPTIONS)).toContain(finding);
});

test("few slices tell no trend", () => {
  const text = renderReport(
    run(120, () => 100, { sliceNs: 1e9 }),
    OPTIONS,
  );
  expect(text).toContain("Trend: 2 whole slices tell none; six do");
  expect(text).toContain("* the run ended before this slice did");
});

test("many slices are told by their ends, and narrow terminals by fewer columns", () => {
  const summary = run(1000, () => 100, { sliceNs: 0.25e9, limits: true });
  for (const width of [140, 80, 60, 50]) {
    const lines = renderReport(summary, { ...OPTIONS, width }).split("\n");
    for (const line of lines) expect(Bun.stringWidth(line)).toBeLessThanOrEqual(width);
    const rows = lines.filter((line) => /^│.*\d+(\.\d)?-\d/.test(line));
    expect(rows.length).toBe(30);
  }
});

test("a p99 of few requests has no bound, one of many may be wide", () => {
  const few = renderReport(
    run(100, () => 100),
    OPTIONS,
  );
  expect(few).toContain("p99 stands on 100 requests: the true one may be far higher (from 368");
  // Of 400 one in a hundred takes 500 ms: the tail is known to be somewhere between.
  const wide = renderReport(
    run(400, (_, i) => (i % 100 === 50 ? 500 : 100)),
    OPTIONS,
  );
  expect(wide).toContain(
    "With 95% certainty: p99 of Time to First Token is between 100.00 and 500.00",
  );
  expect(
    renderReport(
      run(400, () => 100),
      OPTIONS,
    ),
  ).not.toContain("certainty");
});

test("percentiles that were asked for have columns, the highest first", () => {
  const summary = run(100, (_, i) => 100 + i);
  const head = (width: number) =>
    renderReport(summary, { ...OPTIONS, width, percentiles: [75, 99.9] })
      .split("\n")
      .find((line) => line.startsWith("┃ Metric"))!
      .replaceAll("┃", " ")
      .trim()
      .split(/\s+/)
      .slice(1);
  expect(head(140)).toEqual(["avg", "min", "max", "p99.9", "p99", "p90", "p75", "p50", "std"]);
  expect(head(60)).toEqual(["avg", "p99.9", "p75"]);
});

test("what the sockets saw is shown when it was asked for", () => {
  const summary = run(10, () => 100);
  expect(renderReport(summary, OPTIONS)).not.toContain("HTTP");
  const text = renderReport(summary, { ...OPTIONS, showsTrace: true });
  expect(text).toContain("AIPerf | HTTP Trace Timing");
  // 1,090 − 1,006 ms of the first request's own making.
  expect(text).toContain("│ HTTP Waiting (TTFB) (ms)");
});

test("a steady part that differs is told", () => {
  // Ten slow requests in a row, then very many fast ones, each after the other.
  const plan = STREAMING;
  const collector = createCollector({ plan });
  const times = [
    ...Array.from({ length: 10 }, (_, i) => [i * 500, i * 500 + 500] as const),
    ...Array.from({ length: 100 }, (_, i) => [5000 + i * 100, 5100 + i * 100] as const),
  ];
  for (const [start, end] of times)
    collector.add(
      makeRecord({
        ...{ dueNs: start * 1e6, startNs: start * 1e6, endNs: end * 1e6 },
        ...{ contentNs: ms(end), firstOutputNs: end * 1e6 },
      }),
    );
  const summary = summarize([collector.snapshot().data], {
    ...{ plan, epoch: { monotonicNs: 0, wallNs: 0n } },
    window: { startNs: 0, endNs: 15e9 },
  });
  const text = renderReport(summary, OPTIONS);
  expect(text).toMatch(
    /Steady part, 10\.\d of 15\.0 sec, without ramp-up and drain: TTFT 100\.00 ms/,
  );
});
