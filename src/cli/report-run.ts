// What a run was asked to do, as it wrote it down; of one that did not, AIPerf's among them, what
// its records and its summary show.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fail } from "#core";
import { type ArtifactNames, type RunFile, readLines, runFileSchema, summarySchema } from "#export";

/** What the run was asked to do; of a run that did not write it down, what its records show. */
export function runOf(dir: string, names: ArtifactNames): RunFile {
  const path = join(dir, names.run);
  if (!existsSync(path)) return guessedRun(dir, names);
  const parsed = runFileSchema.safeParse(JSON.parse(readFileSync(path, "utf8")));
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
  return {
    ...{ schema_version: 1, benchmark_id: "000000000000", title: "LLM Metrics", streaming },
    use_server_token_count: false,
    replays: false,
    ...{ slos: [], percentiles: [], cli_command: "aiperf profile", input_config: {} },
    phases: listed.map((phase) => phase ?? { name: "profiling", kind: "profiling" }),
    ...{ was_cancelled: false, notes: [] },
    ...fromSummary(join(dir, names.summaryJson), listed.length),
  };
}

/** What a summary that is there says of its run; its window only where that is one phase's. */
function fromSummary(path: string, phases: number): Partial<RunFile> {
  if (!existsSync(path)) return {};
  const parsed = summarySchema.safeParse(JSON.parse(readFileSync(path, "utf8")));
  if (!parsed.success) return {};
  const { run_info, start_time, end_time, ...report } = parsed.data;
  const wall = (time: string): string => {
    const [seconds, micros = "0"] = time.split(".");
    const ms = new Date(seconds!).getTime();
    return `${BigInt(ms) * 1_000_000n + BigInt(micros.padEnd(6, "0")) * 1000n}`;
  };
  const windows = [{ start_ns: wall(start_time), end_ns: wall(end_time) }];
  return {
    benchmark_id: report.benchmark_id,
    cli_command: run_info.cli_command,
    input_config: report.input_config,
    was_cancelled: report.was_cancelled,
    ...(run_info.random_seed === undefined ? {} : { random_seed: run_info.random_seed }),
    ...(report.incomplete_reason === undefined
      ? {}
      : { incomplete_reason: report.incomplete_reason }),
    ...(phases === 1 ? { windows } : {}),
  };
}
