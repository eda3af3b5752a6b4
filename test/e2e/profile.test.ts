// The main job, from the command line to the files, held against the mock's own account of it.

import { expect, test } from "bun:test";
import { aiperf, type Finished, profile, QWEN3 } from "./aiperf.ts";
import { metric } from "./artifacts.ts";
import { type Seen, startMock } from "./mock.ts";

/** The mock's words are a token each to this tokenizer, so both sides must come to one count. */
const COUNTED = ["--tokenizer", "builtin", "--isl", "20", "--osl", "5"];

test("the README's command: 1,000 streamed chats, 100 at a time", async () => {
  await using mock = await startMock("--ttft-ms", "20", "--itl-ms", "2");
  const line =
    `profile --model qwen3-0.6b --url ${mock.url.slice("http://".length)} --endpoint-type chat ` +
    "--streaming --concurrency 100 --request-count 1000 --isl 1000 --osl 20 --tokenizer";
  await using run = await aiperf([...line.split(" "), QWEN3, "--artifact-dir", "out"], {
    timeLimitMs: 60_000,
  });
  expect(run).toMatchObject({ status: 0 });
  expect(run.stdout).toContain("AIPerf | LLM Metrics");
  expect(run.stdout).toContain("Success Rate: 100% (0 errors)");
  for (const name of run.artifacts.files().filter((name) => /csv|_aiperf.json|l$/.test(name)))
    expect(run.stdout).toContain(`out/${name}`);

  const summary = run.artifacts.summary();
  expect(summary).toMatchObject({ was_cancelled: false, is_complete: true, error_summary: [] });
  expect(metric(summary, "request_count").avg).toBe(1000);
  expect(metric(summary, "input_sequence_length")).toMatchObject({ min: 1000, max: 1000 });
  expect(metric(summary, "output_sequence_length")).toMatchObject({ min: 20, max: 20 });
  expect(metric(summary, "time_to_first_token").min).toBeGreaterThanOrEqual(20);
  expect(metric(summary, "time_to_first_token").count).toBe(1000);
  expect(metric(summary, "inter_token_latency").avg).toBeGreaterThan(0.5);

  expect(metric(summary, "time_to_first_token").p75).toBeCloseTo(p75OfTtft(run), 6);

  const seen = await mock.stop();
  expectSameRequests(run, seen);
  expectHonestTtft(run, seen);
}, 70_000);

/** As anyone would take it out of the records, with a script of one's own. */
function p75OfTtft(run: Finished): number {
  const sorted = run.artifacts
    .text("profile_export.jsonl")
    .trim()
    .split("\n")
    .map((line): number => JSON.parse(line).metrics.time_to_first_token.value)
    .sort((a, b) => a - b);
  const rank = 0.75 * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(rank)]!, sorted[Math.ceil(rank)]!];
  return below + (above - below) * (rank - Math.floor(rank));
}

test.each([
  ["chat", true, "socket"],
  ["chat", false, "socket"],
  ["completions", true, "socket"],
  ["completions", false, "socket"],
  ["chat", true, "fetch"],
  ["completions", false, "fetch"],
])("%s, streaming %j, by %s", async (kind, streaming, transport) => {
  await using mock = await startMock("--ttft-ms", "5", "--itl-ms", "1");
  await using run = await aiperf(
    profile(
      mock.url,
      ...["--endpoint-type", kind, "--transport", transport, ...(streaming ? ["--streaming"] : [])],
      ...["--concurrency", "10", "--request-count", "60", ...COUNTED],
    ),
  );
  expect(run).toMatchObject({ status: 0 });
  const summary = run.artifacts.summary();
  expect(metric(summary, "request_count").avg).toBe(60);
  expect(metric(summary, "request_latency").min).toBeGreaterThanOrEqual(9);
  expect("time_to_first_token" in summary).toBe(streaming);

  const seen = await mock.stop();
  expectSameRequests(run, seen);
  expect(seen.every(({ stream }) => stream === streaming)).toBe(true);
  if (streaming) expectHonestTtft(run, seen);
});

test("fetch holds more than 256 requests at once", async () => {
  await using mock = await startMock("--ttft-ms", "1500");
  await using run = await aiperf(
    profile(
      mock.url,
      ...["--streaming", "--transport", "fetch"],
      ...["--concurrency", "400", "--request-count", "400", ...COUNTED],
    ),
  );
  expect(run).toMatchObject({ status: 0 });
  expect(run.artifacts.records().length).toBe(400);
  const seen = await mock.stop();
  const lastArrivalNs = Math.max(...seen.map((row) => row.arrival_ns));
  const firstReplyNs = Math.min(...seen.map((row) => row.first_write_ns!));
  expect(lastArrivalNs).toBeLessThan(firstReplyNs);
});

test("several workers and recorders share the work", async () => {
  await using mock = await startMock("--ttft-ms", "5", "--itl-ms", "1");
  await using run = await aiperf(
    profile(
      mock.url,
      ...["--streaming", "--workers-max", "2", "--record-processors", "2"],
      ...["--concurrency", "8", "--request-count", "80", ...COUNTED],
    ),
  );
  expect(run).toMatchObject({ status: 0 });
  const records = run.artifacts.records();
  expect(records.length).toBe(80);
  const crew = new Set(records.map(({ metadata: m }) => `${m.worker_id} ${m.record_processor_id}`));
  expect([...crew].sort()).toEqual(["worker_0 record_processor_0", "worker_1 record_processor_1"]);
  const numbers = records.map(({ metadata }) => metadata.session_num).sort((a, b) => a - b);
  expect(numbers).toEqual(Array.from({ length: 80 }, (_, i) => i));
  expectSameRequests(run, await mock.stop());
});

test("the server's own count of tokens is taken at its word", async () => {
  await using mock = await startMock();
  const flags = ["--streaming", "--use-server-token-count", "--request-count", "5"];
  await using run = await aiperf(profile(mock.url, ...flags, ...COUNTED));
  expect(run).toMatchObject({ status: 0 });
  for (const { metrics } of run.artifacts.records()) {
    expect(metrics.output_sequence_length).toEqual(metrics.usage_completion_tokens!);
    expect(metrics.input_sequence_length).toEqual(metrics.usage_prompt_tokens!);
  }
  expectSameRequests(run, await mock.stop());
});

test.each(["early", "separate"])(
  "a role chunk (%s) is no token, and reasoning is told from output",
  async (role) => {
    await using mock = await startMock(
      ...["--ttft-ms", "60", "--itl-ms", "10"],
      ...["--role-chunk", role, "--reasoning-tokens", "4"],
    );
    await using run = await aiperf(
      profile(
        mock.url,
        ...["--streaming", "--request-count", "4"],
        ...["--tokenizer", "builtin", "--isl", "20", "--osl", "12"],
      ),
    );
    expect(run).toMatchObject({ status: 0 });
    const summary = run.artifacts.summary();
    expect(metric(summary, "time_to_first_token").min).toBeGreaterThanOrEqual(60);
    expect(metric(summary, "time_to_first_output_token").min).toBeGreaterThanOrEqual(100);
    expect(metric(summary, "reasoning_token_count").avg).toBe(4);
    expect(metric(summary, "output_token_count").avg).toBe(8);
    expectSameRequests(run, await mock.stop());
  },
);

/** Each request of the client's is one of the server's, with as many tokens. */
function expectSameRequests(run: Finished, seen: readonly Seen[]): void {
  const records = run.artifacts.records();
  const ids = records.map(({ metadata }) => metadata.x_request_id);
  expect(ids.toSorted()).toEqual(seen.map((row) => row.x_request_id).sort());
  const tokens = new Map(seen.map((row) => [row.x_request_id, row.output_tokens]));
  const wrong = records.filter(
    ({ metadata, metrics }) =>
      metrics.output_sequence_length?.value !== tokens.get(metadata.x_request_id),
  );
  expect(wrong).toEqual([]);
}

/** First tokens are stamped when the server sent them: never before, and some soon after. */
function expectHonestTtft(run: Finished, seen: readonly Seen[]): void {
  const rows = new Map(seen.map((row) => [row.x_request_id, row]));
  const lagsMs = run.artifacts
    .records()
    .map(({ metadata, metrics }) => {
      const ttftMs = metrics.time_to_first_token!.value as number;
      const firstNs = rows.get(metadata.x_request_id)!.first_write_ns!;
      return ttftMs - (firstNs - metadata.request_start_ns) / 1e6;
    })
    .sort((a, b) => a - b);
  // One thread may lose its core between a write and its stamp, but not half of the times.
  expect(lagsMs[lagsMs.length >> 1]).toBeGreaterThan(-2);
  // How late the others are is the machine's doing when it is busy.
  expect(lagsMs[Math.floor(lagsMs.length / 10)]).toBeLessThan(20);
}
