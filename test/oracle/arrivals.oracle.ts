// Due times to 2 ms, by our own stamps and by the server's log: only a machine that does nothing
// else can keep that, and the mock needs a core of its own to notice arrivals in time. AIPERF_TRACE may name a trace, of which the first minute is replayed ten times as fast.
// bun test --timeout 120000 ./test/oracle/arrivals.oracle.ts

import { expect, test } from "bun:test";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { scratch } from "../e2e/aiperf.ts";
import { load, type Pair } from "../e2e/load.ts";

const MS = 1e6;
const PRECISE = "--streaming --pacing precise --warm-connections";

interface Lateness {
  readonly p50: number;
  readonly p99: number;
  readonly worst: number;
}

/** How late something was, in ms; the spread is printed. */
function spread(what: string, lateMs: readonly number[]): Lateness {
  const late = lateMs.toSorted((a, b) => a - b);
  const at = (share: number) => late[Math.floor((late.length - 1) * share)]!;
  const found = { p50: at(0.5), p99: at(0.99), worst: at(1) };
  console.log(`${what}: ${late.length}, ms late ${JSON.stringify(found)}`);
  return found;
}

const leaving = (pairs: readonly Pair[]) =>
  spread(
    "left",
    pairs.map(({ record }) => (record.request_start_ns - record.credit_issued_ns!) / MS),
  );
const arriving = (pairs: readonly Pair[]) =>
  spread(
    "arrived",
    pairs.map(({ record, seen }) => (seen.arrival_ns - record.credit_issued_ns!) / MS),
  );

test("users: every gap is the number of users by the rate", async () => {
  const flags = `${PRECISE} --user-centric-rate 50 --num-users 10 --session-turns-mean 5 --benchmark-duration 10`;
  await using result = await load("--ttft-ms 20 --itl-ms 1", flags);
  const gaps: number[] = [];
  for (const rows of Map.groupBy(result.pairs, ({ record }) => record.x_correlation_id).values())
    for (let turn = 1; turn < rows.length; turn++)
      gaps.push((rows[turn]!.seen.arrival_ns - rows[turn - 1]!.seen.arrival_ns) / MS);
  const off = spread(
    "gaps",
    gaps.map((gap) => Math.abs(gap - 200)),
  );
  expect(off.p99).toBeLessThan(2);
});

test("a schedule: every request leaves within 2 ms of its time", async () => {
  const path = join(scratch(), "minute.jsonl");
  const given = process.env.AIPERF_TRACE;
  const rows = given === undefined ? made() : recorded(given);
  writeFileSync(path, `${rows.map((row) => JSON.stringify(row)).join("\n")}\n`);
  const flags = `${PRECISE} --input-file ${path} --custom-dataset-type mooncake_trace --fixed-schedule`;
  await using result = await load("--ttft-ms 50 --itl-ms 1", flags);
  expect(result.pairs.length).toBe(rows.length);
  rmSync(dirname(path), { recursive: true });
  expect(leaving(result.pairs).p99).toBeLessThan(2);
  expect(arriving(result.pairs).p50).toBeLessThan(2);
});

test("a rate of 500 a second", async () => {
  const flags = `${PRECISE} --request-rate 500 --benchmark-duration 8 --num-prompts 100`;
  await using result = await load("--ttft-ms 10", flags);
  expect(leaving(result.pairs).p99).toBeLessThan(1);
  expect(arriving(result.pairs).p50).toBeLessThan(1);
});

test("abandoned requests leave within 5 ms of their time", async () => {
  const flags =
    "--streaming --concurrency 10 --request-count 200 --request-cancellation-rate 40 --request-cancellation-delay 0.05";
  await using result = await load("--ttft-ms 150", flags);
  const left = result.pairs.filter(({ seen }) => seen.left_ns !== null);
  for (const { seen } of left) expect((seen.left_ns! - seen.arrival_ns) / MS).toBeWithin(45, 55);
  expect(left.length).toBeGreaterThan(40);
});

interface Row {
  readonly timestamp: number;
  readonly input_length: number;
  readonly output_length: number;
}

/** Lengths are cut: what is looked at is when requests come, not what is in them. */
function recorded(path: string): readonly Row[] {
  return readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line))
    .filter(({ timestamp }) => timestamp < 60_000)
    .map(({ timestamp }) => ({ timestamp: timestamp / 10, input_length: 50, output_length: 10 }));
}

/** Groups of up to 5 in one moment, at uneven gaps. */
function made(): readonly Row[] {
  return Array.from({ length: 60 }, (_, group) =>
    Array.from({ length: 1 + ((group * 7) % 5) }, () => ({
      timestamp: group * 100 + ((group * 37) % 60),
      input_length: 50,
      output_length: 10,
    })),
  ).flat();
}
