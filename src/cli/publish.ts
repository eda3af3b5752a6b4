// From figures to files and to the terminal: the same for a run that has just ended and for one that
// is summarised again.

import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Audit } from "#audit";
import type { AiperfError } from "#core";
import {
  type Artifact,
  type ArtifactNames,
  type PhaseName,
  phaseArtifacts,
  type RunFacts,
  summaryCsv,
  summaryJson,
  timeslicesCsv,
  timeslicesJson,
  writeArtifacts,
} from "#export";
import type { Summary } from "#metrics";
import { type ReportFile, type ReportOptions, renderReport, wantsColor } from "#report";
import type { Terminal } from "./surroundings.ts";

export interface Publication {
  readonly dir: string;
  readonly names: ArtifactNames;
  readonly summary: Summary;
  readonly facts: RunFacts;
  readonly phases: readonly PhaseName[];
  /** Of the main table. */
  readonly title: string;
  readonly percentiles: readonly number[];
  readonly showsTrace: boolean;
  readonly audit?: Audit | undefined;
  /** Files that the run wrote while it went, by label. */
  readonly records: readonly ReportFile[];
  readonly terminal: Terminal;
}

const CONSOLE_WIDTH = 140;

/** Writes and shows everything; answers with an error for each file that could not be written. */
export async function publish(publication: Publication): Promise<readonly AiperfError[]> {
  const { dir, names, summary, facts, terminal } = publication;
  // Whoever waits for the results waits for this file, which comes last.
  rmSync(join(dir, names.ready), { force: true });
  const figures = writeArtifacts(dir, await figureFiles(publication));
  const report = (options: Pick<ReportOptions, "width" | "color">) =>
    renderReport(summary, {
      ...options,
      title: publication.title,
      percentiles: publication.percentiles,
      showsTrace: publication.showsTrace,
      files: filesOf(publication, figures.written),
      notes: facts.notes,
      wasCancelled: facts.wasCancelled,
      incompleteReason: facts.incompleteReason,
      cliCommand: facts.cliCommand,
      ...(publication.audit === undefined ? {} : { audit: publication.audit }),
    });
  const copy = writeArtifacts(dir, [
    { name: names.console, text: () => report({ width: CONSOLE_WIDTH, color: false }) },
    { name: names.ready, text: () => readyJson(facts), mode: 0o600 },
  ]);
  process.stdout.write(
    report({ width: terminal.width(), color: wantsColor(process.env, terminal.isTerminal) }),
  );
  return [...figures.failures, ...copy.failures];
}

async function figureFiles({
  names,
  summary,
  facts,
  phases,
}: Publication): Promise<readonly Artifact[]> {
  const slices = summary.sliced === undefined ? undefined : await timeslicesCsv(summary);
  return [
    { name: names.summaryJson, text: () => summaryJson(summary, facts) },
    { name: names.summaryCsv, text: () => summaryCsv(summary) },
    ...phaseArtifacts(names.manifest, summary, phases, facts),
    ...(slices === undefined
      ? []
      : [
          {
            name: names.timeslicesJson,
            text: () => timeslicesJson(summary, facts.inputConfig),
          },
          { name: names.timeslicesCsv, text: () => slices },
        ]),
  ];
}

function readyJson({ wasCancelled, incompleteReason }: RunFacts): string {
  const partial = wasCancelled || incompleteReason !== undefined;
  return `${JSON.stringify({ ready: true, was_cancelled: wasCancelled, partial })}\n`;
}

/** Where a reader finds what: of the files with figures only those that could be written. */
function filesOf(
  { dir, names, records }: Publication,
  written: readonly string[],
): readonly ReportFile[] {
  const there = new Set(written);
  const labelled = [
    { label: "CSV Export", name: names.summaryCsv },
    { label: "JSON Export", name: names.summaryJson },
    { label: "Timeslice CSV Export", name: names.timeslicesCsv },
    { label: "Timeslice JSON Export", name: names.timeslicesJson },
    { label: "Phases", name: names.manifest },
  ]
    .filter(({ name }) => there.has(name))
    .map(({ label, name }) => ({ label, path: join(dir, name) }));
  return [...labelled, ...records];
}
