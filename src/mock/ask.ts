// What a request for text asks for, read from its JSON body. The mock has no tokenizer: it counts
// a prompt's tokens by a rule of thumb, and says so where it reports them.

import { messageOf } from "#core";

export type AskKind = "chat" | "completions";

export interface Ask {
  readonly kind: AskKind;
  readonly model: string;
  readonly stream: boolean;
  /** Most tokens of the reply; undefined when the request sets no limit. */
  readonly maxTokens: number | undefined;
  /** Estimated; see {@link estimateTokens}. */
  readonly promptTokens: number;
  readonly usageAtEnd: boolean;
  readonly usageInEachChunk: boolean;
}

/** Why a body cannot be answered: the error's message and the field that it is about. */
export interface AskFault {
  readonly message: string;
  readonly param: string | null;
}

type Fields = { readonly [key: string]: unknown };

/**
 * Reads a body. Of several prompts (a list) one reply is made, for all of them together.
 * @param defaultModel used when the request names none
 */
export function readAsk(kind: AskKind, body: Buffer, defaultModel: string): Ask | AskFault {
  let json: unknown;
  try {
    json = JSON.parse(body.toString("utf8"));
  } catch (error) {
    return { message: `The body is not JSON: ${messageOf(error)}`, param: null };
  }
  if (!isFields(json)) return { message: "The body is not a JSON object.", param: null };

  const promptTokens = kind === "chat" ? messagesTokens(json.messages) : promptsTokens(json.prompt);
  if (promptTokens === undefined)
    return kind === "chat"
      ? { message: "messages is not a non-empty list of objects.", param: "messages" }
      : { message: "prompt is not a text, a list of texts or of token ids.", param: "prompt" };

  const limitField =
    kind === "chat" && json.max_completion_tokens != null ? "max_completion_tokens" : "max_tokens";
  const maxTokens = json[limitField] ?? undefined;
  if (maxTokens !== undefined && !isCount(maxTokens))
    return { message: `${limitField} is not a positive integer.`, param: limitField };
  if (json.model != null && typeof json.model !== "string")
    return { message: "model is not a text.", param: "model" };
  if (json.stream != null && typeof json.stream !== "boolean")
    return { message: "stream is neither true nor false.", param: "stream" };
  if (json.n != null && json.n !== 1) return { message: "n can only be 1 here.", param: "n" };

  const streamOptions = isFields(json.stream_options) ? json.stream_options : {};
  const usageInEachChunk = streamOptions.continuous_usage_stats === true;
  return {
    kind,
    model: json.model ?? defaultModel,
    stream: json.stream ?? false,
    maxTokens,
    promptTokens,
    usageAtEnd: streamOptions.include_usage === true,
    // vLLM too gives continuous usage only to those who ask for usage at all.
    usageInEachChunk: usageInEachChunk && streamOptions.include_usage === true,
  };
}

/**
 * Tokens of a text by a rule of thumb: a run of letters is one for each 12 of them begun, a run of
 * digits one for each 3, every other character that is not a space one.
 */
export function estimateTokens(text: string): number {
  let tokens = 0;
  let letters = 0;
  let digits = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if ((code | 32) >= 97 && (code | 32) <= 122) {
      if (letters++ % 12 === 0) tokens++;
      digits = 0;
    } else if (code >= 48 && code <= 57) {
      if (digits++ % 3 === 0) tokens++;
      letters = 0;
    } else {
      letters = digits = 0;
      // The second half of a surrogate pair belongs to the character before it.
      if (code > 32 && (code & 0xfc00) !== 0xdc00) tokens++;
    }
  }
  return tokens;
}

function messagesTokens(messages: unknown): number | undefined {
  if (!Array.isArray(messages) || messages.length === 0) return undefined;
  let tokens = 0;
  for (const message of messages) {
    if (!isFields(message)) return undefined;
    tokens += contentTokens(message.content);
  }
  return tokens;
}

/** A message's content is a text, or parts of which those with a `text` count. */
function contentTokens(content: unknown): number {
  if (typeof content === "string") return estimateTokens(content);
  if (!Array.isArray(content)) return 0;
  let tokens = 0;
  for (const part of content)
    if (isFields(part) && typeof part.text === "string") tokens += estimateTokens(part.text);
  return tokens;
}

/** A prompt is a text, token ids, or a list of either. */
function promptsTokens(prompt: unknown): number | undefined {
  if (typeof prompt === "string") return estimateTokens(prompt);
  if (!Array.isArray(prompt) || prompt.length === 0) return undefined;
  let tokens = 0;
  for (const part of prompt) {
    const partTokens = typeof part === "number" ? 1 : promptsTokens(part);
    if (partTokens === undefined) return undefined;
    tokens += partTokens;
  }
  return tokens;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0;
}
