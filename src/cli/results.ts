// The end of a run: figures from the columns, files from the figures, and the report.

import { join } from "node:path";
import { auditBlock, auditLines, type Limits } from "#audit";
import type { Plan } from "#config";
import type { Epoch } from "#core";
import { endpointRow } from "#endpoint";
import {
  artifactNames,
  newBenchmarkId,
  type RunFacts,
  summaryCsv,
  summaryJson,
  writeArtifacts,
} from "#export";
import { type Summary, summarize, type Window } from "#metrics";
import {
  failureLine,
  type ReportFile,
  type ReportOptions,
  renderReport,
  wantsColor,
} from "#report";
import type { Attended } from "./attend.ts";
import { auditRun } from "./audit.ts";
import type { Log } from "./log.ts";
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
  /** What the audit lets pass. */
  readonly limits: Limits;
  readonly log: Log;
  readonly terminal: Terminal;
}

/** Exit status of a run below valid, where a valid one is required. */
const NOT_VALID = 3;

/** Writes and shows what the run came to; answers with the exit status. */
export function concludeRun(inputs: ResultInputs): number {
  const { plan, attended, log, terminal } = inputs;
  const { outcome, signalStatus } = attended;
  const summary = summaryOf(inputs);
  const notes = [...inputs.notes, ...inputs.troubles, ...lossNotes(outcome.lostFrames)];
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
    benchmarkId: newBenchmarkId(),
    seed: plan.runtime.seed ?? inputs.seed,
    cliCommand: plan.cliCommand,
    inputConfig: plan.inputConfig,
    wasCancelled: outcome.interrupted,
    incompleteReason: outcome.incompleteReason,
    notes,
    audit: auditBlock(audit),
  };
  const figures = writeArtifacts(dir, [
    { name: names.summaryJson, text: () => summaryJson(summary, facts) },
    { name: names.summaryCsv, text: () => summaryCsv(summary) },
  ]);
  const files = filesOf(plan, figures.written);
  const report = (options: Pick<ReportOptions, "width" | "color">) =>
    renderReport(summary, {
      ...options,
      title: endpointRow(plan.endpoint.kind).title,
      files,
      notes,
      wasCancelled: outcome.interrupted,
      incompleteReason: outcome.incompleteReason,
      cliCommand: plan.cliCommand,
      audit,
    });
  const copy = writeArtifacts(dir, [
    { name: names.console, text: () => report({ width: 140, color: false }) },
  ]);
  process.stdout.write(
    report({ width: terminal.width(), color: wantsColor(process.env, terminal.isTerminal) }),
  );
  const failures = [...figures.failures, ...copy.failures];
  for (const failure of failures) log.error(failure.message);

  if (signalStatus !== undefined) return signalStatus;
  // After the report, where it is the last that is read, whatever became of stdout.
  const failure = failureLine(summary);
  if (failure !== undefined) log.error(failure);
  if (plan.runtime.requireValid && audit.verdict !== "valid") return NOT_VALID;
  const failed = summary.okCount === 0 || failures.length > 0 || inputs.troubles.length > 0;
  return failed || outcome.incompleteReason !== undefined ? 1 : 0;
}

/** Where a reader finds what: of the files with figures only those that could be written. */
function filesOf({ output }: Plan, written: readonly string[]): readonly ReportFile[] {
  const names = artifactNames(output.prefix);
  const records = output.exportLevel === "summary" ? [] : [names.records];
  const there = new Set([...written, ...records, names.log]);
  return [
    { label: "CSV Export", name: names.summaryCsv },
    { label: "JSON Export", name: names.summaryJson },
    { label: "Records", name: names.records },
    { label: "Log File", name: names.log },
  ]
    .filter(({ name }) => there.has(name))
    .map(({ label, name }) => ({ label, path: join(output.artifactDir, name) }));
}

function summaryOf({ plan, attended, epoch }: ResultInputs): Summary {
  const { snapshots, windows } = attended.outcome;
  const of = (kind: "warmup" | "profiling") =>
    spanOf(windows.filter((_, i) => plan.phases[i]!.kind === kind));
  const nothing: Window = { startNs: epoch.monotonicNs, endNs: epoch.monotonicNs + 1 };
  return summarize(snapshots, {
    plan,
    epoch,
    window: of("profiling") ?? nothing,
    warmupWindow: of("warmup"),
  });
}

function spanOf(windows: readonly Window[]): Window | undefined {
  if (windows.length === 0) return undefined;
  return { startNs: windows[0]!.startNs, endNs: windows.at(-1)!.endNs };
}

function lossNotes(lostFrames: number): string[] {
  if (lostFrames === 0) return [];
  return [
    `${lostFrames} pieces of replies found no room between the threads and are missing: do not trust the figures; give the machine more free cores, or lower the load.`,
  ];
}
