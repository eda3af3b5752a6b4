// Replies that are not made of tokens: vectors, ranks, images, what was heard, and films to come.

import type { Dialect, ReplyName, UsageCounts } from "../dialect.ts";
import { chunked, named } from "./events.ts";

const VECTOR = [0.25, -0.5, 0.125, 0.75];
/** A picture of one grey pixel. */
const PIXEL =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==";

export const embeddings: Dialect = {
  paths: ["/v1/embeddings"],
  speaks: false,
  reasons: false,
  whole: (name, _finish, _text, counts) =>
    JSON.stringify({
      id: `embd-${name.number}`,
      object: "list",
      created: name.createdS,
      model: name.ask.model,
      data: each(name, (index) => ({ index, object: "embedding", embedding: VECTOR })),
      usage: promptUsage(counts),
    }),
};

export const nimRankings: Dialect = {
  paths: ["/v1/ranking"],
  speaks: false,
  reasons: false,
  whole: (name, _finish, _text, counts) =>
    JSON.stringify({
      rankings: each(name, (index) => ({ index, logit: 1 - index })),
      usage: promptUsage(counts),
    }),
};

export const cohereRankings: Dialect = {
  paths: ["/v2/rerank", "/v1/rerank"],
  speaks: false,
  reasons: false,
  whole: (name, _finish, _text, counts) =>
    JSON.stringify({
      id: `rerank-${name.number}`,
      model: name.ask.model,
      usage: promptUsage(counts),
      results: each(name, (index) => ({ index, relevance_score: 1 / (index + 1) })),
    }),
};

export const teiRankings: Dialect = {
  paths: ["/rerank"],
  speaks: false,
  reasons: false,
  whole: (name) => JSON.stringify(each(name, (index) => ({ index, score: 1 / (index + 1) }))),
};

export const imageGeneration: Dialect = {
  paths: ["/v1/images/generations"],
  speaks: false,
  reasons: false,
  parts: () =>
    chunked({
      begin: "",
      chunk: () =>
        named("image_generation.partial_image", { partial_image_index: 0, b64_json: PIXEL }),
      end: (counts) =>
        named("image_generation.completed", { b64_json: PIXEL, usage: imageUsage(counts) }),
    }),
  whole: imagesBody,
};

export const imageEdit: Dialect = {
  paths: ["/v1/images/edits"],
  speaks: false,
  reasons: false,
  whole: imagesBody,
};

function imagesBody(
  name: ReplyName,
  _finish: unknown,
  _text: unknown,
  counts: UsageCounts,
): string {
  return JSON.stringify({
    created: name.createdS,
    data: each(name, () => ({ b64_json: PIXEL })),
    usage: imageUsage(counts),
  });
}

export const imageRetrieval: Dialect = {
  paths: ["/v1/infer"],
  speaks: false,
  reasons: false,
  whole: (name) =>
    JSON.stringify({ data: each(name, (index) => ({ index, bounding_boxes: { title: [] } })) }),
};

export const audioTranscription: Dialect = {
  paths: ["/v1/audio/transcriptions"],
  speaks: true,
  reasons: false,
  whole: (_name, _finish, { content }) => JSON.stringify({ text: content.trim() }),
};

/** Only takes the film on; how far it is, is asked elsewhere. */
export const videoGeneration: Dialect = {
  paths: ["/v1/videos"],
  speaks: false,
  reasons: false,
  whole: (name) =>
    JSON.stringify({
      id: filmId(name),
      object: "video",
      created_at: name.createdS,
      status: "queued",
      model: name.ask.model,
      progress: 0,
    }),
};

/** What a film is called. */
export function filmId({ seed, number }: Pick<ReplyName, "seed" | "number">): string {
  return `video_${seed.toString(16)}_${number}`;
}

function each<Item>({ ask }: ReplyName, item: (index: number) => Item): Item[] {
  return Array.from({ length: ask.items }, (_, index) => item(index));
}

function promptUsage({ promptTokens }: UsageCounts): object {
  return { prompt_tokens: promptTokens, total_tokens: promptTokens };
}

function imageUsage({ promptTokens }: UsageCounts): object {
  return { input_tokens: promptTokens, output_tokens: 0, total_tokens: promptTokens };
}
