// Whoever reads AIPerf's files reads ours: the keys, units and statistics of a run of ours against
// those of AIPerf's own run of the same flags.

import { expect, test } from "bun:test";
import { type GoldenRun, goldenLines, goldenText } from "../metrics/golden-records.ts";
import { aiperf, profile } from "./aiperf.ts";
import { startMock } from "./mock.ts";

const COMMON = "--tokenizer builtin --random-seed 7 --ui none --endpoint-type chat --streaming";
const LOAD = "--concurrency 4 --request-count 20 --isl 64";

/** AIPerf's run, and the flags that it had. */
const RUNS: readonly (readonly [run: GoldenRun, mock: string, flags: string])[] = [
  [
    "stream",
    "--ttft-ms 15 --itl-ms 2",
    `${LOAD} --osl 16 --slice-duration 1 --goodput time_to_first_token:200,request_latency:2000`,
  ],
  ["errors", "--ttft-ms 5 --itl-ms 1 --error-rate 0.3", `${LOAD} --osl 16`],
  [
    "cancel",
    "--ttft-ms 60 --itl-ms 1",
    `${LOAD} --osl 50 --request-cancellation-rate 30 --request-cancellation-delay 0.01`,
  ],
  [
    "warmup",
    "--ttft-ms 5 --itl-ms 1",
    "--warmup-request-count 5 --request-rate 40 --arrival-pattern poisson --isl 64 --osl 16 " +
      "--benchmark-duration 1 --slice-duration 1",
  ],
  [
    "multiturn",
    "--ttft-ms 5 --itl-ms 1",
    "--concurrency 2 --num-sessions 4 --session-turns-mean 3 --session-turn-delay-mean 50 " +
      "--isl 32 --osl 10 --shared-system-prompt-length 32 --user-context-prompt-length 16 " +
      "--export-level raw",
  ],
];

const SLICES = "profile_export_aiperf_timeslices.json";

/** What nothing can be set in here. */
const ELSEWHERE = /^input_config\.(otel|mlflow|wandb|server_metrics\.)/;
/** How many of these are finite depends on how many requests fail. */
const ADJUSTED = /^(warmup_metrics\.)?adj_\w+\./;

/** Paths of all that an object says, lists by their first member; and the texts of units. */
function pathsIn(value: unknown, path = ""): readonly string[] {
  if (Array.isArray(value)) return pathsIn(value[0], `${path}.0`);
  if (typeof value !== "object" || value === null)
    return [path.endsWith(".unit") ? `${path}=${value}` : path];
  return Object.entries(value).flatMap(([key, inner]) => {
    const at = path === "" ? key : `${path}.${key}`;
    return [at, ...pathsIn(inner, at)];
  });
}

const missing = (theirs: readonly string[], ours: readonly string[]): readonly string[] => {
  const known = new Set(ours);
  return [...new Set(theirs)].filter((path) => !known.has(path));
};

test.each(RUNS)("%s: nothing of AIPerf's files is missing", async (run, mockFlags, flags) => {
  await using mock = await startMock(...mockFlags.split(" "));
  const words = `${COMMON} ${flags}`.split(" ");
  await using finished = await aiperf(profile(mock.url, ...words));
  expect(finished.status, finished.stderr).toBe(0);
  const { artifacts } = finished;

  const theirs = JSON.parse(goldenText(run, "profile_export_aiperf.json"));
  const ours = JSON.parse(artifacts.text("profile_export_aiperf.json"));
  const asked = pathsIn(theirs).filter((path) => !ELSEWHERE.test(path) && !ADJUSTED.test(path));
  expect(asked.length).toBeGreaterThan(400);
  expect(missing(asked, pathsIn(ours))).toEqual([]);

  const linesOf = (text: string): readonly object[] =>
    text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
  const theirLines = goldenLines(run).flatMap((line) => pathsIn(line));
  const ourLines = linesOf(artifacts.text("profile_export.jsonl")).flatMap((line) => pathsIn(line));
  expect(missing(theirLines, ourLines)).toEqual([]);

  if (run === "stream") {
    const [theirSlices, ourSlices] = [goldenText(run, SLICES), artifacts.text(SLICES)].map((text) =>
      JSON.parse(text).timeslices.flatMap((slice: object) => pathsIn(slice)),
    );
    expect(missing(theirSlices, ourSlices)).toEqual([]);
  }
  if (run !== "stream" && run !== "errors") return;
  const theirTables = tablesIn(goldenText(run, "profile_export_aiperf.csv"));
  const ourTables = tablesIn(artifacts.text("profile_export_aiperf.csv"));
  expect(ourTables.map(([head]) => head)).toEqual(theirTables.map(([head]) => head));
  for (const [i, [, ...rows]] of theirTables.entries()) {
    const names = ourTables[i]!.map(nameOf);
    expect(missing(rows.map(nameOf), names)).toEqual([]);
  }
});

/** The rows of each table of a CSV, its head first. */
function tablesIn(csv: string): readonly (readonly string[])[] {
  const tables = csv.trim().replaceAll("\r\n", "\n").split(/\n\n+/);
  return tables.map((table) => table.split("\n"));
}

function nameOf(row: string): string {
  return row.slice(0, row.indexOf(","));
}
