// The table of endpoints.

import type { EndpointKind, EndpointPlan } from "#config";
import { messages } from "./anthropic.ts";
import { chat } from "./chat.ts";
import { completions } from "./completions.ts";
import { chatEmbeddings, embeddings, nimEmbeddings } from "./embeddings.ts";
import type { EndpointRow } from "./endpoint.ts";
import { openFree, raw, solidoRag, template } from "./free.ts";
import { huggingfaceGenerate } from "./huggingface.ts";
import { imageEdit, imageGeneration, imageRetrieval } from "./images.ts";
import { audioTranscription, videoGeneration } from "./media.ts";
import { cohereRankings, nimRankings, teiRankings } from "./rankings.ts";
import { responses } from "./responses.ts";

const ROWS: { readonly [kind in EndpointKind]: EndpointRow } = {
  chat,
  completions,
  responses,
  messages,
  embeddings,
  "chat-embeddings": chatEmbeddings,
  "nim-embeddings": nimEmbeddings,
  "nim-rankings": nimRankings,
  "cohere-rankings": cohereRankings,
  "hf-tei-rankings": teiRankings,
  "huggingface-generate": huggingfaceGenerate,
  "image-generation": imageGeneration,
  "image-edit": imageEdit,
  "video-generation": videoGeneration,
  "image-retrieval": imageRetrieval,
  "audio-transcription": audioTranscription,
  "solido-rag": solidoRag,
  template,
  raw,
};

/** The row of a kind of endpoint. */
export function endpointRow(kind: EndpointKind): EndpointRow {
  return ROWS[kind];
}

/**
 * The row that a plan's endpoint works by, with what the user shaped of it.
 * @throws E_TEMPLATE for a template or a path that cannot be read
 */
export async function openEndpoint(plan: EndpointPlan): Promise<EndpointRow> {
  return openFree(ROWS[plan.kind], plan);
}

/** The path that a plan's requests go to, below the server's URL. */
export function endpointPath({ kind, path, streaming }: EndpointPlan): string {
  const row = ROWS[kind];
  return path ?? (streaming ? row.streamPath : undefined) ?? row.path;
}
