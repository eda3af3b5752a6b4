// What a run was asked to do, as it wrote it down; of one that did not, AIPerf's among them, what
// its records and its summary show.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { fail, secondsToNs } from "#core";
import { type ArtifactNames, type RunFile, readLines, runFileSchema, summarySchema } from "#export";

/** What the run was asked to do; of a run that did not write it down, what its records show. */
export function runOf(dir: string, names: ArtifactNames): RunFile {
  const path = join(dir, names.run);
  if (!existsSync(path)) return guessedRun(dir, names);
  const parsed = runFileSchema.safeParse(jsonIn(path));
  if (parsed.success) return parsed.data;
  return fail(
    "E_RUN_FILE",
    `${path} is not what a run writes`,
    "delete it, and it is done without",
  );
}

/** Lines that show what a run without a run file was. */
const LINES_LOOKED_AT = 100_000;

function guessedRun(dir: string, names: ArtifactNames): RunFile {
  const records = join(dir, names.records);
  const phases = new Map<number, RunFile["phases"][number]>();
  let streaming = false;
  let looked = 0;
  for (const line of readLines(records)) {
    streaming ||= line.includes('"time_to_first_token"');
    const index = Number(/"phase_index":(\d+)/.exec(line)?.[1] ?? 0);
    if (!phases.has(index)) {
      const kind = /"benchmark_phase":"(\w+)"/.exec(line)?.[1];
      const name = /"phase_name":"([^"]*)"/.exec(line)?.[1] ?? "profiling";
      phases.set(index, { name, kind: kind === "warmup" ? "warmup" : "profiling" });
    }
    // A warm-up of more requests is none that a summary has to know of.
    if (++looked === LINES_LOOKED_AT) break;
  }
  const listed = Array.from({ length: Math.max(0, ...phases.keys()) + 1 }, (_, i) => phases.get(i));
  const run: RunFile = {
    ...{
      schema_version: 1 as const,
      benchmark_id: "000000000000",
      title: "LLM Metrics",
      streaming,
    },
    use_server_token_count: false,
    replays: false,
    ...{ slos: [], percentiles: [], cli_command: "aiperf profile", input_config: {} },
    phases: listed.map((phase) => phase ?? { name: "profiling", kind: "profiling" }),
    ...{ was_cancelled: false, notes: [] },
    ...fromSummary(join(dir, names.summaryJson)),
  };
  const { windows, ...rest } = run;
  // A summary tells of one phase when it was, or of the measured ones together.
  const known = listed.length === 1 ? windows : windowsIn(join(dir, names.manifest), listed.length);
  return { ...rest, ...(known === undefined ? {} : { windows: known }) };
}

/** What a summary that is there says of its run. */
function fromSummary(path: string): Partial<RunFile> {
  const parsed = summarySchema.safeParse(jsonIn(path));
  if (!parsed.success) return {};
  const { run_info, start_time, end_time, ...report } = parsed.data;
  return {
    benchmark_id: report.benchmark_id,
    cli_command: run_info.cli_command,
    input_config: report.input_config,
    was_cancelled: report.was_cancelled,
    ...(run_info.random_seed === undefined ? {} : { random_seed: run_info.random_seed }),
    ...(report.incomplete_reason === undefined
      ? {}
      : { incomplete_reason: report.incomplete_reason }),
    windows: [{ start_ns: wallOf(start_time), end_ns: wallOf(end_time) }],
    ...fromConfig(report.input_config),
  };
}

/** Nanoseconds since 1970, of a time with microseconds. */
function wallOf(time: string): string {
  const [seconds, micros = "0"] = time.split(".");
  const ms = new Date(seconds!).getTime();
  return `${BigInt(ms) * 1_000_000n + BigInt(micros.padEnd(6, "0")) * 1000n}`;
}

/** What of a configuration decides which figures there are. */
const configSchema = z.object({
  endpoint: z.object({ use_server_token_count: z.boolean().optional() }).optional(),
  slos: z.record(z.string(), z.number()).nullish(),
  artifacts: z.object({ slice_duration: z.number().positive().nullish() }).optional(),
  phases: z.array(z.object({ type: z.string().optional() })).optional(),
});

function fromConfig(config: object): Partial<RunFile> {
  const parsed = configSchema.safeParse(config);
  if (!parsed.success) return {};
  const { endpoint, slos, artifacts, phases } = parsed.data;
  const sliceS = artifacts?.slice_duration;
  return {
    use_server_token_count: endpoint?.use_server_token_count ?? false,
    replays: phases?.some(({ type }) => type === "fixed_schedule") ?? false,
    slos: Object.entries(slos ?? {}).map(([tag, limit]) => ({ tag, limit })),
    ...(sliceS ? { slice_duration_ns: secondsToNs(sliceS) } : {}),
  };
}

const manifestPhases = z.object({
  phases: z.array(z.object({ phase_index: z.int(), start_ns: z.string(), end_ns: z.string() })),
});

/** When each phase was, in a folder of several; undefined where that is not told of all. */
function windowsIn(path: string, phases: number): RunFile["windows"] {
  if (!existsSync(path)) return undefined;
  // Quoted, or a double would round the nineteen digits.
  const text = readFileSync(path, "utf8").replace(/("(?:start|end)_ns": ?)(\d+)/g, '$1"$2"');
  const parsed = manifestPhases.safeParse(parsedOf(text));
  if (!parsed.success) return undefined;
  const windows = Array.from({ length: phases }, (_, index) =>
    parsed.data.phases.find(({ phase_index }) => phase_index === index),
  );
  return windows.every((window) => window !== undefined)
    ? windows.map(({ start_ns, end_ns }) => ({ start_ns, end_ns }))
    : undefined;
}

/** What a file of JSON says; undefined where there is none, or no JSON in it. */
export function jsonIn(path: string): unknown {
  return existsSync(path) ? parsedOf(readFileSync(path, "utf8")) : undefined;
}

function parsedOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
