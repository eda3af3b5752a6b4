// Frames in, records out. It runs on a thread of its own, some milliseconds behind the sockets:
// the stamps are in the frames, so being late here costs nothing but memory in the ring.

import type { MediaFacts, PhaseKind, RequestRecord } from "#core";
import type { EndpointRow } from "#endpoint";
import { type SegmentMemory, segmentMemory } from "#ffi";
import {
  decodeEnd,
  ENDED,
  emptyEnd,
  FRAME_END,
  FRAME_EVENTS,
  FRAME_SAID,
  FRAME_SENT,
  type Frame,
  type RequestEnd,
} from "#ring";
import type { ChatTemplate, Tokenizer } from "#tokenizer";
import { Dialogue, type EntryTexts } from "./dialogue.ts";
import { KnownEvents } from "./known-events.ts";
import { KnownShapes } from "./known-shapes.ts";
import { Reply } from "./reply.ts";
import { errorOf } from "./verdict.ts";

/** What is known of a body before it is sent; index = the END frame's `entry`. */
export interface EntryFacts {
  readonly conversationId: string;
  /** Tokens of the request's texts; undefined when nobody counted them. */
  readonly inputTokens: number | undefined;
  readonly requestedTokens: number | undefined;
  /** The request repeats the turns before it and their replies: it is counted once they are known. */
  readonly repeats?: boolean;
  /** Images and sound that it has in it. */
  readonly media?: MediaFacts;
  /** What it adds to them; without it `inputTokens` is what it adds. */
  readonly texts?: EntryTexts;
}

export interface AssemblerOptions {
  readonly row: EndpointRow;
  readonly streaming: boolean;
  /** Take token counts from the server's `usage` instead of the tokenizer. */
  readonly useServerTokenCount: boolean;
  readonly tokenizer: Tokenizer | undefined;
  /** What a model gets of a conversation; without it, the texts alone are counted. */
  readonly template?: ChatTemplate | undefined;
  readonly entries: readonly EntryFacts[];
  readonly phases: readonly PhaseKind[];
  readonly worker: number;
  readonly recorder: number;
  /** @param said what of the request no record has */
  readonly visit: (record: RequestRecord, said: Said) => void;
}

/** Valid until the next record. */
export interface Said {
  readonly slot: number;
  /** The generated text, without the reasoning. */
  readonly text: string;
  readonly contentType: string;
  /** What the server wrote behind the status. */
  readonly reason: string;
  /** Lines of the reply's headers, where they were kept. */
  readonly headers: string;
}

/** Takes the frames of one worker's ring. */
export function assembler(options: AssemblerOptions): (frame: Frame) => void {
  const { row, visit, streaming } = options;
  const replies: Reply[] = [];
  const dialogues: Dialogue[] = [];
  const known = new KnownShapes();
  const events = new KnownEvents(row);
  const end = emptyEnd();
  let memory: SegmentMemory | undefined;

  /** Tokens that went in, by the client's count. */
  function inputTokens(slot: number): number | undefined {
    const { repeats, texts, inputTokens: counted } = options.entries[end.entry]!;
    const { tokenizer, useServerTokenCount } = options;
    const isCounted = repeats === true || texts !== undefined;
    if (!isCounted || tokenizer === undefined || useServerTokenCount) return counted;
    const dialogue = (dialogues[slot] ??= new Dialogue(tokenizer, options.template));
    const turn = repeats ? end.turn : 0;
    if (texts !== undefined) return dialogue.ask(turn, texts);
    return counted === undefined ? undefined : dialogue.add(turn, counted);
  }

  return (frame) => {
    if (frame.kind === FRAME_SENT) return;
    if (frame.kind === FRAME_SAID) {
      const { buffer, byteOffset } = frame.bytes;
      const said = Buffer.from(buffer, byteOffset + frame.start, frame.end - frame.start);
      dialogues[frame.slot]?.said(said.toString("utf8"));
      return;
    }
    const reply = (replies[frame.slot] ??= new Reply(row, known, events));
    if (frame.kind !== FRAME_END) {
      memory ??= segmentMemory(frame.bytes);
      if (frame.kind === FRAME_EVENTS) reply.events(memory, frame.start, frame.end, frame.stampNs);
      else reply.piece(memory.bytes.subarray(frame.start, frame.end), frame.stampNs);
      return;
    }
    decodeEnd(frame, end);
    // Whatever a cancelled or failed request had received is no result.
    if (end.outcome === ENDED && end.status >= 200 && end.status < 300)
      reply.finish(frame.stampNs, end.contentEncoding);
    const error = errorOf(end, reply, streaming);
    visit(recordOf(end, frame.stampNs, reply, options, error, inputTokens(frame.slot)), {
      slot: frame.slot,
      text: reply.text,
      contentType: end.contentType,
      reason: end.reason,
      headers: end.headers,
    });
    reply.reset();
  };
}

function recordOf(
  end: RequestEnd,
  endNs: number,
  reply: Reply,
  options: AssemblerOptions,
  error: RequestRecord["error"],
  inputTokens: number | undefined,
): RequestRecord {
  const entry = options.entries[end.entry]!;
  const tokens = error === undefined ? tokensOf(reply, options) : NO_TOKENS;
  const fromServer = options.useServerTokenCount;
  return {
    phase: options.phases[end.phase]!,
    phaseIndex: end.phase,
    credit: end.credit,
    session: end.session,
    turn: end.turn,
    conversationId: entry.conversationId,
    requestId: end.requestId,
    correlationId: end.correlationId,
    worker: options.worker,
    recorder: options.recorder,
    dueNs: end.dueNs,
    startNs: end.startNs,
    sentNs: end.sentNs,
    ackNs: end.ackNs,
    endNs,
    cancelledNs: end.cancelledNs,
    contentNs: firstOf(reply.contentNs, error === undefined ? reply.contents : 0),
    firstOutputNs: error === undefined ? reply.firstOutputNs : Number.NaN,
    inputTokens: options.row.tokenizesInput
      ? fromServer
        ? reply.usage?.promptTokens
        : inputTokens
      : undefined,
    outputTokens: tokens.output,
    reasoningTokens: tokens.reasoning,
    requestedTokens: entry.requestedTokens,
    firstTokens: options.useServerTokenCount && error === undefined ? reply.firstTokens : undefined,
    usage: error === undefined ? reply.usage : undefined,
    media: mediaOf(entry.media, error === undefined ? reply.media : undefined),
    speculation: error === undefined ? reply.speculation : undefined,
    http: {
      status: Number.isNaN(end.status) ? undefined : end.status,
      dnsNs: end.dnsNs,
      connectNs: end.connectNs,
      reused: end.reused === 1,
      bytesSent: end.bytesSent,
      bytesReceived: end.bytesReceived,
      chunksReceived: end.chunksReceived,
      firstByteNs: end.firstByteNs,
      lastByteNs: end.lastByteNs,
    },
    error,
  };
}

/** A copy of the first values; by hand, because `slice` takes as long as copying sixty. */
function firstOf(values: Float64Array, count: number): Float64Array {
  const copy = new Float64Array(count);
  if (count > COPIED_BY_HAND_MAX) copy.set(values.subarray(0, count));
  else for (let i = 0; i < count; i++) copy[i] = values[i]!;
  return copy;
}

const COPIED_BY_HAND_MAX = 64;

/** What the request had in it, with what the server says of what it made. */
function mediaOf(sent: MediaFacts | undefined, made: MediaFacts | undefined) {
  return sent === undefined || made === undefined ? (sent ?? made) : { ...sent, ...made };
}

interface Tokens {
  readonly output: number | undefined;
  readonly reasoning: number | undefined;
}

const NO_TOKENS: Tokens = { output: undefined, reasoning: undefined };

/** Output tokens by the client's tokenizer, or by what the server says it made. */
function tokensOf(reply: Reply, options: AssemblerOptions): Tokens {
  if (!options.row.producesTokens) return NO_TOKENS;
  if (options.useServerTokenCount) {
    const { usage } = reply;
    if (usage?.completionTokens === undefined) return NO_TOKENS;
    const reasoning = usage.reasoningTokens;
    return { output: Math.max(0, usage.completionTokens - (reasoning ?? 0)), reasoning };
  }
  const { tokenizer } = options;
  if (tokenizer === undefined) return NO_TOKENS;
  return {
    output: tokenizer.count(reply.text),
    reasoning: reply.reasoning === "" ? undefined : tokenizer.count(reply.reasoning),
  };
}
