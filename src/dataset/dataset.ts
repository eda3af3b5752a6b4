// The data set of a plan, wherever it comes from.

import type { Plan } from "#config";
import type { Pieces, Session } from "#core";
import type { Tokenizer } from "#tokenizer";
import { withCounts } from "./count.ts";
import { loadFile } from "./files/load.ts";
import { withMarkers, withSystemPrompt } from "./lead.ts";
import { loadPublic, type PublicFiles } from "./public/public.ts";
import { synthesize } from "./synthetic.ts";

export interface DatasetRequest {
  readonly plan: Pick<Plan, "dataset" | "endpoint" | "runtime">;
  readonly tokenizer: Tokenizer;
  /** The run's seed, drawn for it when the plan has none. */
  readonly seed: number;
  /** Tells this run from every other. */
  readonly runId: string;
  /** Finds the files of published data sets. */
  readonly publicFiles: PublicFiles;
}

export interface Dataset {
  readonly sessions: readonly Session[];
  /** What the marks in the sessions' texts stand for; undefined when there are none. */
  readonly pieces: Pieces | undefined;
  /** Every session says when it was recorded. */
  readonly hasTimestamps: boolean;
  /** Whether what can be sent is listed in inputs.json before the run. */
  readonly isListed: boolean;
  readonly notes: readonly string[];
}

type Source = Pick<Dataset, "sessions" | "pieces" | "isListed" | "notes">;

/**
 * Makes or loads what a run sends, all of it before the first request.
 * @throws E_DATA_* for files, E_DATASET_LENGTH for texts, E_MEDIA_* for images, sounds and films
 */
export async function buildDataset(request: DatasetRequest): Promise<Dataset> {
  const { plan, tokenizer, runId } = request;
  const source = await sourceOf(request);
  const led = withSystemPrompt(source.sessions, plan.dataset);
  const sessions = withMarkers(led, plan.dataset, runId, tokenizer.count);
  return {
    ...source,
    sessions: plan.endpoint.useServerTokenCount ? sessions : counted(sessions, tokenizer),
    hasTimestamps: sessions.every(({ turns }) => turns[0]?.timestampNs !== undefined),
  };
}

async function sourceOf({ plan, tokenizer, seed, publicFiles }: DatasetRequest): Promise<Source> {
  const { dataset } = plan;
  const none = { pieces: undefined, isListed: true, notes: [] };
  switch (dataset.kind) {
    case "synthetic":
      return {
        ...none,
        sessions: await synthesize({ plan: { ...plan, dataset }, tokenizer, seed }),
      };
    case "public":
      return {
        ...none,
        sessions: await loadPublic({ plan: { ...plan, dataset }, tokenizer, seed }, publicFiles),
      };
    case "file": {
      const loaded = await loadFile({ plan: { ...plan, dataset }, tokenizer, seed });
      const { sessions, pieces, notes, type } = loaded;
      const isListed = !/-trace$|^raw-payload$|^inputs-json$/.test(type);
      return { sessions, pieces, notes, isListed };
    }
  }
}

/** Sessions with the tokens of their turns, and of what is said before them. */
function counted(sessions: readonly Session[], tokenizer: Tokenizer): readonly Session[] {
  const leads = new Map<string, number>();
  return withCounts(sessions, tokenizer).map((session) => {
    const lead = [session.systemText, session.userContextText].filter((text) => text !== undefined);
    if (lead.length === 0) return session;
    const text = lead.join(" ");
    // Most sessions share what is said before them.
    let tokens = leads.get(text);
    if (tokens === undefined) leads.set(text, (tokens = tokenizer.count(text)));
    return { ...session, leadTokens: tokens };
  });
}
