// The report of real runs, as a person sees it.

import { expect, test } from "bun:test";
import { createCollector, type Summary, summarize } from "#metrics";
import { type ReportOptions, renderReport } from "#report";
import { goldenRecords } from "../metrics/golden-records.ts";
import { makeFailure, makeRecord, STREAMING } from "../metrics/make-record.ts";

const OPTIONS: ReportOptions = {
  width: 140,
  color: false,
  title: "LLM Metrics",
  files: [
    { label: "CSV Export", path: "artifacts/profile_export_aiperf.csv" },
    { label: "Log File", path: "artifacts/logs/aiperf.log" },
  ],
  notes: [],
  wasCancelled: false,
  incompleteReason: undefined,
};

function summaryOf(records: Iterable<Parameters<typeof makeRecord>[0]>): Summary {
  const collector = createCollector({ plan: STREAMING });
  for (const record of records) collector.add(makeRecord(record));
  return summarize([collector.snapshot().data], {
    plan: STREAMING,
    epoch: { monotonicNs: 0, wallNs: 0n },
    window: { startNs: 0, endNs: 658_293_000 },
  });
}

const errors = summaryOf(goldenRecords("errors").records);

test("a run with failures: the failures first, then the table, then what matters", () => {
  expect(renderReport(errors, OPTIONS)).toMatchSnapshot();
});

test.each([100, 80, 60, 40])("%d columns are enough", (width) => {
  const text = renderReport(errors, { ...OPTIONS, width, files: [] });
  for (const line of text.split("\n")) expect(Bun.stringWidth(line)).toBeLessThanOrEqual(width);
  const head = text.split("\n").filter((line) => line.startsWith("┃ Metric"))[0]!;
  const figures = head.replaceAll("┃", " ").trim().split(/\s+/).slice(1);
  expect(figures).toEqual(
    {
      100: ["avg", "min", "max", "p99", "p90", "p50", "std"],
      80: ["avg", "max", "p99", "p90", "p50"],
      60: ["avg", "p99", "p50"],
      40: ["avg"],
    }[width]!,
  );
});

test("colour changes nothing but the colour", () => {
  const colored = renderReport(errors, { ...OPTIONS, color: true });
  expect(colored).toContain("\x1b[31m");
  expect(Bun.stripANSI(colored)).toBe(renderReport(errors, OPTIONS));
});

test("when everything failed there is no table of N/A, but a sentence", () => {
  const text = renderReport(summaryOf([makeFailure(), makeFailure({ endNs: 1100e6 })]), {
    ...OPTIONS,
    cliCommand: "aiperf profile",
  });
  expect(text).toContain("AIPerf | No request succeeded: all 2 failed");
  expect(text).toContain("AIPerf | Error Summary");
  expect(text).not.toContain("LLM Metrics");
  expect(text).toEndWith(
    "CLI Command: aiperf profile\nBenchmark Duration: 0.66 sec\nSuccess Rate: 0% (2 errors)\n\n" +
      "CSV Export: artifacts/profile_export_aiperf.csv\nLog File: artifacts/logs/aiperf.log\n",
  );
  expect(renderReport(summaryOf([]), OPTIONS)).toContain("No request was finished");
});

test("one failure among many is not a success rate of 100 %", () => {
  const records = [...Array(2999).fill(makeRecord()), makeFailure()];
  expect(renderReport(summaryOf(records), OPTIONS)).toContain("Success Rate: 99.9% (1 error)\n");
  expect(renderReport(summaryOf([makeRecord()]), OPTIONS)).toContain(
    "Success Rate: 100% (0 errors)\n",
  );
});

test("a run that was cut short says so, first and in its duration", () => {
  const cut = { ...OPTIONS, wasCancelled: true, notes: ["The prompts were counted otherwise."] };
  const text = renderReport(errors, cut);
  expect(text).toStartWith("\nAIPerf | INCOMPLETE RESULTS: the run was cancelled\n");
  expect(text).toContain("Benchmark Duration: 0.65 sec (cancelled early)\n");
  expect(text).toContain("\nThe prompts were counted otherwise.\n");
  const why = renderReport(errors, { ...OPTIONS, incompleteReason: "too many failures" });
  expect(why).toContain("INCOMPLETE RESULTS: too many failures");
});

test("replies of other lengths than asked for deserve attention", () => {
  const text = renderReport(summaryOf([{}, { requestedTokens: 100 }]), OPTIONS);
  expect(text).toContain("Output length: 1 of 2 requests (50.0%)");
  expect(renderReport(summaryOf([{}]), OPTIONS)).not.toContain("Output length");
});

test("many kinds of failure are not all listed", () => {
  const failures = Array.from({ length: 14 }, (_, i) =>
    makeFailure({ error: { code: undefined, type: "SocketError", message: `number ${i}` } }),
  );
  const text = renderReport(summaryOf([makeRecord(), ...failures]), OPTIONS);
  expect(text.split("\n").filter((line) => line.includes("SocketError")).length).toBe(10);
  expect(text).toContain("4 more kinds of failure are in the JSON export");
  expect(text).toContain("│  N/A │ SocketError │");
});
