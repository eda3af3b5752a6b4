// The data set of a run, with the hub's files and everything else that is outside of the program.

import type { Plan } from "#config";
import { fail } from "#core";
import { buildDataset, type Dataset } from "#dataset";
import { hubDatasetFile, type Tokenizer } from "#tokenizer";
import type { Log } from "./log.ts";

/**
 * Makes or loads what the plan sends.
 * @throws E_SCHEDULE_TIMES for a schedule without times, and what `buildDataset` throws
 */
export async function datasetFor(
  plan: Plan,
  tokenizer: Tokenizer,
  seed: number,
  log: Log,
): Promise<Dataset> {
  let announced = false;
  const built = await buildDataset({
    plan,
    tokenizer,
    seed,
    runId: crypto.randomUUID(),
    publicFiles: ({ repo, path }) =>
      hubDatasetFile({
        repo,
        path,
        revision: "main",
        env: process.env,
        onProgress: ({ file, totalBytes }) => {
          if (announced) return;
          announced = true;
          const size = totalBytes === undefined ? "" : ` (${(totalBytes / 1e6).toFixed(0)} MB)`;
          log.info(`downloading ${file}${size}`);
        },
      }),
  });
  const dataset = { ...built, notes: [...built.notes, ...repeatNotes(plan, built)] };
  for (const note of dataset.notes) log.warn(note);
  if (plan.phases.some(({ load }) => load.kind === "schedule") && !dataset.hasTimestamps) {
    const session = dataset.sessions.find(({ turns }) => turns[0]?.timestampNs === undefined);
    const what = `--fixed-schedule: ${session?.id} has no timestamp on its first turn`;
    fail("E_SCHEDULE_TIMES", what, "give every session one, or leave the schedule out");
  }
  return dataset;
}

/** A session that is sent again has the marker that it had, which the server may know by then. */
function repeatNotes(
  { dataset, phases }: Plan,
  { sessions }: Pick<Dataset, "sessions">,
): readonly string[] {
  if (!/^(?:system|first)-/.test(dataset.cacheBust)) return [];
  const wanted = phases.reduce(
    (sum, phase) => sum + (phase.sessionCount ?? phase.requestCount ?? Number.POSITIVE_INFINITY),
    0,
  );
  if (wanted <= sessions.length) return [];
  return [
    `--cache-bust gives each of the ${sessions.length} sessions a marker of its own; a session that is sent again keeps it (--num-dataset-entries makes more)`,
  ];
}
