// Warm-ups, sessions, cancellation and the ends that come from failures, by the server's own log.

import { describe, expect, test } from "bun:test";
import { metric } from "./artifacts.ts";
import { load, mostAtOnce, type Pair } from "./load.ts";

const MS = 1e6;

const ofPhase = (pairs: readonly Pair[], phase: string) =>
  pairs.filter(({ record }) => record.benchmark_phase === phase);

describe("a warm-up", () => {
  test("is over before anything is measured, and in no figure", async () => {
    const flags =
      "--streaming --concurrency 2 --request-count 12 --warmup-request-count 9 --warmup-concurrency 3";
    await using result = await load("--ttft-ms 10", flags);
    const { run, pairs } = result;
    const [warmup, measured] = [ofPhase(pairs, "warmup"), ofPhase(pairs, "profiling")];
    expect([warmup.length, measured.length]).toEqual([9, 12]);
    expect(mostAtOnce(warmup, (seen) => seen.last_write_ns!)).toBe(3);
    expect(mostAtOnce(measured, (seen) => seen.last_write_ns!)).toBe(2);
    const lastNs = Math.max(...warmup.map(({ seen }) => seen.last_write_ns!));
    expect(Math.min(...measured.map(({ seen }) => seen.arrival_ns))).toBeGreaterThan(lastNs);
    const summary = run.artifacts.summary();
    expect(metric(summary, "request_count").avg).toBe(12);
    expect(metric(summary, "time_to_first_token").count).toBe(12);
  });

  test("has prompts of its own", async () => {
    await using result = await load("", "--request-count 8 --warmup-request-count 5");
    const ids = (phase: string) =>
      new Set(ofPhase(result.pairs, phase).map(({ record }) => record.conversation_id));
    expect(ids("warmup").size).toBe(5);
    expect(ids("profiling").size).toBe(8);
    expect(ids("warmup").intersection(ids("profiling")).size).toBe(0);
    expect(result.run.stdout).not.toContain("repeat prompts");
  });

  test("that repeats prompts is named", async () => {
    const flags = "--request-count 8 --warmup-request-count 5 --num-prompts 6";
    await using result = await load("", flags);
    expect(result.run.stdout).toContain("7 of 8 measured sessions repeat prompts");
  });

  test("may have a rate and a duration of its own", async () => {
    const flags =
      "--concurrency 2 --request-count 4 --warmup-duration 0.3 --warmup-request-rate 100";
    await using result = await load("", flags);
    expect(ofPhase(result.pairs, "warmup").length).toBeWithin(8, 70);
    expect(ofPhase(result.pairs, "profiling").length).toBe(4);
  });
});

describe("sessions of several turns", () => {
  const flags =
    "--streaming --concurrency 3 --num-sessions 6 --session-turns-mean 3 --session-turn-delay-mean 30";

  test("one turn after the other, each with what came before", async () => {
    await using result = await load("--ttft-ms 5", flags);
    const sessions = Map.groupBy(result.pairs, ({ record }) => record.x_correlation_id);
    expect(sessions.size).toBe(6);
    for (const rows of sessions.values()) {
      expect(rows.map(({ record }) => record.turn_index)).toEqual([0, 1, 2]);
      for (const [before, after] of [rows.slice(0, 2), rows.slice(1)]) {
        const pauseMs = (after!.seen.arrival_ns - before!.seen.last_write_ns!) / MS;
        expect(pauseMs).toBeGreaterThan(29);
        // A prompt of 20 and a reply of 5 tokens more, by either side's count.
        const grown =
          (after!.metrics.input_sequence_length!.value as number) -
          (before!.metrics.input_sequence_length!.value as number);
        expect(grown).toBeWithin(22, 32);
        expect(after!.seen.prompt_tokens).toBeGreaterThan(before!.seen.prompt_tokens);
      }
    }
  });

  test("keep their connection when they stick to it", async () => {
    const sticky = `${flags} --connection-reuse-strategy sticky-user-sessions`;
    await using result = await load("--ttft-ms 5", sticky);
    const sessions = Map.groupBy(result.pairs, ({ record }) => record.x_correlation_id);
    const used = [...sessions.values()].map(
      (rows) => new Set(rows.map(({ seen }) => seen.connection)),
    );
    expect(used.every((connections) => connections.size === 1)).toBe(true);
    expect(new Set(used.map(([connection]) => connection)).size).toBe(6);
  });

  test("take a new one for each request when none is reused", async () => {
    await using result = await load("--ttft-ms 5", `${flags} --connection-reuse-strategy never`);
    expect(new Set(result.pairs.map(({ seen }) => seen.connection)).size).toBe(18);
  });
});

test("abandoned requests leave the server that long after they were sent, and nothing else is disturbed", async () => {
  const flags =
    "--streaming --concurrency 10 --request-count 40 --random-seed 3 " +
    "--request-cancellation-rate 40 --request-cancellation-delay 0.05";
  await using result = await load("--ttft-ms 200", flags);
  const { pairs, run } = result;
  const left = pairs.filter(({ seen }) => seen.left_ns !== null);
  expect(left.length).toBeWithin(5, 30);
  for (const { seen, record, code } of left) {
    const delayMs = (seen.left_ns! - seen.arrival_ns) / MS;
    // Either end may be late to notice; the client's own times, below, may not be short.
    expect(delayMs).toBeWithin(25, 190);
    expect([code, record.was_cancelled]).toEqual([499, true]);
    expect(record.cancellation_time_ns! - record.request_start_ns).toBeGreaterThanOrEqual(50 * MS);
  }
  const others = pairs.filter(({ seen }) => seen.left_ns === null);
  expect(others.every(({ code, record }) => code === undefined && !record.was_cancelled)).toBe(
    true,
  );
  expect(metric(run.artifacts.summary(), "request_count").avg).toBe(others.length);
  // The choice is the seed's: another run makes the same.
  await using again = await load("--ttft-ms 200", flags);
  const chosen = (rows: readonly Pair[]) =>
    rows.filter(({ seen }) => seen.left_ns !== null).map(({ record }) => record.session_num);
  expect(chosen(again.pairs).toSorted()).toEqual(chosen(pairs).toSorted());
});

test("a run in which too many requests fail is given up", async () => {
  const flags =
    "--concurrency 2 --request-count 5000 --num-prompts 20 --failed-request-threshold 0.3";
  await using result = await load("--error-rate 0.6 --ttft-ms 5", flags, 1);
  const { run, pairs } = result;
  expect(pairs.length).toBeWithin(10, 4000);
  expect(run.artifacts.summary()).toMatchObject({ is_complete: false, was_cancelled: false });
  expect(run.stdout).toContain("more than --failed-request-threshold allows");
});
