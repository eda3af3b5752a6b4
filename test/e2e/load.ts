// A run and what the server saw of it, request by request.

import { expect } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Line } from "#export";
import { aiperf, type Finished, LLAMA2, profile, SHORT, scratch } from "./aiperf.ts";
import { type Seen, startMock } from "./mock.ts";

const MS = 1e6;

/** One request: what its record says, and what the server's log says. */
export interface Pair {
  readonly record: Line["metadata"];
  readonly metrics: Line["metrics"];
  /** The code of its error, if it has one. */
  readonly code: number | undefined;
  readonly seen: Seen;
}

export interface Load extends AsyncDisposable {
  readonly run: Finished;
  readonly pairs: readonly Pair[];
}

/** Runs a profile of a mock, both with these flags, and joins the two accounts of it. */
export async function load(mockFlags: string, flags: string, expectedStatus = 0): Promise<Load> {
  await using mock = await startMock(...words(mockFlags));
  const run = await profileOf(mock.url, flags, expectedStatus);
  const seen = new Map((await mock.stop()).map((row) => [row.x_request_id, row]));
  const pairs = run.artifacts
    .records()
    .map(({ metadata, metrics, error }) => ({
      record: metadata,
      metrics,
      code: error?.code ?? undefined,
      seen: seen.get(metadata.x_request_id)!,
    }))
    .sort((a, b) => a.record.request_start_ns - b.record.request_start_ns);
  expect(pairs.length).toBe(seen.size);
  return { run, pairs, [Symbol.asyncDispose]: () => run[Symbol.asyncDispose]() };
}

/** Runs a profile of the server at `url`; short prompts, unless a file brings its own. */
export async function profileOf(url: string, flags: string, status: number): Promise<Finished> {
  const short = flags.includes("--input-file") ? ["--tokenizer", LLAMA2] : SHORT;
  const run = await aiperf(profile(url, ...short, ...words(flags)), { timeLimitMs: 30_000 });
  expect(run.status, run.stderr).toBe(status);
  return run;
}

export function words(text: string): readonly string[] {
  return text.split(" ").filter((word) => word !== "");
}

/** When the server got a request after the first of them, in ms. */
export function arrivalsMs(pairs: readonly Pair[]): readonly number[] {
  const firstNs = Math.min(...pairs.map(({ seen }) => seen.arrival_ns));
  return pairs.map(({ seen }) => (seen.arrival_ns - firstNs) / MS);
}

/** How late each request was at the server, in ms, ascending. */
export function latenessMs(pairs: readonly Pair[]): readonly number[] {
  return pairs
    .map(({ record, seen }) => (seen.arrival_ns - record.credit_issued_ns!) / MS)
    .sort((a, b) => a - b);
}

/** Most requests that the server had at once, each from its arrival to `until`. */
export function mostAtOnce(pairs: readonly Pair[], until: (seen: Seen) => number): number {
  const edges = pairs.flatMap(({ seen }) => [
    { atNs: seen.arrival_ns, change: 1 },
    { atNs: until(seen), change: -1 },
  ]);
  edges.sort((a, b) => a.atNs - b.atNs || a.change - b.change);
  let [now, most] = [0, 0];
  for (const { change } of edges) {
    now += change;
    most = Math.max(most, now);
  }
  return most;
}

/** Writes a trace whose rows come every `gapMs`, in sessions of `turns`; the path of its file. */
export function trace(rows: number, gapMs: number, turns = 1): string {
  const lines = Array.from({ length: rows }, (_, row) => {
    const session = turns === 1 ? {} : { session_id: `s${Math.floor(row / turns)}` };
    return JSON.stringify({
      ...session,
      timestamp: 1000 + row * gapMs,
      input_length: 12,
      output_length: 3,
    });
  });
  const path = join(scratch(), "trace.jsonl");
  writeFileSync(path, `${lines.join("\n")}\n`);
  return path;
}
