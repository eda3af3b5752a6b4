// Chat and text completions, with the keys of OpenAI's API in vLLM's order.

import type { AskKind } from "../ask.ts";
import type { Dialect, EventParts, Finish, ReplyName, UsageCounts } from "../dialect.ts";

interface Words {
  readonly idPrefix: string;
  readonly chunkObject: string;
  readonly wholeObject: string;
  /** A streamed choice is `open` + words + `close`. */
  readonly open: string;
  readonly openReasoning: string;
  readonly close: string;
  readonly role: string;
}

const CHAT: Words = {
  idPrefix: "chatcmpl",
  chunkObject: "chat.completion.chunk",
  wholeObject: "chat.completion",
  open: '{"index":0,"delta":{"content":"',
  openReasoning: '{"index":0,"delta":{"reasoning_content":"',
  close: '"}',
  role: '{"index":0,"delta":{"role":"assistant","content":""}',
};

const COMPLETIONS: Words = {
  idPrefix: "cmpl",
  chunkObject: "text_completion",
  wholeObject: "text_completion",
  open: '{"index":0,"text":"',
  openReasoning: '{"index":0,"text":"',
  close: '"',
  role: "",
};

const REST = ',"logprobs":null,"finish_reason":';
const END = "}\n\n";

/** `data: [DONE]`, the event that ends every stream. */
export const DONE = "data: [DONE]\n\n";

export const chat: Dialect = {
  paths: ["/v1/chat/completions"],
  speaks: true,
  reasons: true,
  parts: (name) => partsOf(name, CHAT),
  whole(name, finish, { content, reasoning }, counts) {
    const message = {
      role: "assistant",
      content,
      ...(reasoning === undefined ? {} : { reasoning_content: reasoning }),
    };
    return wholeOf(name, CHAT, { message }, finish, counts);
  },
};

export const completions: Dialect = {
  paths: ["/v1/completions"],
  speaks: true,
  reasons: false,
  parts: (name) => partsOf(name, COMPLETIONS),
  whole: (name, finish, { content }, counts) =>
    wholeOf(name, COMPLETIONS, { text: content }, finish, counts),
};

function partsOf(name: ReplyName, words: Words): EventParts {
  const prefix = `data: {${fieldsOf(name, words, words.chunkObject)},"choices":[`;
  return {
    open: Buffer.from(prefix + words.open),
    openReasoning: Buffer.from(prefix + words.openReasoning),
    role: `${prefix}${words.role}${REST}null}]${END}`,
    begin: "",
    end: (counts) =>
      name.ask.usageAtEnd ? `${prefix}],"usage":${usageJson(counts)}${END}${DONE}` : DONE,
  };
}

/** From the closing quote of the words to the event's end, when no usage goes with it. */
export function eventClose(kind: AskKind, finish: Finish | undefined): Uint8Array {
  return (kind === "chat" ? CHAT_CLOSES : COMPLETIONS_CLOSES)[finish ?? "none"];
}

/** The same with usage in it. */
export function eventCloseWithUsage(
  kind: AskKind,
  finish: Finish | undefined,
  counts: UsageCounts,
): Uint8Array {
  const reason = finish === undefined ? "null" : `"${finish}"`;
  const { close } = kind === "chat" ? CHAT : COMPLETIONS;
  return Buffer.from(`${close}${REST}${reason}}],"usage":${usageJson(counts)}${END}`);
}

function wholeOf(
  name: ReplyName,
  words: Words,
  said: object,
  finish: Finish,
  counts: UsageCounts,
): string {
  const choice = { index: 0, ...said, logprobs: null, finish_reason: finish };
  return (
    `{${fieldsOf(name, words, words.wholeObject)},"choices":[${JSON.stringify(choice)}],` +
    `"usage":${usageJson(counts)}}`
  );
}

function fieldsOf(name: ReplyName, { idPrefix }: Words, object: string): string {
  const id = `${idPrefix}-${name.seed.toString(16)}-${name.number}`;
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

function plainCloses({ close }: Words): Record<Finish | "none", Uint8Array> {
  const closed = (reason: string): Uint8Array => Buffer.from(`${close}${REST}${reason}}]${END}`);
  return { none: closed("null"), length: closed('"length"'), stop: closed('"stop"') };
}

const CHAT_CLOSES = plainCloses(CHAT);
const COMPLETIONS_CLOSES = plainCloses(COMPLETIONS);
