// Runs that are ended from outside. What was measured by then is kept, and every file says that it
// is not the whole.

import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { profile, type Running, SHORT, startAiperf, until } from "./aiperf.ts";
import { linesOf, metric } from "./artifacts.ts";
import { startMock } from "./mock.ts";

/** Replies that take 100 ms, and more of them than anyone waits for. */
async function longRun(run: (running: Running) => Promise<void>, concurrency = 4): Promise<void> {
  await using mock = await startMock("--ttft-ms", "100", "--jitter", "uniform");
  const flags = ["--streaming", "--concurrency", `${concurrency}`, "--request-count", "100000"];
  const running = startAiperf(profile(mock.url, ...flags, "--num-prompts", "10", ...SHORT));
  try {
    await until("records reach the file", () => recordLines(running).length >= 4);
    await run(running);
  } finally {
    running.kill("SIGKILL");
    await (await running.finished)[Symbol.asyncDispose]();
  }
}

/** The lines that are in the file so far; the last one may be incomplete. */
function recordLines(running: Running): readonly string[] {
  const path = join(running.artifacts.dir, "profile_export.jsonl");
  return existsSync(path) ? readFileSync(path, "utf8").split("\n").slice(0, -1) : [];
}

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)("%s ends the run with what was measured, and status %d", (signal, status) =>
  longRun(async (running) => {
    running.kill(signal);
    const run = await running.finished;
    expect(run).toMatchObject({ status });

    const summary = run.artifacts.summary();
    expect(summary).toMatchObject({ was_cancelled: true, is_complete: false });
    expect(summary.incomplete_reason).toContain("interrupted");
    const records = run.artifacts.records();
    const cancelled = records.filter(({ error }) => error !== undefined);
    expect(cancelled.map(({ error }) => error!.code)).toEqual([499, 499, 499, 499]);
    expect(cancelled.every(({ metadata }) => metadata.was_cancelled)).toBe(true);
    const okCount = records.length - cancelled.length;
    expect(metric(summary, "request_count").avg).toBe(okCount);
    expect(metric(summary, "request_latency").count).toBe(okCount);

    for (const text of [run.stdout, run.artifacts.text("profile_export_console.txt")]) {
      expect(text).toContain("INCOMPLETE RESULTS");
      expect(text).toContain("(cancelled early)");
      expect(text).toContain("Request Latency (ms)");
    }
    expect(run.stderr).toContain("interrupted");
  }),
);

test("a second Ctrl-C ends the program at once", () =>
  longRun(async (running) => {
    running.kill("SIGINT");
    running.kill("SIGINT");
    const run = await running.finished;
    expect(run).toMatchObject({ status: 130 });
    run.artifacts.records();
  }));

test("Ctrl-C while prompts are being made ends the program", async () => {
  const flags = ["--isl", "20000", "--request-count", "5000", ...SHORT.slice(0, 2)];
  const running = startAiperf(profile("localhost:1", ...flags));
  await until("the log begins", () => running.artifacts.files().includes("logs/aiperf.log"));
  running.kill("SIGINT");
  const run = await running.finished;
  expect(run).toMatchObject({ status: 130, stdout: "" });
  await run[Symbol.asyncDispose]();
});

test("killed without warning, the records up to the last second are there and whole", () =>
  longRun(async (running) => {
    await until("a second of records", () => recordLines(running).length >= 40);
    const before = recordLines(running).length;
    running.kill("SIGKILL");
    expect(await running.finished).toMatchObject({ status: 137 });
    const text = running.artifacts.text("profile_export.jsonl");
    expect(linesOf(text).length).toBeGreaterThanOrEqual(before);
    for (const line of running.artifacts.records()) expect(line.error).toBeUndefined();
  }));

test("records reach the file as the run goes, not when a buffer is full", () =>
  longRun(async (running) => {
    // Ten records a second, and the buffer holds three seconds of them.
    const sizes = new Set<number>();
    await until(
      "the file grows four times",
      () => sizes.add(recordLines(running).length).size > 4,
      8_000,
    );
  }, 1));
