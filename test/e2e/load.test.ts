// Every way to arrive with every way to end, streaming or not: how many requests are sent, and what
// the program says at its end.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { dirname } from "node:path";
import { profileOf, trace } from "./load.ts";
import { type Mock, startMock } from "./mock.ts";

/** 12 rows, of which each has its own time. */
const TRACE = trace(12, 10);

const MODES: Readonly<Record<string, string>> = {
  concurrency: "--concurrency 3",
  "multi-turn": "--concurrency 3 --session-turns-mean 2",
  "a rate": "--request-rate 150",
  "a capped rate": "--request-rate 150 --arrival-pattern constant --concurrency 2",
  "a ramped rate": "--request-rate 150 --arrival-smoothness 2 --request-rate-ramp-duration 0.2",
  users: "--user-centric-rate 60 --num-users 3 --session-turns-mean 2",
  "a schedule": `--fixed-schedule --input-file ${TRACE} --custom-dataset-type mooncake_trace`,
};

/** Flags of each end, and how many requests there are: exactly, or at least and at most. */
const ENDS: Readonly<
  Record<string, readonly [flags: string, requests: readonly [number, number]]>
> = {
  requests: ["--request-count 8", [8, 8]],
  sessions: ["--num-sessions 5", [5, 10]],
  "requests before sessions": ["--request-count 4 --num-sessions 4", [4, 4]],
  duration: ["--benchmark-duration 0.25", [1, 1000]],
  "duration without grace": ["--benchmark-duration 0.25 --benchmark-grace-period 0", [1, 1000]],
  "requests before duration": ["--request-count 4 --benchmark-duration 20", [4, 4]],
};

const CASES = Object.keys(MODES).flatMap((mode) =>
  Object.keys(ENDS).flatMap((end) =>
    [true, false].map((streaming) => [mode, end, streaming] as const),
  ),
);

let mock: Mock;
let recorded = 0;

beforeAll(async () => {
  mock = await startMock("--ttft-ms", "3", "--itl-ms", "1");
});

afterAll(async () => {
  expect((await mock.stop()).length).toBe(recorded);
  await mock[Symbol.asyncDispose]();
  rmSync(dirname(TRACE), { recursive: true });
});

test.each(CASES)("%s, ended by %s, streaming: %p", async (mode, end, streaming) => {
  const [flags, [least, most]] = ENDS[end]!;
  const line = `${MODES[mode]} ${flags}${streaming ? " --streaming" : ""}`;
  await using run = await profileOf(mock.url, line, 0);
  const records = run.artifacts.records();
  recorded += records.length;
  expect(records.length).toBeWithin(least, most + 1);
  expect(records.every(({ metadata }) => metadata.benchmark_phase === "profiling")).toBe(true);
  if (end === "sessions") {
    const sessions = new Set(records.map(({ metadata }) => metadata.x_correlation_id));
    expect(sessions.size).toBe(5);
  }
  // What grace of 0 leaves no time for is there all the same, as an error.
  const withdrawn = records.filter(({ error }) => error !== undefined);
  if (end !== "duration without grace") expect(withdrawn).toEqual([]);
  expect(withdrawn.every(({ error }) => error?.code === 499)).toBe(true);
  const credits = records.map(({ metadata }) => metadata.session_num).sort((a, b) => a - b);
  expect(credits).toEqual(credits.map((_, index) => index));
  expect(run.artifacts.summary()).toMatchObject({ was_cancelled: false, is_complete: true });
});
