// Tokens of what a request says, by a rule of thumb, wherever its texts are.

export type Fields = { readonly [key: string]: unknown };

/**
 * Tokens of a text: a run of letters is one for each 12 of them begun, a run of digits one for each
 * 3, every other character that is not a space one.
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

/** Tokens of messages; undefined for what is no list of them. */
export function messagesTokens(messages: unknown): number | undefined {
  if (!Array.isArray(messages) || messages.length === 0) return undefined;
  let tokens = 0;
  for (const message of messages) {
    if (!isFields(message)) return undefined;
    tokens += contentTokens(message.content);
  }
  return tokens;
}

/** A message's content is a text, or parts of which those with a `text` count. */
export function contentTokens(content: unknown): number {
  if (typeof content === "string") return estimateTokens(content);
  if (!Array.isArray(content)) return 0;
  let tokens = 0;
  for (const part of content)
    if (isFields(part) && typeof part.text === "string") tokens += estimateTokens(part.text);
  return tokens;
}

/** A prompt is a text, token ids, or a list of either. */
export function textsTokens(prompt: unknown): number | undefined {
  if (typeof prompt === "string") return estimateTokens(prompt);
  if (!Array.isArray(prompt) || prompt.length === 0) return undefined;
  let tokens = 0;
  for (const part of prompt) {
    const partTokens = typeof part === "number" ? 1 : textsTokens(part);
    if (partTokens === undefined) return undefined;
    tokens += partTokens;
  }
  return tokens;
}

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0;
}
