// The beginning of a run's files: what an older run left is taken away, the files that grow are made,
// and what the run was asked to do is written down, so that even a run that is killed can be
// summarised.

import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Plan } from "#config";
import { endpointRow } from "#endpoint";
import {
  type ArtifactNames,
  artifactNames,
  newBenchmarkId,
  type RunFile,
  runFileJson,
  startLineFile,
  writeWhole,
} from "#export";
import { rowsFor } from "#metrics";
import { measuredOf } from "./measured.ts";
import type { RecordFiles } from "./record-files.ts";

/**
 * Sees that every limit is on something that requests of this run have.
 * @throws E_GOODPUT
 */
export function checkLimits(plan: Plan): void {
  rowsFor(measuredOf(plan));
}

/** Files of an older run that would be taken for this one's. */
const OLDER: readonly (keyof ArtifactNames)[] = [
  ...(["summaryJson", "summaryCsv", "timeslicesJson", "timeslicesCsv", "console"] as const),
  ...(["records", "raw", "networkLatency", "outputs", "outputLines", "manifest"] as const),
  ...(["run", "ready"] as const),
];

/** Makes the files that grow while the run goes. */
export function startRecordFiles({ output }: Plan): RecordFiles {
  const names = artifactNames(output.prefix);
  for (const key of OLDER) rmSync(join(output.artifactDir, names[key]), { force: true });
  rmSync(join(output.artifactDir, "phases"), { recursive: true, force: true });
  const path = (name: string, wanted: boolean): string | undefined =>
    wanted ? join(output.artifactDir, name) : undefined;
  const files: RecordFiles = {
    lines: path(names.records, output.exportLevel !== "summary"),
    raw: path(names.raw, output.exportLevel === "raw"),
    outputs: path(names.outputLines, output.outputsJson),
    httpTrace: output.httpTrace,
  };
  for (const file of pathsOf(files)) startLineFile(file);
  return files;
}

export function pathsOf({ lines, raw, outputs }: RecordFiles): readonly string[] {
  return [lines, raw, outputs].filter((file) => file !== undefined);
}

/** Writes down what the run is asked to do. */
export function startRunFile(plan: Plan, seed: number): RunFile {
  const { output, networkLatency } = plan;
  const measured = measuredOf(plan);
  const run: RunFile = {
    schema_version: 1,
    benchmark_id: newBenchmarkId(),
    title: endpointRow(plan.endpoint.kind).title,
    streaming: measured.endpoint.streaming,
    use_server_token_count: measured.endpoint.useServerTokenCount,
    replays: measured.replays ?? false,
    slos: plan.slos.map((slo) => ({ ...slo })),
    ...(output.sliceNs === undefined ? {} : { slice_duration_ns: output.sliceNs }),
    percentiles: [...output.percentiles],
    ...(networkLatency?.kind === "given" ? { network_rtt_ns: networkLatency.rttNs } : {}),
    random_seed: seed,
    cli_command: plan.cliCommand,
    input_config: { ...plan.inputConfig },
    phases: plan.phases.map(({ name, kind }) => ({ name, kind })),
    was_cancelled: false,
    notes: [...plan.notes],
  };
  writeWhole(join(output.artifactDir, artifactNames(output.prefix).run), runFileJson(run));
  return run;
}
