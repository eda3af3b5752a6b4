// Every file that a run can be asked for, the same figures made again from the records, and what is
// left of a run that was killed.

import { expect, test } from "bun:test";
import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import {
  manifestSchema,
  networkLineSchema,
  outputsSchema,
  rawLineSchema,
  summarySchema,
  timeslicesSchema,
} from "#export";
import { aiperf, profile, scratch, startAiperf, until } from "./aiperf.ts";
import { Artifacts, metric } from "./artifacts.ts";
import { startMock } from "./mock.ts";

const COUNTED = ["--tokenizer", "builtin", "--isl", "20", "--osl", "6"];

const EVERYTHING = [
  ...["--streaming", "--concurrency", "5", "--request-count", "60", "--warmup-request-count", "5"],
  ...["--goodput", "time_to_first_token:1000 request_latency:0.001", "--slice-duration", "0.2"],
  ...["--percentiles", "75,99.9", "--export-level", "raw", "--export-http-trace"],
  ...["--export-outputs-json", "--show-trace-timing", "--network-latency-automatic"],
  ...["--network-latency-ping-interval", "0.1", "--header", "X-Api-Key: topsecretvalue"],
];

test("everything that can be asked for, and all of it true to its schema", async () => {
  await using mock = await startMock("--ttft-ms", "20", "--itl-ms", "2");
  await using run = await aiperf(profile(mock.url, ...EVERYTHING, ...COUNTED));
  expect(run).toMatchObject({ status: 0 });
  for (const text of ["Goodput: 0.00 of", "Time Slices", "HTTP Trace Timing", "p99.9"])
    expect(run.stdout).toContain(text);

  const { artifacts } = run;
  const json = (name: string) => JSON.parse(artifacts.text(name));
  const lines = (name: string): unknown[] =>
    artifacts
      .text(name)
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
  const summary = artifacts.summary();
  expect(metric(summary, "good_request_count").avg).toBe(0);
  expect(summary.slo_attainment).toMatchObject([
    { tag: "time_to_first_token", met_count: 60 },
    { tag: "request_latency", met_count: 0, missed_count: 60 },
  ]);
  expect(metric(summary, "network_rtt").avg).toBeGreaterThan(0);
  expect(metric(summary, "network_adjusted_request_latency").avg).toBeCloseTo(
    metric(summary, "request_latency").avg! - metric(summary, "network_rtt").avg!,
    6,
  );
  const slices = timeslicesSchema.parse(json("profile_export_aiperf_timeslices.json")).timeslices;
  const counts = slices.map((slice) => (slice.request_count as { avg?: number })?.avg ?? 0);
  expect(counts.reduce((a, b) => a + b, 0)).toBe(60);
  const { phases } = manifestSchema.parse(json("phase_manifest.json"));
  expect(phases.map((phase) => phase.total_request_count)).toEqual([5, 60]);
  for (const phase of phases) summarySchema.parse(json(phase.metrics_json));

  const outputs = outputsSchema.parse(json("outputs.json")).data;
  expect(outputs.length).toBe(60);
  expect(outputs.map((row) => row.session_num)).toEqual(Array.from({ length: 60 }, (_, i) => i));
  expect(outputs.every((row) => row.response_text !== "")).toBe(true);
  const raw = lines("profile_export_raw.jsonl").map((line) => rawLineSchema.parse(line));
  expect(raw.length).toBe(65);
  for (const { request_headers, payload, responses } of raw) {
    expect(request_headers["X-Api-Key"]).toBe("<redacted>");
    expect(payload).toMatchObject({ model: "m", stream: true });
    // Six words, the usage and the end.
    expect(responses.length).toBe(8);
  }
  for (const { trace_data, metadata } of artifacts.records()) {
    expect(trace_data).toMatchObject({ response_status_code: 200, response_reason: "OK" });
    expect(trace_data!.request_headers).toMatchObject({
      ...{ "X-Request-ID": metadata.x_request_id, "X-Api-Key": "<redacted>" },
    });
    expect(trace_data!.response_headers).toMatchObject({
      "content-type": expect.stringContaining("text/event-stream"),
    });
    const { response_chunks: came, response_chunks_count, response_bytes_total } = trace_data!;
    expect(came.length).toBe(response_chunks_count);
    expect(came.reduce((sum, [, bytes]) => sum + bytes, 0)).toBe(response_bytes_total);
    expect(came.at(-1)![0]).toBe(trace_data!.response_receive_end_ns!);
  }
  for (const line of lines("profile_export_network_latency.jsonl")) networkLineSchema.parse(line);
  expect(json(".aiperf_results_ready.json")).toEqual({
    ...{ ready: true, was_cancelled: false, partial: false },
  });
  for (const name of artifacts.files()) expect(artifacts.text(name)).not.toContain("topsecret");
});

test("a report of a finished run has the run's own figures, or those that are asked for", async () => {
  await using mock = await startMock("--ttft-ms", "20", "--itl-ms", "2", "--error-rate", "0.1");
  await using run = await aiperf(
    profile(mock.url, "--streaming", "--concurrency", "5", "--request-count", "50", ...COUNTED),
  );
  const before = run.artifacts.summary();
  await using again = await aiperf(["report", "out"], { cwd: run.cwd });
  expect(again).toMatchObject({ status: 0 });
  expect(again.stdout).toContain("AIPerf | LLM Metrics");
  expect(run.artifacts.summary()).toEqual(before);
  await using other = await aiperf(
    [
      "report",
      "out",
      "--goodput",
      "request_latency:1",
      "--slice-duration=0.1",
      "--percentiles",
      "42",
    ],
    { cwd: run.cwd },
  );
  expect(other).toMatchObject({ status: 0 });
  const after = run.artifacts.summary();
  expect(metric(after, "good_request_count").avg).toBe(0);
  expect(metric(after, "request_latency").p42).toBeGreaterThan(20);
  expect(run.artifacts.files()).toContain("profile_export_aiperf_timeslices.csv");
});

test("a run that is killed is summarised afterwards", async () => {
  await using mock = await startMock("--ttft-ms", "5", "--itl-ms", "1");
  const running = startAiperf(
    profile(
      mock.url,
      ...["--streaming", "--concurrency", "5", "--benchmark-duration", "60", ...COUNTED],
    ),
  );
  await until("records are on the disk", () => {
    try {
      return running.artifacts.text("profile_export.jsonl").length > 100_000;
    } catch {
      return false;
    }
  });
  running.kill("SIGKILL");
  await using run = await running.finished;
  expect(run.artifacts.files()).not.toContain("profile_export_aiperf.json");
  const text = run.artifacts.text("profile_export.jsonl");
  const count = text.split("\n").filter((line) => line.includes('"request_latency"')).length;

  await using report = await aiperf(["report", "out"], { cwd: run.cwd });
  expect(report).toMatchObject({ status: 0 });
  expect(report.stdout).toContain(
    "INCOMPLETE RESULTS: the run ended before it could be summarised",
  );
  const summary = run.artifacts.summary();
  expect(metric(summary, "request_count").avg).toBe(count);
  expect(summary).toMatchObject({ is_complete: false });
});

test("records without anything beside them are enough", async () => {
  await using mock = await startMock("--ttft-ms", "5", "--itl-ms", "1");
  await using run = await aiperf(
    profile(mock.url, "--streaming", "--request-count", "5", ...COUNTED),
  );
  const bare = join(run.cwd, "bare");
  cpSync(join(run.cwd, "out/profile_export.jsonl"), join(bare, "profile_export.jsonl"));
  await using report = await aiperf(["report", "bare"], { cwd: run.cwd });
  expect(report).toMatchObject({ status: 0 });
  expect(report.stdout).toContain("Time to First Token");
  rmSync(bare, { recursive: true });
  await using missing = await aiperf(["report", "bare"], { cwd: run.cwd });
  expect(missing).toMatchObject({ status: 1 });
  expect(missing.complaint).toContain("E_RECORDS");
});

test("a folder of AIPerf's own is summarised with AIPerf's own figures", async () => {
  const cwd = scratch();
  const golden = new Artifacts(join(import.meta.dir, "../golden/stream"));
  cpSync(golden.dir, join(cwd, "theirs"), { recursive: true });
  await using report = await aiperf(["report", "theirs"], { cwd });
  expect(report).toMatchObject({ status: 0 });
  const [ours, theirs] = [new Artifacts(join(cwd, "theirs")).summary(), golden.summary()];
  for (const key of ["benchmark_id", "run_info", "input_config", "start_time", "end_time"] as const)
    expect(ours[key], key).toEqual(theirs[key]);
  for (const tag of ["time_to_first_token", "inter_token_latency", "request_latency"]) {
    const { avg, p99, std, count } = metric(ours, tag);
    const expected = metric(theirs, tag);
    expect(count).toBe(expected.count!);
    expect([avg! / expected.avg!, p99! / expected.p99!, std! / expected.std!]).toEqual(
      [1, 1, 1].map((one) => expect.closeTo(one, 9)),
    );
  }
  rmSync(cwd, { recursive: true });
});

const PYTHON = Bun.which("python3") ?? "";

test.skipIf(PYTHON === "")("Python reads what a run leaves, and finds the same P75", async () => {
  await using mock = await startMock("--ttft-ms", "10", "--itl-ms", "1");
  await using run = await aiperf(
    profile(mock.url, "--streaming", "--concurrency", "5", "--request-count", "50", ...COUNTED),
  );
  // The percentile as numpy's default finds it, without asking for numpy.
  const script = `
import csv, json
values = []
with open("out/profile_export.jsonl") as file:
    for line in file:
        values.append(json.loads(line)["metrics"]["time_to_first_token"]["value"])
values.sort()
place = 0.75 * (len(values) - 1)
low = int(place)
p75 = values[low] + (values[min(low + 1, len(values) - 1)] - values[low]) * (place - low)
with open("out/profile_export_aiperf.csv", newline="") as file:
    rows = list(csv.reader(file))
head = rows[0]
ttft = next(row for row in rows if row and row[0] == "Time to First Token (ms)")
count = next(row for row in rows if row and row[0] == "Request Count")
print(json.dumps([p75, dict(zip(head, ttft))["p75"], count[1], len(values)]))
`;
  const python = Bun.spawnSync([PYTHON, "-c", script], { cwd: run.cwd });
  const [p75, cell, requests, count] = JSON.parse(python.stdout.toString());
  expect([requests, count]).toEqual(["50.00", 50]);
  expect(metric(run.artifacts.summary(), "time_to_first_token").p75).toBeCloseTo(p75, 9);
  expect(Number(cell)).toBeCloseTo(p75, 2);
});
