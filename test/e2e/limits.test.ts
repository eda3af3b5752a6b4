// What ends a run, and what a seed, a name and a folder change about it.

import { expect, test } from "bun:test";
import { aiperf, profile, SHORT } from "./aiperf.ts";
import { metric } from "./artifacts.ts";
import { startMock } from "./mock.ts";

test.each([
  [["--request-count", "7"], 7],
  [["--num-sessions", "6"], 6],
  [["--request-count", "9", "--num-sessions", "4"], 4],
  [["--request-count", "3", "--benchmark-duration", "60"], 3],
  [[], 10],
])("%j sends exactly %d requests", async (limits, count) => {
  await using mock = await startMock();
  await using run = await aiperf(profile(mock.url, "--concurrency", "3", ...limits, ...SHORT));
  expect(run).toMatchObject({ status: 0 });
  expect(run.artifacts.records().length).toBe(count);
  expect((await mock.stop()).length).toBe(count);
});

test("a duration ends the sending, and replies within the grace period count", async () => {
  await using mock = await startMock("--ttft-ms", "300");
  const flags = ["--concurrency", "4", "--benchmark-duration", "0.5", ...SHORT];
  await using run = await aiperf(profile(mock.url, ...flags));
  expect(run).toMatchObject({ status: 0 });
  const records = run.artifacts.records();
  expect(records.every(({ error }) => error === undefined)).toBe(true);
  const startsMs = records.map(({ metadata }) => metadata.request_start_ns / 1e6);
  expect(Math.max(...startsMs) - Math.min(...startsMs)).toBeLessThan(600);
  expect(metric(run.artifacts.summary(), "benchmark_duration").avg).toBeGreaterThan(0.5);
});

test("what is unfinished when the grace period ends is cancelled, and no figure has it", async () => {
  await using mock = await startMock("--ttft-ms", "700");
  const time = ["--benchmark-duration", "1", "--benchmark-grace-period", "0.1"];
  await using run = await aiperf(
    profile(mock.url, "--streaming", "--concurrency", "3", ...time, ...SHORT),
  );
  expect(run).toMatchObject({ status: 0 });
  const records = run.artifacts.records();
  const cancelled = records.filter(({ metadata }) => metadata.was_cancelled);
  expect(cancelled.length).toBe(3);
  for (const { error, metadata } of cancelled) {
    expect(error).toMatchObject({ code: 499, type: "RequestCancellationError" });
    expect(metadata.cancellation_time_ns).toBeGreaterThan(metadata.request_start_ns);
  }
  const summary = run.artifacts.summary();
  expect(metric(summary, "request_count").avg).toBe(records.length - 3);
  expect(metric(summary, "time_to_first_token").count).toBe(records.length - 3);
  expect(metric(summary, "error_request_count").avg).toBe(3);
  const seen = await mock.stop();
  expect(seen.filter(({ outcome }) => outcome === "left").length).toBe(3);
});

test("a seed makes the same requests, byte for byte; another seed others", async () => {
  await using mock = await startMock();
  const sent = async (seed: string): Promise<string> => {
    const spread = ["--isl", "60", "--isl-stddev", "20", "--osl", "9", "--osl-stddev", "3"];
    const flags = ["--request-count", "5", "--random-seed", seed, ...SHORT.slice(0, 2), ...spread];
    await using run = await aiperf(profile(mock.url, ...flags));
    expect(run.artifacts.summary().run_info.random_seed).toBe(Number(seed));
    return run.artifacts.text("inputs.json");
  };
  const first = await sent("42");
  expect(await sent("42")).toBe(first);
  expect(await sent("43")).not.toBe(first);
});

test("several URLs take turns", async () => {
  await using one = await startMock();
  await using other = await startMock();
  const flags = ["--concurrency", "4", "--request-count", "20", ...SHORT];
  await using run = await aiperf(profile(`${one.url},${other.url}`, ...flags));
  expect(run).toMatchObject({ status: 0 });
  expect((await one.stop()).length).toBe(10);
  expect((await other.stop()).length).toBe(10);
});

test("--export-level summary leaves out the records", async () => {
  await using mock = await startMock();
  await using run = await aiperf(profile(mock.url, "--export-level", "summary", ...SHORT));
  expect(run).toMatchObject({ status: 0 });
  expect(run.artifacts.files()).toEqual([
    ".aiperf_results_ready.json",
    ".aiperf_run.json",
    "inputs.json",
    "logs/aiperf.log",
    "profile_export_aiperf.csv",
    "profile_export_aiperf.json",
    "profile_export_console.txt",
  ]);
  expect(run.stdout).not.toContain(".jsonl");
});

test("a prefix names the files of a run", async () => {
  await using mock = await startMock();
  await using run = await aiperf(profile(mock.url, "--profile-export-prefix", "mine", ...SHORT));
  expect(run).toMatchObject({ status: 0 });
  expect(run.artifacts.files()).toEqual([
    ".aiperf_results_ready.json",
    ".aiperf_run.json",
    "inputs.json",
    "logs/aiperf.log",
    "mine.csv",
    "mine.json",
    "mine.jsonl",
    "mine_console.txt",
  ]);
  expect(run.artifacts.records("mine.jsonl").length).toBe(10);
  expect(run.stdout).toContain("CSV Export: out/mine.csv");
});

test("without a folder the run makes one from its own name, and the model's slash is no folder", async () => {
  await using mock = await startMock();
  await using run = await aiperf([
    ...["profile", "-m", "org/model", "-u", mock.url, "--concurrency", "2", ...SHORT],
  ]);
  expect(run).toMatchObject({ status: 0 });
  expect(run.stdout).toContain(
    "JSON Export: artifacts/org_model-openai-chat-concurrency2/profile_export_aiperf.json",
  );
});

test("a second run into the same folder replaces the first one's files", async () => {
  await using mock = await startMock();
  await using first = await aiperf(profile(mock.url, "--request-count", "9", ...SHORT));
  const again = await aiperf(profile(mock.url, "--request-count", "2", ...SHORT), {
    cwd: first.cwd,
  });
  expect(again).toMatchObject({ status: 0 });
  expect(again.artifacts.records().length).toBe(2);
  expect(again.artifacts.inputs().data.length).toBe(2);
});
