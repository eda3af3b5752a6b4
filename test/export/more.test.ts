// The artifacts beside the summary and the records: each against its schema, and read back.

import { expect, test } from "bun:test";
import { fromCSV } from "arquero";
import {
  jsonSchemaOf,
  lineMaker,
  lineSchema,
  manifestSchema,
  metadataMaker,
  outputMaker,
  outputsJson,
  outputsSchema,
  phaseArtifacts,
  rawLine,
  rawLineSchema,
  runFileJson,
  runFileSchema,
  SCHEMAS,
  summaryCsv,
  summaryJson,
  summarySchema,
  timeslicesCsv,
  timeslicesJson,
  timeslicesSchema,
  traceMaker,
  type WireFacts,
} from "#export";
import { Histogram } from "#ffi";
import { createCollector, type Summary, summarize } from "#metrics";
import { goldenText } from "../metrics/golden-records.ts";
import { makeFailure, makeRecord, ms, STREAMING } from "../metrics/make-record.ts";

const PLAN = { ...STREAMING, slos: [{ tag: "time_to_first_token", limit: 150 }] };
const EPOCH = { monotonicNs: 0, wallNs: 1_795_508_309_000_000_001n };
const PHASES = [
  { name: "warm up", kind: "warmup" },
  { name: "profiling", kind: "profiling" },
] as const;
const RUN = {
  benchmarkId: "a90c4c53b7e0",
  seed: 7,
  cliCommand: "aiperf profile --model 'mock'",
  inputConfig: { models: { items: [{ name: "mock" }] } },
  wasCancelled: true,
  incompleteReason: undefined,
  notes: [],
  audit: { verdict: "valid" },
};

/** A hundred requests, one each 40 ms, each with a first token after 101, 102, … ms. */
function summaryOf(): Summary {
  const collector = createCollector({ plan: PLAN });
  collector.add(makeRecord({ phase: "warmup", phaseIndex: 0 }));
  for (let i = 0; i < 100; i++) {
    const start = 1000 + 40 * i;
    const [first, last] = [start + 101 + i, start + 300];
    collector.add(
      makeRecord({
        ...{ phaseIndex: 1, dueNs: start * 1e6, startNs: start * 1e6, endNs: last * 1e6 },
        ...{ contentNs: ms(first, last), firstOutputNs: first * 1e6 },
      }),
    );
  }
  collector.add(makeFailure({ phaseIndex: 1, startNs: 2000e6, dueNs: 2000e6, endNs: 2000e6 }));
  const window = { startNs: 1e9, endNs: 6e9 };
  return summarize([collector.snapshot().data], {
    plan: PLAN,
    epoch: EPOCH,
    window,
    warmupWindow: { startNs: 0, endNs: 1e9 },
    phaseWindows: [{ startNs: 0, endNs: 1e9 }, window],
    percentiles: [75, 99.9],
    sliceNs: 1e9,
  });
}

const summary = summaryOf();

test("the summary has limits, intervals, the steady part, the trend and histograms", () => {
  const report = summarySchema.parse(JSON.parse(summaryJson(summary, RUN)));
  expect(report.slo_attainment).toEqual([
    {
      ...{ tag: "time_to_first_token", unit: "ms", at_most: 150 },
      // 101 to 150 of 101 requests; the failed one missed it too.
      ...{ met_count: 50, missed_count: 51, met_fraction: 50 / 101 },
    },
  ]);
  // 101 to 200: places 39 and 60 of the sorted hundred.
  expect(report.confidence?.metrics.time_to_first_token?.p50).toEqual({ low: 140, high: 161 });
  expect(report.confidence?.metrics.time_to_first_token?.p99).not.toHaveProperty("high");
  expect(report.time_to_first_token).toMatchObject({ p75: 175.25 });
  expect(report.time_to_first_token!["p99.9"]).toBeCloseTo(101 + 98.901, 9);
  expect(report.trend).toMatchObject({ finding: "unknown", slice_duration_sec: 1 });
  const histogram = Histogram.decode(report.hdr!.time_to_first_token!.encoded);
  expect(histogram.count).toBe(100);
  // To three digits; the nearest rank of 50 % is the 50th value.
  expect(Math.abs(histogram.percentile(50) / 150e6 - 1)).toBeLessThan(0.001);
  const text = summaryJson(summary, RUN);
  expect(text).toContain(`"start_ns": ${EPOCH.wallNs + BigInt(summary.steady!.startNs)},`);
});

test("percentiles that were asked for are columns of the CSV, in their order", () => {
  const [head, ...rows] = summaryCsv(summary).split("\r\n");
  expect(head).toEndWith("p75,p90,p95,p99,p99.9,std");
  const ttft = rows.find((row) => row.startsWith("Time to First Token (ms)"))!.split(",");
  expect(ttft[head!.split(",").indexOf("p99.9")]).toBe("199.90");
});

test("slices, nested and long", async () => {
  const file = JSON.parse(timeslicesJson(summary, RUN.inputConfig));
  timeslicesSchema.parse(file);
  // Requests start from 1,000 to 4,960 ms; the last one ends at 5,260.
  expect(file.timeslices.map((slice: { request_count: object }) => slice.request_count)).toEqual(
    [25, 25, 25, 25].map((avg) => ({ unit: "requests", avg })),
  );
  const text = await timeslicesCsv(summary);
  expect(text.split("\r\n")[0]).toBe("Timeslice,Start_NS,End_NS,Metric,Unit,Stat,Value");
  expect(text).toContain(
    `1,${EPOCH.wallNs + 2_000_000_000n},${EPOCH.wallNs + 3_000_000_000n},Time to First Token,ms,avg,138.00\r\n`,
  );
  const table = fromCSV(text.replaceAll("\r\n", "\n"));
  const rows = table.objects() as {
    Timeslice: number;
    Metric: string;
    Stat: string;
    Value: number;
  }[];
  const sums = rows.filter(({ Metric, Stat }) => Metric === "Request Count" && Stat === "avg");
  expect(sums.map(({ Value }) => Value)).toEqual([25, 25, 25, 25]);
});

test("AIPerf's own files are true to the schemas", () => {
  timeslicesSchema.parse(JSON.parse(goldenText("stream", "profile_export_aiperf_timeslices.json")));
  const theirs = goldenText("warmup", "phase_manifest.json").replace(
    / *"server_metrics_json": .*\n/g,
    (line) => line,
  );
  manifestSchema.parse(JSON.parse(theirs));
});

test("each phase has a folder, and the manifest says which", () => {
  const artifacts = phaseArtifacts("phase_manifest.json", summary, PHASES, RUN);
  const files = new Map(artifacts.map(({ name, text }) => [name, [...text()].join("")]));
  expect([...files.keys()]).toEqual([
    "phases/warm_up/profile_export_aiperf.json",
    "phases/warm_up/profile_export_aiperf.csv",
    "phases/profiling/profile_export_aiperf.json",
    "phases/profiling/profile_export_aiperf.csv",
    "phase_manifest.json",
  ]);
  const manifest = manifestSchema.parse(JSON.parse(files.get("phase_manifest.json")!));
  expect(manifest.phases).toMatchObject([
    {
      ...{ phase_name: "warm up", phase_kind: "warmup", phase_index: 0, profiling_index: null },
      ...{ successful_request_count: 1, total_request_count: 1, was_cancelled: false },
    },
    {
      ...{ phase_name: "profiling", phase_index: 1, profiling_index: 0, was_cancelled: true },
      ...{ successful_request_count: 100, error_request_count: 1, total_request_count: 101 },
      error_summary: [{ error_details: { code: 500 }, count: 1 }],
    },
  ]);
  expect(files.get("phase_manifest.json")).toContain(`"start_ns": ${EPOCH.wallNs + 10n ** 9n}`);
  const keys = JSON.stringify(manifest.phases[0], Object.keys(manifest.phases[0]!).sort());
  const theirs = JSON.parse(goldenText("warmup", "phase_manifest.json")).phases[0];
  const { server_metrics_json: _, ...theirPhase } = theirs;
  expect(Object.keys(JSON.parse(keys))).toEqual(Object.keys(theirPhase));
  const warmup = summarySchema.parse(
    JSON.parse(files.get("phases/warm_up/profile_export_aiperf.json")!),
  );
  expect(warmup.time_to_first_token).toMatchObject({ avg: 100, count: 1 });
  expect(warmup).not.toHaveProperty("audit");
  expect(phaseArtifacts("m", { ...summary, phases: [] }, PHASES, RUN)).toEqual([]);
});

const OPTIONS = { epoch: EPOCH, phases: PHASES };

test("a raw line has what was sent and every piece that came", () => {
  const record = makeRecord({ phaseIndex: 1 });
  const line = rawLine(record, metadataMaker(OPTIONS)(record), {
    headers: { Accept: "text/event-stream", "X-Session-Affinity": "<redacted>" },
    responses: [
      {
        ...{ stampNs: 1100e6, text: "", contentType: "text/event-stream" },
        packets: [{ name: "data", value: '{"a":"ü"}' }],
      },
      {
        ...{ stampNs: 1190e6, text: "", contentType: "text/event-stream" },
        packets: [{ name: "data", value: "[DONE]" }],
      },
    ],
    payload: '{"messages":[]}',
  });
  const parsed = rawLineSchema.parse(JSON.parse(line));
  expect(Object.keys(parsed)).toEqual([
    ...["metadata", "start_perf_ns", "request_headers", "status", "responses", "payload"],
  ]);
  expect(parsed).toMatchObject({
    ...{ start_perf_ns: 1000e6, status: 200, payload: { messages: [] } },
    responses: [{ perf_ns: 1100e6, packets: [{ value: '{"a":"ü"}' }] }, { perf_ns: 1190e6 }],
  });
  const failed = makeFailure({ phaseIndex: 1 });
  const body = { stampNs: 1010e6, packets: undefined, text: "no", contentType: "text/plain" };
  const failure = rawLine(failed, metadataMaker(OPTIONS)(failed), {
    ...{ headers: {}, responses: [body], payload: undefined },
  });
  expect(rawLineSchema.parse(JSON.parse(failure))).toMatchObject({
    responses: [{ text: "no", content_type: "text/plain" }],
    error: { code: 500 },
  });
});

test("what the socket saw, on the wall clock", () => {
  const record = makeRecord({ phaseIndex: 1 });
  const values = createCollector({ plan: STREAMING }).add(record);
  const wire: WireFacts = {
    headers: { Accept: "text/event-stream", Authorization: "<redacted>" },
    reason: "OK",
    responseHeaders: { server: "mock" },
    chunks: [
      { stampNs: 1090e6, bytes: 5000 },
      { stampNs: 1195e6, bytes: 120 },
    ],
  };
  const line = lineMaker(OPTIONS)(record, values, traceMaker(OPTIONS)(record, wire));
  expect(lineSchema.parse(JSON.parse(line)).trace_data).toMatchObject({
    ...{ request_bytes_total: 2048, response_bytes_total: 5120, response_chunks_count: 6 },
    ...{ response_status_code: 200, dns_lookup_ns: 2e6, connecting_ns: 3e6, sending_ns: 1e6 },
    ...{ waiting_ns: 84e6, receiving_ns: 105e6, duration_ns: 190e6 },
    ...{ request_headers: wire.headers, response_reason: "OK" },
    response_headers: { server: "mock" },
  });
  expect(line).toContain('"request_chunks":[[1795508310006000001,2048]],');
  expect(line).toContain(
    '"response_chunks":[[1795508310090000001,5000],[1795508310195000001,120]],',
  );
  expect(line).toContain('"request_send_start_ns":1795508310005000001,');
  const reused = makeRecord({ phaseIndex: 1, http: { dnsNs: 0, connectNs: 0, reused: true } });
  const again = traceMaker(OPTIONS)(reused, wire);
  expect(again).toContain('"connection_reused_ns":1795508310000000001');
  expect(again).not.toContain("tcp_connect");
  const unsent = makeFailure({ phaseIndex: 1, sentNs: Number.NaN, http: { status: undefined } });
  const nothing = traceMaker(OPTIONS)(unsent, {
    headers: {},
    reason: "",
    responseHeaders: {},
    chunks: [],
  });
  expect(nothing).toContain('"request_chunks":[],"request_chunks_count":0,');
  expect(nothing).not.toContain("response_reason");
});

test("texts are put in the order of sessions and turns", () => {
  const collector = createCollector({ plan: STREAMING });
  const make = outputMaker(EPOCH);
  const lines = [
    [10, 0],
    [2, 1],
    [2, 0],
  ].map(([credit, turn]) => {
    const record = makeRecord({ phaseIndex: 1, credit: credit!, turn: turn! });
    return make(record, collector.add(record), `text "${credit}"`);
  });
  const file = outputsSchema.parse(JSON.parse([...outputsJson(lines)].join("")));
  expect(file.data.map((row) => [row.session_num, row.turn_index, row.response_text])).toEqual([
    [2, 0, 'text "2"'],
    [2, 1, 'text "2"'],
    [10, 0, 'text "10"'],
  ]);
  expect(file.data[0]!.metrics.request_latency).toEqual({ value: 190, unit: "ms" });
});

test("what a run was asked to do comes back as it was", () => {
  const run = runFileSchema.parse({
    ...{ schema_version: 1, benchmark_id: "a", title: "LLM Metrics", streaming: true },
    ...{ use_server_token_count: false, replays: false, slos: PLAN.slos, percentiles: [75] },
    ...{ cli_command: "aiperf profile", input_config: {}, phases: [...PHASES], notes: ["x"] },
    ...{ windows: [{ start_ns: "1795508309000000001", end_ns: "2" }], was_cancelled: false },
  });
  expect(runFileSchema.parse(JSON.parse(runFileJson(run)))).toEqual(run);
});

test("every schema can be had as JSON Schema", () => {
  for (const { schema } of SCHEMAS) expect(jsonSchemaOf(schema)).toHaveProperty("$schema");
  expect(new Set(SCHEMAS.map(({ name }) => name)).size).toBe(SCHEMAS.length);
});
