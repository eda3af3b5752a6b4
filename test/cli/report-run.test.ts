// What a folder of AIPerf's shows of its run, which wrote no run file.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { artifactNames } from "#export";
import { runOf } from "../../src/cli/report-run.ts";
import { type GoldenRun, goldenText } from "../metrics/golden-records.ts";

const NAMES = artifactNames(undefined);

let root = "";
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "aiperf-runs-"));
});
afterAll(() => rmSync(root, { recursive: true }));

function folderOf(run: GoldenRun, files: readonly string[]): string {
  const dir = join(root, `${run}-${files.length}`);
  mkdirSync(dir);
  for (const file of files) writeFileSync(join(dir, file), goldenText(run, file));
  return dir;
}

test("limits, slices and the window are those of its summary", () => {
  const dir = folderOf("stream", [NAMES.records, NAMES.summaryJson]);
  expect(runOf(dir, NAMES)).toMatchObject({
    ...{ streaming: true, replays: false, use_server_token_count: false, random_seed: 7 },
    slos: [
      { tag: "time_to_first_token", limit: 200 },
      { tag: "request_latency", limit: 2000 },
    ],
    slice_duration_ns: 1e9,
    phases: [{ name: "profiling", kind: "profiling" }],
  });
  expect(runOf(dir, NAMES).windows).toHaveLength(1);
});

test("of several phases the manifest tells when they were, to the nanosecond", () => {
  const phases = [
    { name: "warmup", kind: "warmup" },
    { name: "profiling", kind: "profiling" },
  ];
  const dir = folderOf("warmup", [NAMES.records, NAMES.summaryJson, NAMES.manifest]);
  expect(runOf(dir, NAMES)).toMatchObject({
    phases,
    windows: [
      { start_ns: "1795508373667579383", end_ns: "1795508374021666668" },
      { start_ns: "1795508374022853667", end_ns: "1795508377086061588" },
    ],
  });
  const without = folderOf("warmup", [NAMES.records, NAMES.summaryJson]);
  expect(runOf(without, NAMES)).toMatchObject({ phases, slice_duration_ns: 1e9 });
  expect(runOf(without, NAMES)).not.toHaveProperty("windows");
});

test("a summary that is no JSON says nothing, a run file that is none is named", () => {
  const dir = folderOf("cancel", [NAMES.records]);
  writeFileSync(join(dir, NAMES.summaryJson), '{"schema_version":');
  expect(runOf(dir, NAMES)).toMatchObject({ streaming: true, slos: [] });
  writeFileSync(join(dir, NAMES.run), "{");
  expect(() => runOf(dir, NAMES)).toThrow(/aiperf_run.json is not what a run writes; delete it/);
});

test("records alone are a run without limits", () => {
  const dir = folderOf("errors", [NAMES.records]);
  expect(runOf(dir, NAMES)).toMatchObject({ streaming: true, slos: [], percentiles: [] });
});
