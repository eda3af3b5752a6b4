// How the replies of each endpoint are worded, streamed or whole: one row an endpoint, with the
// keys of OpenAI's API in vLLM's order. What does not change within a reply is rendered once.

import type { Ask, AskKind } from "./ask.ts";

interface Dialect {
  readonly path: string;
  readonly idPrefix: string;
  readonly chunkObject: string;
  readonly wholeObject: string;
  /** A streamed choice is `open` + words + `close`. */
  readonly open: string;
  readonly openReasoning: string;
  readonly close: string;
  readonly role: string;
  readonly reasons: boolean;
  readonly wholeChoice: (content: string, reasoning: string | undefined) => object;
}

export const DIALECTS: Readonly<Record<AskKind, Dialect>> = {
  chat: {
    path: "/v1/chat/completions",
    idPrefix: "chatcmpl",
    chunkObject: "chat.completion.chunk",
    wholeObject: "chat.completion",
    open: '{"index":0,"delta":{"content":"',
    openReasoning: '{"index":0,"delta":{"reasoning_content":"',
    close: '"}',
    role: '{"index":0,"delta":{"role":"assistant","content":""}',
    reasons: true,
    wholeChoice: (content, reasoning) => ({
      message: {
        role: "assistant",
        content,
        ...(reasoning === undefined ? {} : { reasoning_content: reasoning }),
      },
    }),
  },
  completions: {
    path: "/v1/completions",
    idPrefix: "cmpl",
    chunkObject: "text_completion",
    wholeObject: "text_completion",
    open: '{"index":0,"text":"',
    openReasoning: '{"index":0,"text":"',
    close: '"',
    role: "",
    reasons: false,
    wholeChoice: (content) => ({ text: content }),
  },
};

export type Finish = "length" | "stop";

export interface UsageCounts {
  readonly promptTokens: number;
  readonly outputTokens: number;
  /** Undefined leaves the details out. */
  readonly reasoningTokens: number | undefined;
}

/** The parts of one reply's events that stay the same from chunk to chunk, ready to be sent. */
export interface EventParts {
  /** From `data: ` to the opening quote of the words. */
  readonly open: Uint8Array;
  readonly openReasoning: Uint8Array;
  readonly role: string;
  readonly usage: (counts: UsageCounts) => string;
}

/** What names a reply: its number among the server's, and the second it was made in. */
export interface ReplyName {
  readonly ask: Ask;
  readonly seed: number;
  readonly number: number;
  readonly createdS: number;
}

const REST = ',"logprobs":null,"finish_reason":';
const END = "}\n\n";

/** `data: [DONE]`, the event that ends every stream. */
export const DONE = "data: [DONE]\n\n";

export function eventParts(name: ReplyName): EventParts {
  const dialect = DIALECTS[name.ask.kind];
  const prefix = `data: {${fieldsOf(name, dialect.chunkObject)},"choices":[`;
  return {
    open: Buffer.from(prefix + dialect.open),
    openReasoning: Buffer.from(prefix + dialect.openReasoning),
    role: `${prefix}${dialect.role}${REST}null}]${END}`,
    usage: (counts) => `${prefix}],"usage":${usageJson(counts)}${END}`,
  };
}

/** From the closing quote of the words to the event's end, when no usage goes with it. */
export function eventClose(kind: AskKind, finish: Finish | undefined): Uint8Array {
  return PLAIN_CLOSES[kind][finish ?? "none"];
}

/** The same with usage in it. */
export function eventCloseWithUsage(
  kind: AskKind,
  finish: Finish | undefined,
  counts: UsageCounts,
): Uint8Array {
  const reason = finish === undefined ? "null" : `"${finish}"`;
  return Buffer.from(
    `${DIALECTS[kind].close}${REST}${reason}}],"usage":${usageJson(counts)}${END}`,
  );
}

/** The body of a reply that is not streamed. */
export function wholeBody(
  name: ReplyName,
  finish: Finish,
  content: string,
  reasoning: string | undefined,
  counts: UsageCounts,
): string {
  const dialect = DIALECTS[name.ask.kind];
  const choice = {
    index: 0,
    ...dialect.wholeChoice(content, reasoning),
    logprobs: null,
    finish_reason: finish,
  };
  return (
    `{${fieldsOf(name, dialect.wholeObject)},"choices":[${JSON.stringify(choice)}],` +
    `"usage":${usageJson(counts)}}`
  );
}

function fieldsOf(name: ReplyName, object: string): string {
  const id = `${DIALECTS[name.ask.kind].idPrefix}-${name.seed.toString(16)}-${name.number}`;
  const model = JSON.stringify(name.ask.model);
  return `"id":"${id}","object":"${object}","created":${name.createdS},"model":${model}`;
}

function usageJson(counts: UsageCounts): string {
  const { promptTokens, outputTokens, reasoningTokens } = counts;
  const details =
    reasoningTokens === undefined
      ? ""
      : `,"completion_tokens_details":{"reasoning_tokens":${reasoningTokens}}`;
  return (
    `{"prompt_tokens":${promptTokens},"total_tokens":${promptTokens + outputTokens},` +
    `"completion_tokens":${outputTokens}${details}}`
  );
}

function plainCloses(kind: AskKind): Record<Finish | "none", Uint8Array> {
  const close = (reason: string): Uint8Array =>
    Buffer.from(`${DIALECTS[kind].close}${REST}${reason}}]${END}`);
  return { none: close("null"), length: close('"length"'), stop: close('"stop"') };
}

const PLAIN_CLOSES = { chat: plainCloses("chat"), completions: plainCloses("completions") };
