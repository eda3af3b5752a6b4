// The summaries: keys, order, units and number formats as AIPerf's, read back by others' parsers.

import { expect, test } from "bun:test";
import { fromCSV } from "arquero";
import {
  csvSchema,
  inputsJson,
  inputsSchema,
  newBenchmarkId,
  summaryCsv,
  summaryJson,
  summarySchema,
} from "#export";
import { createCollector, type Summary, summarize } from "#metrics";
import { type GoldenRun, goldenRecords, goldenText } from "../metrics/golden-records.ts";
import { makeFailure, makeRecord, STREAMING } from "../metrics/make-record.ts";

const RUN = {
  benchmarkId: "a90c4c53b7e0",
  seed: 7,
  cliCommand: "aiperf profile --model 'mock'",
  inputConfig: { models: { items: [{ name: "mock" }] } },
  wasCancelled: false,
  incompleteReason: undefined,
  notes: [],
};

/** A run of AIPerf, summarised by us. */
function summaryOf(run: GoldenRun): Summary {
  const { records, epoch } = goldenRecords(run);
  const collector = createCollector({ plan: STREAMING });
  for (const record of records) collector.add(record);
  const window = { startNs: 0, endNs: run === "stream" ? 2_398_771_000 : 658_293_000 };
  return summarize([collector.snapshot().data], { plan: STREAMING, epoch, window });
}

const RUNS = ["stream", "errors"] as const;

/** Metrics that only one of the two programs computes. */
const ONE_SIDED = /^(goodput|good_|confidence$|steady_state$|hdr$)|_from_due$/;

test.each(RUNS)("%s: the JSON has AIPerf's keys, the fixed ones in its order", (run) => {
  const theirs: object = JSON.parse(goldenText(run, "profile_export_aiperf.json"));
  const ours: object = JSON.parse(summaryJson(summaryOf(run), RUN));
  const keys = (report: object) => Object.keys(report).filter((key) => !ONE_SIDED.test(key));
  const fixed = (report: object) => keys(report).slice(0, keys(report).indexOf("end_time") + 1);
  expect(fixed(ours)).toEqual(fixed(theirs));
  expect(keys(ours).sort()).toEqual(keys(theirs).sort());
  for (const key of keys(ours)) {
    const [mine, other] = [ours, theirs].map((report) => report[key as keyof object] as object);
    if (typeof mine !== "object" || key === "input_config") continue;
    expect(Object.keys(mine), key).toEqual(Object.keys(other!));
  }
});

test.each(RUNS)("%s: the schemas are true of AIPerf's files and of ours", (run) => {
  const theirs = JSON.parse(goldenText(run, "profile_export_aiperf.json"));
  expect(summarySchema.safeParse(theirs).error).toBeUndefined();
  expect(
    summarySchema.safeParse(JSON.parse(summaryJson(summaryOf(run), RUN))).error,
  ).toBeUndefined();
  expect(inputsSchema.safeParse(JSON.parse(goldenText(run, "inputs.json"))).error).toBeUndefined();
  expect(
    csvSchema.safeParse(tablesOf(goldenText(run, "profile_export_aiperf.csv"))).error,
  ).toBeUndefined();
  expect(csvSchema.safeParse(tablesOf(summaryCsv(summaryOf(run)))).error).toBeUndefined();
});

test("a run that was cut short says so, with its notes and its warm-up", () => {
  const collector = createCollector({ plan: STREAMING });
  collector.add(makeRecord({ phase: "warmup" }));
  collector.add(makeFailure({ phaseIndex: 1 }));
  const summary = summarize([collector.snapshot().data], {
    plan: STREAMING,
    epoch: { monotonicNs: 0, wallNs: 0n },
    window: { startNs: 1e9, endNs: 2e9 },
    warmupWindow: { startNs: 0, endNs: 1e9 },
  });
  const report = summarySchema.parse(
    JSON.parse(
      summaryJson(summary, {
        ...RUN,
        seed: undefined,
        wasCancelled: true,
        incompleteReason: "stopped by the user",
        notes: ["counted with another tokenizer"],
      }),
    ),
  );
  expect(report).toMatchObject({
    was_cancelled: true,
    is_complete: false,
    incomplete_reason: "stopped by the user",
    metadata: { notes: ["counted with another tokenizer"] },
    warmup_metrics: { time_to_first_token: { unit: "ms", avg: 100 } },
    error_summary: [{ error_details: { code: 500, message: "no" }, count: 1 }],
  });
  expect(report.run_info).not.toHaveProperty("random_seed");
  expect(report).not.toHaveProperty("request_latency");
});

test("start and end are local time with microseconds", () => {
  const summary = { ...summaryOf("stream"), startWallNs: 1_795_508_309_000_042_999n };
  const { start_time } = JSON.parse(summaryJson(summary, RUN));
  expect(new Date(start_time.slice(0, 23)).getTime()).toBe(1_795_508_309_000);
  expect(start_time).toEndWith(".000042");
});

test.each(RUNS)("%s: every row of the CSV is AIPerf's", (run) => {
  // The golden copies have lost the carriage returns of the originals.
  const theirs = goldenText(run, "profile_export_aiperf.csv").trimEnd().split("\n");
  const ours = summaryCsv(summaryOf(run)).trimEnd().split("\r\n");
  // What they compute from times of 256 ns grain differs in its last digits.
  const compared = (rows: string[]): string[] =>
    rows.filter((row) => !/^(Active|Effective|Tokens In|Goodput|Good)|from Due/.test(row));
  expect(compared(ours)).toEqual(compared(theirs));
});

test("arquero reads the CSV", () => {
  const [spread, single] = summaryCsv(summaryOf("stream")).split("\r\n\r\n");
  const table = fromCSV(spread!);
  expect(table.columnNames().slice(0, 3)).toEqual(["Metric", "avg", "min"]);
  const row = table
    .objects()
    .find((r) => (r as { Metric: string }).Metric === "Request Latency (ms)");
  expect(row).toMatchObject({ avg: 453.75, p75: 483.73, std: 38.8 });
  expect(fromCSV(single!).columnNames()).toEqual(["Metric", "Value"]);
});

test("a name with a comma or a quote is quoted", () => {
  const metric = summaryOf("stream").metrics[0]!;
  const summary = { ...summaryOf("stream"), metrics: [{ ...metric, header: 'a, "b"' }] };
  expect(summaryCsv(summary)).toContain('\r\n"a, ""b"" (ms)",153.69,');
});

test("inputs.json is the same JSON that AIPerf writes", () => {
  const theirs = goldenText("stream", "inputs.json");
  const sessions = inputsSchema.parse(JSON.parse(theirs)).data.map((session) => ({
    id: session.session_id,
    payloads: session.payloads,
  }));
  expect([...inputsJson(sessions)].join("")).toBe(`${theirs}\n`);
  expect(JSON.parse([...inputsJson([])].join(""))).toEqual({ data: [] });
});

test("a run has a name of its own", () => {
  expect(newBenchmarkId()).toMatch(/^[0-9a-f]{12}$/);
  expect(newBenchmarkId()).not.toBe(newBenchmarkId());
});

/** The cells of the two tables of a CSV, by a reader of RFC 4180 that knows no quotes. */
function tablesOf(csv: string): { spread: string[][]; single: string[][] } {
  const [spread, single] = csv
    .trimEnd()
    .split(/\r?\n\r?\n/)
    .map((table) => table.split(/\r?\n/).map((row) => row.split(",")));
  return { spread: spread!, single: single! };
}
