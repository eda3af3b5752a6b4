// What each kind of endpoint is able to do: facts that flags, data sets, metrics and the wire read.
// How a body is built and a reply is read is the endpoint room's; what there is to build is here.

export interface EndpointFacts {
  /** Where requests go below the server's URL; empty posts to the URL itself. */
  readonly path: string;
  /** The same for a streamed reply, where that has a path of its own. */
  readonly streamPath?: string;
  /** Follows "AIPerf | " over the main table. */
  readonly title: string;
  readonly streams: boolean;
  /** Its replies are made of tokens. */
  readonly producesTokens: boolean;
  /** Its requests have texts that are counted in tokens. */
  readonly tokenizesInput: boolean;
  readonly images: boolean;
  readonly audios: boolean;
  readonly videos: boolean;
  /** How its bodies are encoded, the usual way first. */
  readonly contentTypes: readonly ContentType[];
}

export type ContentType = "application/json" | "multipart/form-data";

const JSON_ONLY = ["application/json"] as const;
const FORM_ONLY = ["multipart/form-data"] as const;
const NO_MEDIA = { images: false, audios: false, videos: false } as const;
const ALL_MEDIA = { images: true, audios: true, videos: true } as const;

/** A model that writes: texts in, tokens out, piece by piece. */
const WRITES = {
  title: "LLM Metrics",
  streams: true,
  producesTokens: true,
  tokenizesInput: true,
  ...NO_MEDIA,
  contentTypes: JSON_ONLY,
} as const;

/** A model that reads: texts in, numbers out. */
const READS = {
  streams: false,
  producesTokens: false,
  tokenizesInput: true,
  ...NO_MEDIA,
  contentTypes: JSON_ONLY,
} as const;

const EMBEDS = { ...READS, path: "/v1/embeddings", title: "Embeddings Metrics" } as const;
const RANKS = { ...READS, title: "Ranking Metrics" } as const;

const KINDS = {
  chat: { ...WRITES, ...ALL_MEDIA, path: "/v1/chat/completions" },
  completions: { ...WRITES, path: "/v1/completions" },
  responses: { ...WRITES, path: "/v1/responses", images: true, audios: true },
  messages: { ...WRITES, path: "/v1/messages", images: true },
  embeddings: EMBEDS,
  "chat-embeddings": { ...EMBEDS, images: true },
  "nim-embeddings": { ...EMBEDS, title: "NIM Embeddings Metrics", images: true },
  "nim-rankings": { ...RANKS, title: "Rankings Metrics", path: "/v1/ranking" },
  "cohere-rankings": { ...RANKS, path: "/v2/rerank" },
  "hf-tei-rankings": { ...RANKS, path: "/rerank" },
  "huggingface-generate": { ...WRITES, path: "/generate", streamPath: "/generate_stream" },
  "image-generation": {
    ...READS,
    path: "/v1/images/generations",
    title: "Image Generation Metrics",
    streams: true,
  },
  "image-edit": {
    ...READS,
    path: "/v1/images/edits",
    title: "Image Edit Metrics",
    images: true,
    contentTypes: FORM_ONLY,
  },
  "video-generation": {
    ...READS,
    path: "/v1/videos",
    title: "Video Generation Metrics",
    contentTypes: ["application/json", "multipart/form-data"],
  },
  "image-retrieval": {
    ...READS,
    path: "/v1/infer",
    title: "Image Retrieval Metrics",
    tokenizesInput: false,
    images: true,
  },
  "audio-transcription": {
    ...READS,
    path: "/v1/audio/transcriptions",
    title: "Audio Transcription Metrics",
    tokenizesInput: false,
    audios: true,
    contentTypes: FORM_ONLY,
  },
  "solido-rag": { ...WRITES, path: "/rag/api/prompt", title: "SOLIDO RAG Metrics" },
  template: { ...WRITES, ...ALL_MEDIA, path: "" },
  raw: { ...WRITES, ...ALL_MEDIA, path: "" },
} as const satisfies { readonly [kind: string]: EndpointFacts };

export type EndpointKind = keyof typeof KINDS;

export const ENDPOINT_KINDS = Object.keys(KINDS) as readonly EndpointKind[];

/** The facts of a kind. */
export function endpointFacts(kind: EndpointKind): EndpointFacts {
  return KINDS[kind];
}
