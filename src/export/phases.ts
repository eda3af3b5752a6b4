// Each phase by itself, where a run had more than one: a folder with its figures, and a manifest
// that says which phases there were.

import { wallNs } from "#core";
import type { PhaseSummary, Summary } from "#metrics";
import { exactJson } from "./exact-json.ts";
import type { Artifact } from "./files.ts";
import { summaryCsv } from "./summary-csv.ts";
import { errorObject, type RunFacts, summaryJson } from "./summary-json.ts";

/** A phase as the plan calls it. */
export interface PhaseName {
  readonly name: string;
  readonly kind: "warmup" | "profiling";
}

/**
 * The manifest and the folders of a run's phases; nothing for a run of one phase.
 * @param manifest the manifest's file name
 */
export function phaseArtifacts(
  manifest: string,
  summary: Summary,
  names: readonly PhaseName[],
  run: RunFacts,
): readonly Artifact[] {
  if (summary.phases.length === 0) return [];
  const folders = foldersOf(names);
  const figures = summary.phases.flatMap((phase): readonly Artifact[] => {
    const alone = aloneSummary(summary, phase);
    const { audit: _, ...facts } = run;
    return [
      { name: `${folders[phase.phaseIndex]}/${JSON_FILE}`, text: () => summaryJson(alone, facts) },
      { name: `${folders[phase.phaseIndex]}/${CSV_FILE}`, text: () => summaryCsv(alone) },
    ];
  });
  return [
    ...figures,
    { name: manifest, text: () => manifestJson(summary, names, folders, run.wasCancelled) },
  ];
}

const JSON_FILE = "profile_export_aiperf.json";
const CSV_FILE = "profile_export_aiperf.csv";

/** A folder for each phase; a name that comes twice gets its phase's number. */
function foldersOf(names: readonly PhaseName[]): readonly string[] {
  const safe = names.map(({ name }) => name.replace(/[^\w.-]+/g, "_"));
  return safe.map((name, index) =>
    safe.indexOf(name) === safe.lastIndexOf(name) ? `phases/${name}` : `phases/${name}_${index}`,
  );
}

/** The summary of a run that had this phase only. */
function aloneSummary(summary: Summary, phase: PhaseSummary): Summary {
  return {
    ...summary,
    ...{ metrics: phase.metrics, warmupMetrics: [], errors: phase.errors },
    acceptance: phase.acceptance,
    ...{ okCount: phase.okCount, errorCount: phase.errorCount },
    startWallNs: wallNs(summary.epoch, phase.startNs),
    endWallNs: wallNs(summary.epoch, phase.endNs),
    ...{ slos: [], sliced: undefined, steady: undefined, hdr: [], phases: [] },
  };
}

/** The text of phase_manifest.json, its keys in alphabetical order. */
function manifestJson(
  { phases, epoch }: Summary,
  names: readonly PhaseName[],
  folders: readonly string[],
  wasCancelled: boolean,
): string {
  const last = phases.at(-1)!.phaseIndex;
  return exactJson({
    phases: phases.map(({ phaseIndex, kind, ...phase }) => ({
      end_ns: wallNs(epoch, phase.endNs),
      error_request_count: phase.errorCount,
      error_summary: phase.errors.map(errorObject),
      metrics_csv: `${folders[phaseIndex]}/${CSV_FILE}`,
      metrics_json: `${folders[phaseIndex]}/${JSON_FILE}`,
      phase_index: phaseIndex,
      phase_kind: kind,
      phase_name: names[phaseIndex]!.name,
      profiling_index: kind === "profiling" ? profilingIndex(names, phaseIndex) : null,
      start_ns: wallNs(epoch, phase.startNs),
      successful_request_count: phase.okCount,
      total_request_count: phase.okCount + phase.errorCount,
      was_cancelled: wasCancelled && phaseIndex === last,
    })),
    schema_version: 1,
  });
}

function profilingIndex(names: readonly PhaseName[], phaseIndex: number): number {
  return names.slice(0, phaseIndex).filter(({ kind }) => kind === "profiling").length;
}
