// `aiperf report DIR`: the figures of a run, made again from its records. After a crash they are made
// for the first time; of a finished run they may be made with other limits, slices or percentiles.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { slosFrom } from "#config";
import { AiperfError, type Epoch, fail, secondsToNs } from "#core";
import {
  type ArtifactNames,
  artifactNames,
  epochOf,
  lineReader,
  monotonicWindow,
  type RunFacts,
  type RunFile,
  readLines,
  runFileSchema,
  summarySchema,
} from "#export";
import {
  type Collector,
  createCollector,
  type MeasuredPlan,
  type Summary,
  summarize,
  type Window,
} from "#metrics";
import { failureLine } from "#report";
import { publish } from "./publish.ts";
import { type FlagSpec, readSmallArgv, smallHelp } from "./small-argv.ts";
import { sayOnStderr, terminalOf } from "./surroundings.ts";

const FLAGS = [
  { name: "--goodput", value: "LIMITS", help: "other limits, 'TAG:VALUE TAG:VALUE'" },
  { name: "--slice-duration", value: "SECONDS", help: "other slices" },
  { name: "--percentiles", value: "LIST", help: "other percentiles, such as 75,99.9" },
  { name: "--profile-export-prefix", value: "NAME", help: "start of the files' names" },
] as const satisfies readonly FlagSpec[];

const USAGE = {
  command: "report",
  argument: "DIR",
  about: "Makes the figures of a run again from its records, and shows them.",
  flags: FLAGS,
};

type Flags = ReturnType<typeof readSmallArgv<typeof FLAGS>>["flags"];

/** Runs the verb; answers with the process's exit status. */
export async function runReport(argv: string[]): Promise<number> {
  if (argv.includes("--help") || argv.includes("-h")) {
    console.log(smallHelp(USAGE));
    return 0;
  }
  const { argument: dir, flags } = readSmallArgv(argv, USAGE);
  const names = artifactNames(flags["--profile-export-prefix"]);
  const run = withFlags(runOf(dir, names), flags);
  const read = readRecords(join(dir, names.records), measuredOf(run));
  const summary = summaryOf(run, read);
  const failures = await publish({
    ...{ dir, names, summary, phases: run.phases, title: run.title },
    facts: factsOf(run, dir, names),
    percentiles: run.percentiles,
    showsTrace: false,
    records: [{ label: "Records", path: join(dir, names.records) }],
    terminal: terminalOf(process.stdout),
  });
  for (const failure of failures) sayOnStderr(`aiperf: ${failure.message} [${failure.code}]`);
  const failure = failureLine(summary);
  if (failure !== undefined) sayOnStderr(`aiperf: ${failure}`);
  return failures.length > 0 || summary.okCount === 0 ? 1 : 0;
}

/** What the run was asked to do; of a run that did not write it down, what its records show. */
function runOf(dir: string, names: ArtifactNames): RunFile {
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

function withFlags(run: RunFile, flags: Flags): RunFile {
  const slice = flags["--slice-duration"];
  const sliceS = Number(slice);
  if (slice !== undefined && !(sliceS > 0)) {
    fail("E_FLAG_VALUE", "--slice-duration is no time", "give seconds, such as 10");
  }
  const percentiles = flags["--percentiles"]?.split(",").map(Number);
  if (percentiles?.some((percent) => !(percent >= 0 && percent <= 100))) {
    fail("E_FLAG_VALUE", "--percentiles are from 0 to 100", "write them as 75,99.9");
  }
  const goodput = flags["--goodput"];
  return {
    ...run,
    ...(slice === undefined ? {} : { slice_duration_ns: secondsToNs(sliceS) }),
    ...(percentiles === undefined ? {} : { percentiles }),
    ...(goodput === undefined
      ? {}
      : {
          slos: slosFrom("--goodput", goodput.split(/[\s,]+/).filter(Boolean)).map((slo) => ({
            ...slo,
          })),
        }),
  };
}

function measuredOf(run: RunFile): MeasuredPlan {
  return {
    endpoint: { streaming: run.streaming, useServerTokenCount: run.use_server_token_count },
    slos: run.slos,
    replays: run.replays,
    adjustsForNetwork: run.network_rtt_ns !== undefined,
  };
}

interface Read {
  readonly collector: Collector;
  readonly epoch: Epoch;
  /** From the first start to the last end of each phase's requests. */
  readonly spans: readonly (Window | undefined)[];
}

const LINES_A_COLLECTION = 20_000;

function readRecords(path: string, plan: MeasuredPlan): Read {
  const collector = createCollector({ plan });
  const spans: (Window | undefined)[] = [];
  let epoch: Epoch | undefined;
  let read: ReturnType<typeof lineReader> | undefined;
  let number = 0;
  for (const line of readLines(path)) {
    // Lines are garbage at once; collected often, they never add up.
    if (++number % LINES_A_COLLECTION === 0) Bun.gc(false);
    epoch ??= epochOf(line);
    if (epoch === undefined) return fail("E_RECORDS", `${path}:${number} is no record`, "");
    read ??= lineReader(epoch);
    try {
      const record = read(line);
      collector.add(record);
      const { startNs = record.startNs, endNs = record.endNs } = spans[record.phaseIndex] ?? {};
      spans[record.phaseIndex] = {
        startNs: Math.min(startNs, record.startNs),
        endNs: Math.max(endNs, record.endNs),
      };
    } catch (error) {
      if (error instanceof AiperfError) throw error;
      fail("E_RECORDS", `${path}:${number} is no record`, "remove the line");
    }
  }
  if (epoch === undefined) return fail("E_RECORDS", `${path} has no records`, "");
  return { collector, epoch, spans };
}

function summaryOf(run: RunFile, { collector, epoch, spans }: Read): Summary {
  const windows = run.phases.map(
    (_, index): Window =>
      (run.windows?.[index] && monotonicWindow(epoch, run.windows[index])) ??
      spans[index] ?? { startNs: epoch.monotonicNs, endNs: epoch.monotonicNs + 1 },
  );
  const of = (kind: "warmup" | "profiling"): Window | undefined => {
    const mine = windows.filter((_, index) => run.phases[index]!.kind === kind && spans[index]);
    if (mine.length === 0) return undefined;
    return { startNs: mine[0]!.startNs, endNs: mine.at(-1)!.endNs };
  };
  return summarize([collector.snapshot().data], {
    plan: measuredOf(run),
    epoch,
    window: of("profiling") ?? { startNs: epoch.monotonicNs, endNs: epoch.monotonicNs + 1 },
    warmupWindow: of("warmup"),
    phaseWindows: windows,
    percentiles: run.percentiles,
    sliceNs: run.slice_duration_ns,
    networkRttNs: run.network_rtt_ns,
  });
}

/** A run without windows never came to its end. */
const UNFINISHED = "the run ended before it could be summarised";

function factsOf(run: RunFile, dir: string, names: ArtifactNames): RunFacts {
  const before = auditBefore(join(dir, names.summaryJson));
  const guessed = !existsSync(join(dir, names.run));
  return {
    benchmarkId: run.benchmark_id,
    seed: run.random_seed,
    cliCommand: run.cli_command,
    inputConfig: run.input_config,
    wasCancelled: run.was_cancelled,
    incompleteReason:
      run.incomplete_reason ?? (run.windows === undefined && !guessed ? UNFINISHED : undefined),
    notes: run.notes,
    ...(before === undefined ? {} : { audit: before }),
  };
}

/** The audit of the run, which records alone do not show, as it stands in its summary. */
function auditBefore(path: string): object | undefined {
  if (!existsSync(path)) return undefined;
  const report = summarySchema.safeParse(JSON.parse(readFileSync(path, "utf8")));
  return report.success ? report.data.audit : undefined;
}
