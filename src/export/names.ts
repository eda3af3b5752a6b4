// What the files of a run are called. A prefix replaces the part that names the tool and keeps the
// part that names the content, so several runs can share a folder.

/** Names of a run's files, relative to its artifact directory. */
export interface ArtifactNames {
  readonly summaryJson: string;
  readonly summaryCsv: string;
  readonly records: string;
  readonly raw: string;
  readonly timeslicesJson: string;
  readonly timeslicesCsv: string;
  readonly console: string;
  readonly networkLatency: string;
  readonly inputs: string;
  readonly outputs: string;
  /** What {@link outputs} is made of while the run goes. */
  readonly outputLines: string;
  readonly manifest: string;
  readonly log: string;
  /** What the run was asked to do, for whoever summarises it again. */
  readonly run: string;
  /** Says that all other files are there. */
  readonly ready: string;
}

/** Each file's name without a prefix, and what follows a prefix. */
const PREFIXED = {
  summaryJson: ["profile_export_aiperf.json", ".json"],
  summaryCsv: ["profile_export_aiperf.csv", ".csv"],
  records: ["profile_export.jsonl", ".jsonl"],
  raw: ["profile_export_raw.jsonl", "_raw.jsonl"],
  timeslicesJson: ["profile_export_aiperf_timeslices.json", "_timeslices.json"],
  timeslicesCsv: ["profile_export_aiperf_timeslices.csv", "_timeslices.csv"],
  console: ["profile_export_console.txt", "_console.txt"],
  networkLatency: ["profile_export_network_latency.jsonl", "_network_latency.jsonl"],
} as const;

const FIXED = {
  inputs: "inputs.json",
  outputs: "outputs.json",
  outputLines: ".outputs.jsonl",
  manifest: "phase_manifest.json",
  log: "logs/aiperf.log",
  run: ".aiperf_run.json",
  ready: ".aiperf_results_ready.json",
} as const;

/**
 * The file names of a run.
 * @param prefix as the user gave it: a folder in front and a known ending are dropped
 */
export function artifactNames(prefix?: string): ArtifactNames {
  const stem = prefix === undefined ? "" : stemOf(prefix);
  const named = Object.entries(PREFIXED).map(([key, [plain, suffix]]) => [
    key,
    stem === "" ? plain : stem + suffix,
  ]);
  return { ...(Object.fromEntries(named) as Record<keyof typeof PREFIXED, string>), ...FIXED };
}

function stemOf(prefix: string): string {
  const name = prefix.slice(prefix.lastIndexOf("/") + 1);
  const suffixes = Object.values(PREFIXED).map(([, suffix]) => suffix);
  const known = suffixes
    .filter((suffix) => name.endsWith(suffix))
    .sort((a, b) => b.length - a.length)[0];
  return known === undefined ? name : name.slice(0, -known.length);
}
