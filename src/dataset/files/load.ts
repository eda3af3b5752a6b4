// A file of any type becomes sessions.

import { type FileType, TRACE_TYPES } from "#config";
import { fail, type Pieces, type Session } from "#core";
import { type FileRequest, type LoaderContext, loaderContext } from "./context.ts";
import { detectType } from "./detect.ts";
import { loadInputsJson, loadPayloads } from "./payloads.ts";
import { loadRandomPool } from "./random-pool.ts";
import { rankingNotes } from "./ranking-notes.ts";
import { loadTrace } from "./traces.ts";
import { loadMultiTurns, loadSingleTurns } from "./turns.ts";

export interface LoadedFile {
  readonly type: FileType;
  readonly sessions: Session[];
  readonly pieces?: Pieces | undefined;
  /** What a reader of the results must know about what was sent. */
  readonly notes: readonly string[];
}

type Loader = (path: string, context: LoaderContext) => Promise<Omit<LoadedFile, "type">>;

const plain =
  (load: (path: string, context: LoaderContext) => Promise<Session[]>): Loader =>
  async (path, context) => ({ sessions: await load(path, context), notes: [] });

const LOADERS: { readonly [type in FileType]: Loader } = {
  "single-turn": async (path, context) => ({
    ...(await loadSingleTurns(path, context)),
    notes: [],
  }),
  "multi-turn": plain(loadMultiTurns),
  "random-pool": plain(loadRandomPool),
  "mooncake-trace": (path, context) => loadTrace("mooncake-trace", path, context),
  "bailian-trace": (path, context) => loadTrace("bailian-trace", path, context),
  "burst-gpt-trace": (path, context) => loadTrace("burst-gpt-trace", path, context),
  "raw-payload": plain(loadPayloads),
  "inputs-json": plain(loadInputsJson),
};

/**
 * Loads the plan's file.
 * @throws E_DATA_TYPE, E_DATA_EMPTY, E_DATA_ROW, E_FILE_READ and their relatives
 */
export async function loadFile(request: FileRequest): Promise<LoadedFile> {
  const { path, type: named, synthesis } = request.plan.dataset;
  const type = named ?? (await detectType(path));
  if (synthesis !== undefined && !TRACE_TYPES.includes(type)) {
    fail("E_FLAG_CONFLICT", `--synthesis-* changes traces, and ${path} is ${type}`, "leave it out");
  }
  if (request.plan.endpoint.stripsImages && type !== "single-turn") {
    const what = `--uuid-and-strip looks for images that single turns repeat, and ${path} is ${type}`;
    fail("E_FLAG_CONFLICT", what, "leave it out");
  }
  const loaded = await LOADERS[type](path, loaderContext(request));
  if (loaded.sessions.length === 0) fail("E_DATA_EMPTY", `${path} has no rows`, "check the file");
  const ranked = rankingNotes(request.plan.endpoint.kind, loaded.sessions);
  return { type, ...loaded, notes: [...loaded.notes, ...ranked] };
}
