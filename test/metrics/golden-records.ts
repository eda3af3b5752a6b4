// Records rebuilt from a per-request file of AIPerf, so that our figures can be held against those
// that AIPerf computed from the same requests.

import { existsSync, readFileSync } from "node:fs";
import type { Epoch, RequestRecord } from "#core";
import { epochOf, type Line, lineReader } from "#export";

const GOLDEN = `${import.meta.dir}/../golden`;

export type GoldenRun = "stream" | "errors" | "cancel" | "warmup" | "multiturn";

export function goldenText(run: GoldenRun, file: string): string {
  const path = `${GOLDEN}/${run}/${file}`;
  if (existsSync(path)) return readFileSync(path, "utf8");
  return new TextDecoder().decode(Bun.gunzipSync(readFileSync(`${path}.gz`)));
}

function textLines(run: GoldenRun): readonly string[] {
  return goldenText(run, "profile_export.jsonl").trim().split("\n");
}

/** The lines of a run's profile_export.jsonl. */
export function goldenLines(run: GoldenRun): Line[] {
  // Quoted, or a double would round the nineteen digits of a wall-clock time.
  return textLines(run).map((line) => JSON.parse(line.replace(/:(\d{19})\b/g, ':"$1"')) as Line);
}

/** The records of a run, and the epoch of their monotonic times. */
export function goldenRecords(run: GoldenRun): { records: RequestRecord[]; epoch: Epoch } {
  const lines = textLines(run);
  const epoch = epochOf(lines[0]!)!;
  return { epoch, records: lines.map(lineReader(epoch)) };
}
