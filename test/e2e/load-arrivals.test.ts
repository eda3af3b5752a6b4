// When requests reach the server, by its own log. Bounds are wide: a busy machine may be late, but
// nothing may be early, and no limit may be exceeded.

import { afterAll, describe, expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { dirname } from "node:path";
import { distance, distanceMax, exponentialCdf } from "../schedule/law.ts";
import { arrivalsMs, latenessMs, load, mostAtOnce, type Pair, trace } from "./load.ts";

const MS = 1e6;

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

/** When each request was to leave, after the first of them, in ms. */
function dueMs(pairs: readonly Pair[]): readonly number[] {
  const due = pairs.map(({ record }) => record.credit_issued_ns!).sort((a, b) => a - b);
  return due.map((ns) => (ns - due[0]!) / MS);
}

describe("a rate", () => {
  test.each([
    [50, 100],
    [500, 600],
    [2000, 1200],
  ])("of %i a second: %i poisson arrivals", async (perS, count) => {
    const flags = `--streaming --request-rate ${perS} --request-count ${count} --random-seed 5`;
    await using result = await load("", `${flags} --num-prompts 50`);
    const { pairs } = result;
    const due = dueMs(pairs);
    const gaps = due.slice(1).map((ms, i) => ((ms - due[i]!) / 1000) * perS);
    expect(distance(gaps, exponentialCdf)).toBeLessThan(distanceMax(gaps.length));
    const late = latenessMs(pairs);
    expect(late[0]).toBeGreaterThan(-1);
    expect(median(late)).toBeLessThan(20);
  });

  test("that is constant comes on a grid; no reply delays it", async () => {
    const flags = "--request-rate 100 --arrival-pattern constant --request-count 40";
    await using result = await load("--ttft-ms 150", flags);
    const { pairs } = result;
    for (const [index, ms] of dueMs(pairs).entries()) expect(ms).toBeCloseTo(index * 10, 2);
    expect(mostAtOnce(pairs, (seen) => seen.end_ns)).toBeGreaterThan(8);
  });

  test("with a cap keeps what is held back due when it was, and never exceeds the cap", async () => {
    const flags =
      "--request-rate 200 --arrival-pattern constant --request-count 40 --concurrency 2";
    await using result = await load("--ttft-ms 20", flags);
    const { pairs } = result;
    expect(mostAtOnce(pairs, (seen) => seen.last_write_ns!)).toBeLessThanOrEqual(2);
    for (const [index, ms] of dueMs(pairs).entries()) expect(ms).toBeCloseTo(index * 5, 2);
    // 40 requests of 20 ms, two at a time, take 400 ms; the last was due after 200.
    expect(latenessMs(pairs).at(-1)).toBeGreaterThan(150);
  });

  test("that grows has a quarter of its arrivals in the first half of its ramp", async () => {
    const flags = "--request-rate 200 --request-rate-ramp-duration 1 --arrival-pattern constant";
    await using result = await load("", `${flags} --request-count 100 --num-prompts 20`);
    const due = dueMs(result.pairs);
    expect(due.filter((ms) => ms < 430).length).toBeWithin(15, 35);
    expect(due.at(-1)!).toBeWithin(850, 1000);
  });
});

describe("limits on what is open", () => {
  test.each([1, 2])("concurrency is held and never exceeded, by %i workers", async (workers) => {
    const flags = `--streaming --concurrency 6 --request-count 60 --workers-max ${workers}`;
    await using result = await load("--ttft-ms 10 --itl-ms 2", flags);
    expect(mostAtOnce(result.pairs, (seen) => seen.last_write_ns!)).toBe(6);
  });

  test.each([1, 2])("prefill concurrency is never exceeded, by %i workers", async (workers) => {
    const flags = `--streaming --concurrency 8 --prefill-concurrency 2 --request-count 40 --workers-max ${workers}`;
    await using result = await load("--ttft-ms 15 --itl-ms 10", flags);
    const { pairs } = result;
    expect(mostAtOnce(pairs, (seen) => seen.first_write_ns!)).toBe(2);
    expect(mostAtOnce(pairs, (seen) => seen.last_write_ns!)).toBeGreaterThan(2);
  });

  test("a role chunk does not end a prefill", async () => {
    const flags = "--streaming --concurrency 4 --prefill-concurrency 1 --request-count 8";
    await using result = await load("--ttft-ms 30 --itl-ms 10 --role-chunk early", flags);
    const at = arrivalsMs(result.pairs);
    for (let i = 1; i < at.length; i++) expect(at[i]! - at[i - 1]!).toBeGreaterThan(29);
  });

  test("a ramp opens one more at each of its steps", async () => {
    const flags = "--concurrency 5 --concurrency-ramp-duration 0.8 --benchmark-duration 1";
    await using result = await load("--ttft-ms 10", flags);
    const { pairs } = result;
    const at = arrivalsMs(pairs);
    for (const step of [1, 2, 3, 4]) {
      const early = pairs.filter((_, i) => at[i]! < step * 200 - 20);
      expect(mostAtOnce(early, (seen) => seen.last_write_ns!)).toBeLessThanOrEqual(step);
    }
    expect(mostAtOnce(pairs, (seen) => seen.last_write_ns!)).toBe(5);
  });
});

describe("a schedule", () => {
  const traces: string[] = [];
  const recorded = (rows: number, gapMs: number, turns?: number): string => {
    const path = trace(rows, gapMs, turns);
    traces.push(path);
    return path;
  };
  afterAll(() => {
    for (const path of traces) rmSync(dirname(path), { recursive: true });
  });
  const flagsOf = (path: string) =>
    `--input-file ${path} --custom-dataset-type mooncake_trace --fixed-schedule`;

  test("is kept: each request at its own time", async () => {
    await using result = await load("--ttft-ms 40", flagsOf(recorded(30, 20)));
    const { pairs } = result;
    expect(pairs.length).toBe(30);
    for (const [index, ms] of dueMs(pairs).entries()) expect(ms).toBeCloseTo(index * 20, 2);
    expect(median(latenessMs(pairs))).toBeLessThan(20);
    expect(pairs[0]!.record.x_correlation_id).toBe(
      `fixed-schedule-${pairs[0]!.record.conversation_id}`,
    );
  });

  test("begins where it is told to, and leaves out what is outside", async () => {
    const offsets = "--fixed-schedule-start-offset 1050 --fixed-schedule-end-offset 1250";
    await using result = await load("", `${flagsOf(recorded(30, 20))} ${offsets}`);
    // Rows at 1,060 to 1,240 ms.
    expect(result.pairs.length).toBe(10);
  });

  test("of several turns waits for a reply that is later than the next turn's time", async () => {
    await using result = await load("--ttft-ms 60", flagsOf(recorded(8, 20, 2)));
    const { pairs } = result;
    for (const rows of Map.groupBy(pairs, ({ record }) => record.x_correlation_id).values()) {
      const [first, second] = rows.toSorted((a, b) => a.record.turn_index! - b.record.turn_index!);
      expect(second!.seen.arrival_ns).toBeGreaterThan(first!.seen.last_write_ns!);
      expect(second!.record.credit_issued_ns).toBeGreaterThanOrEqual(first!.record.request_end_ns);
    }
  });
});

test(
  "users send at their own pace, and the first of them are in the midst of it",
  async () => {
    const flags =
      "--user-centric-rate 40 --num-users 4 --session-turns-mean 3 --benchmark-duration 1.5";
    await using result = await load("--ttft-ms 20", flags);
    const { pairs } = result;
    for (const [index, ms] of dueMs(pairs).entries())
      expect(ms).toBeWithin(index * 25 - 1, index * 25 + 60);
    const users = Map.groupBy(pairs, ({ record }) => record.x_correlation_id);
    expect(users.has("1")).toBe(false);
    for (const rows of users.values()) {
      const at = rows.map(({ seen }) => seen.arrival_ns / MS);
      for (let turn = 1; turn < at.length; turn++)
        expect(at[turn]! - at[turn - 1]!).toBeGreaterThan(60);
    }
    expect(result.run.stdout).toMatch(/early\s+prompts\s+are\s+shorter/);
    // A machine that stands still for 60 ms shows in one try, a wrong pace in every one.
  },
  { retry: 2 },
);
