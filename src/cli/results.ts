// The end of a run: figures from the columns, files from the figures, and the report.

import { rmSync } from "node:fs";
import { join } from "node:path";
import { auditBlock, auditLines, type Limits } from "#audit";
import type { Plan } from "#config";
import { type Epoch, wallNs } from "#core";
import { endpointRow } from "#endpoint";
import {
  type Artifact,
  artifactNames,
  outputsJson,
  type RunFacts,
  type RunFile,
  readLines,
  runFileJson,
  writeArtifacts,
} from "#export";
import { HISTOGRAM_ERROR, type Summary, summarize, type Window } from "#metrics";
import { failureLine, type ReportFile } from "#report";
import type { Attended } from "./attend.ts";
import { auditRun } from "./audit.ts";
import type { Log } from "./log.ts";
import { measuredOf } from "./measured.ts";
import { meanRttNs, type Probe, probeLines } from "./network.ts";
import { publish } from "./publish.ts";
import type { Terminal } from "./surroundings.ts";

export interface ResultInputs {
  readonly plan: Plan;
  readonly attended: Attended;
  readonly epoch: Epoch;
  readonly seed: number;
  readonly notes: readonly string[];
  /** What could not be written while the run went. */
  readonly troubles: readonly string[];
  /** Some turns wait after the reply to the one before. */
  readonly hasPauses: boolean;
  /** What the run was asked to do, as it was written down when it began. */
  readonly runFile: RunFile;
  /** Attempts to find out how long the way to the server is. */
  readonly probes: readonly Probe[];
  /** What the audit lets pass. */
  readonly limits: Limits;
  readonly log: Log;
  readonly terminal: Terminal;
}

/** Exit status of a run below valid, where a valid one is required. */
const NOT_VALID = 3;

/** Writes and shows what the run came to; answers with the exit status. */
export async function concludeRun(inputs: ResultInputs): Promise<number> {
  const { plan, attended, log, terminal } = inputs;
  const { outcome, signalStatus } = attended;
  const sinceMs = performance.now();
  const summary = summaryOf(inputs);
  const notes = [
    ...inputs.notes,
    ...inputs.troubles,
    ...lossNotes(outcome.lostFrames),
    ...roughNotes(summary),
  ];
  const names = artifactNames(plan.output.prefix);
  const dir = plan.output.artifactDir;
  const audit = auditRun({
    phases: plan.phases,
    outcome,
    summary,
    linesPath: plan.output.exportLevel === "summary" ? undefined : join(dir, names.records),
    limits: inputs.limits,
    seed: inputs.seed,
    hasPauses: inputs.hasPauses,
  });
  for (const line of auditLines(audit)) log.debug(line);

  const facts: RunFacts = {
    benchmarkId: inputs.runFile.benchmark_id,
    seed: plan.runtime.seed ?? inputs.seed,
    cliCommand: plan.cliCommand,
    inputConfig: inputs.runFile.input_config,
    wasCancelled: outcome.interrupted,
    incompleteReason: outcome.incompleteReason,
    notes,
    audit: auditBlock(audit),
  };
  const more = writeArtifacts(dir, [
    { name: names.run, text: () => runFileJson(endedRun(inputs, notes)) },
    ...recordArtifacts(inputs),
  ]);
  const failures = [
    ...more.failures,
    ...(await publish({
      ...{ dir, names, summary, facts, terminal, audit },
      phases: plan.phases.map(({ name, kind }) => ({ name, kind })),
      title: endpointRow(plan.endpoint.kind).title,
      percentiles: plan.output.percentiles,
      showsTrace: plan.output.showsTrace,
      records: recordFiles(plan, more.written),
    })),
  ];
  for (const failure of failures) log.error(failure.message);
  log.debug(`figures, files and report took ${(performance.now() - sinceMs).toFixed(0)} ms`);

  if (signalStatus !== undefined) return signalStatus;
  // After the report, where it is the last that is read, whatever became of stdout.
  const failure = failureLine(summary);
  if (failure !== undefined) log.error(failure);
  if (plan.runtime.requireValid && audit.verdict !== "valid") return NOT_VALID;
  const failed = summary.okCount === 0 || failures.length > 0 || inputs.troubles.length > 0;
  return failed || outcome.incompleteReason !== undefined ? 1 : 0;
}

/** What was written of single requests while the run went, and is now put in order. */
function recordArtifacts({ plan, probes, epoch }: ResultInputs): readonly Artifact[] {
  const names = artifactNames(plan.output.prefix);
  const lines = join(plan.output.artifactDir, names.outputLines);
  return [
    ...(plan.output.outputsJson
      ? [{ name: names.outputs, text: () => outputsJson([...readLines(lines)]) }]
      : []),
    ...(probes.length > 0
      ? [{ name: names.networkLatency, text: () => probeLines(probes, epoch) }]
      : []),
  ];
}

/** Where a reader finds what is told of single requests. */
function recordFiles({ output }: Plan, written: readonly string[]): readonly ReportFile[] {
  const names = artifactNames(output.prefix);
  const there = new Set([
    ...written,
    names.log,
    ...(output.exportLevel === "summary" ? [] : [names.records]),
    ...(output.exportLevel === "raw" ? [names.raw] : []),
  ]);
  // The lines that the texts were made of have served.
  rmSync(join(output.artifactDir, names.outputLines), { force: true });
  return [
    { label: "Records", name: names.records },
    { label: "Raw Records", name: names.raw },
    { label: "Outputs", name: names.outputs },
    { label: "Network Latency", name: names.networkLatency },
    { label: "Log File", name: names.log },
  ]
    .filter(({ name }) => there.has(name))
    .map(({ label, name }) => ({ label, path: join(output.artifactDir, name) }));
}

/** What is kept for whoever summarises the run again. */
function endedRun(inputs: ResultInputs, notes: readonly string[]): RunFile {
  const { epoch, runFile } = inputs;
  const { windows, interrupted, incompleteReason } = inputs.attended.outcome;
  const rttNs = rttOf(inputs);
  return {
    ...runFile,
    ...(rttNs === undefined ? {} : { network_rtt_ns: rttNs }),
    windows: windows.map(({ startNs, endNs }) => ({
      start_ns: String(wallNs(epoch, startNs)),
      end_ns: String(wallNs(epoch, endNs)),
    })),
    was_cancelled: interrupted,
    ...(incompleteReason === undefined ? {} : { incomplete_reason: incompleteReason }),
    notes: [...notes],
  };
}

function rttOf({ plan, probes, attended }: ResultInputs): number | undefined {
  const { networkLatency, phases } = plan;
  if (networkLatency === undefined || networkLatency.kind === "given") return networkLatency?.rttNs;
  const profiling = attended.outcome.windows.filter((_, i) => phases[i]!.kind === "profiling");
  const window = spanOf(profiling);
  return window && meanRttNs(probes, window);
}

function summaryOf(inputs: ResultInputs): Summary {
  const { plan, attended, epoch } = inputs;
  const { snapshots, windows } = attended.outcome;
  const of = (kind: "warmup" | "profiling") =>
    spanOf(windows.filter((_, i) => plan.phases[i]!.kind === kind));
  const nothing: Window = { startNs: epoch.monotonicNs, endNs: epoch.monotonicNs + 1 };
  return summarize(snapshots, {
    plan: measuredOf(plan),
    epoch,
    window: of("profiling") ?? nothing,
    warmupWindow: of("warmup"),
    phaseWindows: windows,
    percentiles: plan.output.percentiles,
    sliceNs: plan.output.sliceNs,
    networkRttNs: rttOf(inputs),
  });
}

function spanOf(windows: readonly Window[]): Window | undefined {
  if (windows.length === 0) return undefined;
  return { startNs: windows[0]!.startNs, endNs: windows.at(-1)!.endNs };
}

/** Says which percentiles are not exact. */
export function roughNotes({ metrics }: Pick<Summary, "metrics">): string[] {
  const rough = metrics.filter(({ isRough }) => isRough);
  if (rough.length === 0) return [];
  const names = rough.map(({ header }) => header).join(", ");
  const within = `${(100 * HISTOGRAM_ERROR).toPrecision(1)} %`;
  return [
    `${names}: too many values to keep, percentiles are read off a histogram, within ${within}`,
  ];
}

function lossNotes(lostFrames: number): string[] {
  if (lostFrames === 0) return [];
  return [
    `${lostFrames} pieces of replies found no room between the threads and are missing: do not trust the figures; give the machine more free cores, or lower the load.`,
  ];
}
