// One reply under way, and what is decided about it when its request arrives: how long it is,
// when its first token is due, and which fault, if any, will befall it.

import { assert, integerBelow, NS_PER_MS, type Rng, rngStream } from "#core";
import type { Ask } from "./ask.ts";
import type { Connection } from "./connection.ts";
import {
  DIALECTS,
  type EventParts,
  type Finish,
  type ReplyName,
  type UsageCounts,
  type WholeText,
} from "./dialect.ts";
import type { DueItem } from "./due-heap.ts";
import type { HttpRequest } from "./http-head.ts";
import { type Factor, jitterFactor } from "./jitter.ts";
import type { MockOptions } from "./options.ts";
import { tokenText, WORDS } from "./words.ts";

export interface Reply extends DueItem {
  readonly connection: Connection;
  readonly request: HttpRequest;
  readonly ask: Ask;
  readonly name: ReplyName;
  /** Undefined for a reply that is not streamed. */
  readonly parts: EventParts | undefined;
  readonly arrivalNs: number;
  /** Tokens in all, of which the first `reasoningTokens` are reasoning. */
  readonly tokens: number;
  readonly reasoningTokens: number;
  readonly finish: Finish;
  readonly wordStart: number;
  readonly factor: Factor;
  /** The connection breaks when the chunk after that many is due; Infinity for never. */
  readonly dropAfterChunks: number;

  headSent: boolean;
  roleSent: boolean;
  sentTokens: number;
  chunks: number;
  firstWriteNs: number;
  lastWriteNs: number;
  lateNsMax: number;
  /** Out of the timetable because the client does not read. */
  stalled: boolean;
  /** Chunks due before this are late by the client's doing. */
  stalledUntilNs: number;
}

/** What befalls a request, drawn in the order of arrival from one stream of the seed. */
export interface Fate {
  readonly number: number;
  readonly fails: boolean;
  readonly drops: boolean;
  readonly dropPoint: number;
  readonly wordStart: number;
}

/** Draws fates; every request takes the same number of draws, so that rates do not shift words. */
export function fates(options: MockOptions): () => Fate {
  const rng = rngStream(options.seed, "mock.fate");
  let number = 0;
  return () => ({
    number: number++,
    fails: rng() < options.errorRate,
    drops: rng() < options.dropRate,
    dropPoint: rng(),
    wordStart: integerBelow(rng, WORDS.length),
  });
}

export interface ReplyStart {
  readonly options: MockOptions;
  readonly fate: Fate;
  readonly connection: Connection;
  readonly request: HttpRequest;
  readonly ask: Ask;
  readonly arrivalNs: number;
  readonly createdS: number;
}

/** Plans a reply. One that is not streamed is due when its last token would be. */
export function planReply(start: ReplyStart): Reply {
  const { options, fate, connection, request, ask, arrivalNs, createdS } = start;
  const dialect = DIALECTS[ask.kind];
  // What is not made of tokens is made at once, as if it were one.
  const tokens = dialect.speaks ? (ask.maxTokens ?? options.defaultOsl) : 1;
  const reasoningTokens = dialect.reasons ? Math.min(tokens, options.reasoningTokens) : 0;
  const rng = (): Rng => rngStream(options.seed, `mock.gaps.${fate.number}`);
  const factor = jitterFactor(options.jitter, options.jitterRatio, rng);
  const name: ReplyName = { ask, seed: options.seed, number: fate.number, createdS };
  const parts = ask.stream ? dialect.parts?.(name) : undefined;
  const reply: Reply = {
    connection,
    request,
    ask,
    name,
    parts,
    arrivalNs,
    tokens,
    reasoningTokens,
    finish: ask.maxTokens === undefined ? "stop" : "length",
    wordStart: fate.wordStart,
    factor,
    dropAfterChunks: Infinity,
    dueNs: arrivalNs + options.ttftMs * NS_PER_MS * factor(),
    heapIndex: -1,
    headSent: false,
    roleSent: (options.roleChunk === "none" || ask.kind !== "chat") && !parts?.begin,
    sentTokens: 0,
    chunks: 0,
    firstWriteNs: Number.NaN,
    lastWriteNs: Number.NaN,
    lateNsMax: 0,
    stalled: false,
    stalledUntilNs: -Infinity,
  };
  if (!ask.stream) reply.dueNs += gapsNs(reply, options);
  return fate.drops
    ? { ...reply, dropAfterChunks: ask.stream ? dropAfter(reply, options, fate.dropPoint) : 0 }
    : reply;
}

/** The token after the chunk that begins at token `from`: a chunk is all reasoning or none of it. */
export function chunkEnd(
  reply: Pick<Reply, "tokens" | "reasoningTokens">,
  options: Pick<MockOptions, "tokensPerChunk">,
  from: number,
): number {
  assert(from < reply.tokens, "a chunk has a token");
  const section = from < reply.reasoningTokens ? reply.reasoningTokens : reply.tokens;
  return Math.min(section, from + options.tokensPerChunk);
}

/** When a chunk of `tokens` is due after the one before it. */
export function gapNs(reply: Pick<Reply, "factor">, options: MockOptions, tokens: number): number {
  return options.itlMs * NS_PER_MS * tokens * reply.factor();
}

/** All gaps after the first chunk of a reply. */
function gapsNs(reply: Reply, options: MockOptions): number {
  let sumNs = 0;
  for (let from = chunkEnd(reply, options, 0); from < reply.tokens; ) {
    const end = chunkEnd(reply, options, from);
    sumNs += gapNs(reply, options, end - from);
    from = end;
  }
  return sumNs;
}

/** After at least one chunk, and before the last one where there are two. */
function dropAfter(reply: Reply, options: MockOptions, point: number): number {
  let chunks = 0;
  for (let from = 0; from < reply.tokens; from = chunkEnd(reply, options, from)) chunks++;
  return 1 + Math.floor(point * Math.max(1, chunks - 1));
}

/** The reply's text, as a whole. */
export function wholeText({ wordStart, reasoningTokens, tokens }: Reply): WholeText {
  return {
    content: tokenText(wordStart, reasoningTokens, tokens),
    reasoning: reasoningTokens > 0 ? tokenText(wordStart, 0, reasoningTokens) : undefined,
  };
}

/** Tokens of which its reply consists, as far as it was sent; 0 where it is made of other things. */
export function spokenTokens({ ask, sentTokens }: Reply): number {
  return DIALECTS[ask.kind].speaks ? sentTokens : 0;
}

/** What the reply has cost by now. */
export function usageSoFar(reply: Reply): UsageCounts {
  const { ask, sentTokens, reasoningTokens } = reply;
  return {
    promptTokens: ask.promptTokens,
    outputTokens: spokenTokens(reply),
    reasoningTokens: reasoningTokens > 0 ? Math.min(sentTokens, reasoningTokens) : undefined,
  };
}
