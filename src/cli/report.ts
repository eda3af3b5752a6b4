// `aiperf report DIR`: the figures of a run, made again from its records. After a crash they are made
// for the first time; of a finished run they may be made with other limits, slices or percentiles.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { slosFrom } from "#config";
import { fail, secondsToNs } from "#core";
import {
  type ArtifactNames,
  artifactNames,
  monotonicWindow,
  type RunFacts,
  type RunFile,
  summarySchema,
} from "#export";
import { type MeasuredPlan, type Summary, summarize, type Window } from "#metrics";
import { failureLine } from "#report";
import { publish } from "./publish.ts";
import { type Records, readRecords } from "./report-records.ts";
import { jsonIn, runOf } from "./report-run.ts";
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

/** Of the code of the threads that read records. */
export interface ReaderAddress {
  readonly reader: string;
}

type Flags = ReturnType<typeof readSmallArgv<typeof FLAGS>>["flags"];

/** Runs the verb; answers with the process's exit status. */
export async function runReport(argv: string[], threads: ReaderAddress): Promise<number> {
  if (argv.includes("--help") || argv.includes("-h")) {
    console.log(smallHelp(USAGE));
    return 0;
  }
  const { argument: dir, flags } = readSmallArgv(argv, USAGE);
  const names = artifactNames(flags["--profile-export-prefix"]);
  const run = withFlags(runOf(dir, names), flags);
  const records = await readRecords(join(dir, names.records), measuredOf(run), threads.reader);
  const summary = summaryOf(run, records);
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

function withFlags(run: RunFile, flags: Flags): RunFile {
  const slice = flags["--slice-duration"];
  const sliceS = Number(slice);
  if (slice !== undefined && !(sliceS > 0 && Number.isFinite(sliceS))) {
    fail("E_FLAG_VALUE", "--slice-duration is no time", "give seconds, such as 10");
  }
  // Nothing between two commas would be a zero.
  const percentiles = flags["--percentiles"]
    ?.split(",")
    .map((text) => (text.trim() === "" ? Number.NaN : Number(text)));
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

function summaryOf(run: RunFile, { snapshot, epoch, spans }: Records): Summary {
  const windows = run.phases.map(
    (_, index): Window =>
      (run.windows?.[index] && monotonicWindow(epoch, run.windows[index])) ??
      spans.get(index) ?? { startNs: epoch.monotonicNs, endNs: epoch.monotonicNs + 1 },
  );
  const of = (kind: "warmup" | "profiling"): Window | undefined => {
    const mine = windows.filter((_, index) => run.phases[index]!.kind === kind && spans.has(index));
    if (mine.length === 0) return undefined;
    return { startNs: mine[0]!.startNs, endNs: mine.at(-1)!.endNs };
  };
  return summarize([snapshot], {
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
  const report = summarySchema.safeParse(jsonIn(path));
  return report.success ? report.data.audit : undefined;
}
