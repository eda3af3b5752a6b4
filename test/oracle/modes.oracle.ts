// Every way to arrive, some seconds of each: on a machine that does nothing else, the audit finds
// nothing wrong with a clean run.
// bun test --timeout 60000 ./test/oracle/modes.oracle.ts

import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { auditSchema } from "#audit";
import { scratch } from "../e2e/aiperf.ts";
import { profileOf, trace } from "../e2e/load.ts";
import { startMock } from "../e2e/mock.ts";

const S = 3;
const FOR = `--benchmark-duration ${S}`;
const LOOP = "--streaming --concurrency 20";

const MODES: readonly (readonly [mode: string, flags: string])[] = [
  ["concurrency", `${LOOP} ${FOR}`],
  ["whole replies", `--concurrency 20 ${FOR}`],
  ["prefill concurrency", `${LOOP} --prefill-concurrency 4 ${FOR}`],
  ["a constant rate", `--streaming --request-rate 100 --arrival-pattern constant ${FOR}`],
  ["a poisson rate", `--streaming --request-rate 100 ${FOR}`],
  ["a gamma rate", `--streaming --request-rate 100 --arrival-smoothness 0.5 ${FOR}`],
  ["a slow rate", `--streaming --request-rate 10 --arrival-pattern constant ${FOR}`],
  ["a burst", `${LOOP} --arrival-pattern concurrency-burst ${FOR}`],
  ["a rate below its cap", `--streaming --request-rate 50 --concurrency 60 ${FOR}`],
  ["a series of rates", `--streaming --request-rate-series ${series()} ${FOR}`],
  ["a ramp of concurrency", `${LOOP} --concurrency-ramp-duration 1 ${FOR}`],
  [
    "a ramp of prefill concurrency",
    `${LOOP} --prefill-concurrency 8 --prefill-concurrency-ramp-duration 1 ${FOR}`,
  ],
  ["a ramp of a rate", `--streaming --request-rate 100 --request-rate-ramp-duration 2 ${FOR}`],
  ["a warm-up by count", `${LOOP} --warmup-request-count 40 ${FOR}`],
  ["a warm-up by time", `--streaming --request-rate 50 --warmup-duration 1 ${FOR}`],
  ["a warm-up by sessions", `${LOOP} --num-warmup-sessions 20 --warmup-concurrency 5 ${FOR}`],
  [
    "a schedule",
    `--streaming --fixed-schedule --custom-dataset-type mooncake_trace --input-file ${trace(150, 20)}`,
  ],
  [
    "users",
    `--streaming --user-centric-rate 40 --num-users 12 --session-turns-mean 4 --benchmark-duration ${S}`,
  ],
  ["turns", `${LOOP} --session-turns-mean 4 --num-sessions 80`],
  [
    "sessions of uneven length",
    `${LOOP} --session-turns-mean 5 --session-turns-stddev 3 --num-sessions 50`,
  ],
  [
    "turns with pauses",
    `${LOOP} --session-turns-mean 4 --session-turn-delay-mean 50 --num-sessions 60`,
  ],
  [
    "turns at a rate",
    `--streaming --request-rate 60 --session-turns-mean 4 --session-turn-delay-mean 50 --num-sessions 40`,
  ],
  [
    "abandoned requests",
    `${LOOP} --request-cancellation-rate 30 --request-cancellation-delay 0.05 ${FOR}`,
  ],
  ["a connection for each request", `${LOOP} --connection-reuse-strategy never ${FOR}`],
  [
    "a connection for each session",
    `${LOOP} --connection-reuse-strategy sticky-user-sessions --session-turns-mean 3 --num-sessions 100`,
  ],
  ["connections that are there", `${LOOP} --warm-connections ${FOR}`],
  ["two threads", `${LOOP} --workers-max 2 ${FOR}`],
  ["two threads at a rate", `--streaming --request-rate 100 --workers-max 2 ${FOR}`],
  ["exact pacing", `--streaming --request-rate 100 --pacing precise ${FOR}`],
  ["the other transport", `${LOOP} --transport fetch ${FOR}`],
];

const SERVER = "--ttft-ms 150 --itl-ms 4".split(" ");

test.each(MODES)("%s: valid", async (_, flags) => {
  await using mock = await startMock(...SERVER);
  await using run = await profileOf(mock.url, flags, 0);
  const { verdict, reasons } = auditOf(run);
  expect([verdict, ...reasons]).toEqual(["valid"]);
});

test("two servers: valid", async () => {
  await using one = await startMock(...SERVER);
  await using other = await startMock(...SERVER);
  await using run = await profileOf(`${one.url},${other.url}`, `${LOOP} ${FOR}`, 0);
  expect(auditOf(run).verdict).toBe("valid");
});

test("a rate that its cap holds back: invalid, and the cap is named", async () => {
  await using mock = await startMock(...SERVER);
  await using run = await profileOf(
    mock.url,
    `--streaming --request-rate 100 --concurrency 5 ${FOR}`,
    0,
  );
  const { verdict, reasons } = auditOf(run);
  expect(verdict).toBe("invalid");
  expect(reasons[0]).toContain("no more than 5 may be in flight");
});

/** The verdict on a run, and what it stands on. */
function auditOf({ artifacts }: Awaited<ReturnType<typeof profileOf>>) {
  const { verdict, reasons } = auditSchema.parse(artifacts.summary().audit);
  return { verdict, reasons: reasons.map(({ message }) => message) };
}

function series(): string {
  const path = join(scratch(), "series.json");
  const points = [
    { time_s: 0, qps: 20 },
    { time_s: S / 2, qps: 120 },
    { time_s: S, qps: 60 },
  ];
  writeFileSync(path, JSON.stringify(points));
  return path;
}
