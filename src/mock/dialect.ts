// How the replies of each endpoint are worded, streamed or whole: one row an endpoint. What does
// not change within a reply is rendered once.

import type { Ask, AskKind } from "./ask.ts";
import { messages } from "./dialects/anthropic.ts";
import { huggingfaceGenerate, solidoRag } from "./dialects/generators.ts";
import { chat, completions } from "./dialects/openai.ts";
import * as others from "./dialects/others.ts";
import { responses } from "./dialects/responses.ts";

export type Finish = "length" | "stop";

export interface UsageCounts {
  readonly promptTokens: number;
  readonly outputTokens: number;
  /** Undefined leaves the details out. */
  readonly reasoningTokens: number | undefined;
}

/** What names a reply: its number among the server's, and the second it was made in. */
export interface ReplyName {
  readonly ask: Ask;
  readonly seed: number;
  readonly number: number;
  readonly createdS: number;
}

/** One chunk of a stream, where an event cannot be made of parts that stay the same. */
export interface Chunk {
  readonly words: string;
  /** Number of its first token in the reply; the first of all is 0. */
  readonly from: number;
  readonly reasoning: boolean;
  /** It is the first of its section: of all reasoning, or of all else. */
  readonly opens: boolean;
  /** Why the reply ends with it; undefined when it does not. */
  readonly finish: Finish | undefined;
  readonly counts: UsageCounts;
}

/** How one reply is streamed, ready to be sent. */
export interface EventParts {
  /** From `data: ` to the opening quote of the words. */
  readonly open: Uint8Array;
  readonly openReasoning: Uint8Array;
  /** A chunk that says who speaks; sent when the mock is told to. */
  readonly role: string;
  /** Events that open every stream. */
  readonly begin: string;
  /** Makes a chunk's events; absent where they are `open`, words and a close. */
  readonly chunk?: (chunk: Chunk) => string;
  /** What follows the last chunk. */
  readonly end: (counts: UsageCounts, finish: Finish, text: WholeText) => string;
}

export interface WholeText {
  readonly content: string;
  readonly reasoning: string | undefined;
}

export interface Dialect {
  readonly paths: readonly string[];
  /** Of these paths, one that asks for a stream by itself. */
  readonly streamPath?: string;
  /** A stream is asked for by `Accept` alone. */
  readonly streamsByAccept?: true;
  /** Replies are made of tokens. */
  readonly speaks: boolean;
  /** Replies can have reasoning apart from the rest. */
  readonly reasons: boolean;
  /** Absent where replies are never streamed. */
  readonly parts?: (name: ReplyName) => EventParts;
  /** The body of a reply that is not streamed. */
  readonly whole: (name: ReplyName, finish: Finish, text: WholeText, counts: UsageCounts) => string;
}

export const DIALECTS: Readonly<Record<AskKind, Dialect>> = {
  chat,
  completions,
  responses,
  messages,
  embeddings: others.embeddings,
  "nim-rankings": others.nimRankings,
  "cohere-rankings": others.cohereRankings,
  "hf-tei-rankings": others.teiRankings,
  "huggingface-generate": huggingfaceGenerate,
  "image-generation": others.imageGeneration,
  "image-edit": others.imageEdit,
  "image-retrieval": others.imageRetrieval,
  "audio-transcription": others.audioTranscription,
  "video-generation": others.videoGeneration,
  "solido-rag": solidoRag,
};
