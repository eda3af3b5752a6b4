// What one JSON object of a reply says, whatever endpoint it came from.

import type { RequestError, Usage } from "#core";

/** Filled anew for each JSON object; reused, so copy what you keep. Empty strings mean absent. */
export interface ReplyFacts {
  text: string;
  reasoning: string;
  tool: string;
  usage: Usage | undefined;
  error: RequestError | undefined;
}

export function emptyFacts(): ReplyFacts {
  return { text: "", reasoning: "", tool: "", usage: undefined, error: undefined };
}

export function clearFacts(facts: ReplyFacts): void {
  facts.text = "";
  facts.reasoning = "";
  facts.tool = "";
  facts.usage = undefined;
  facts.error = undefined;
}

/** A JSON value of unknown shape, read without trust. */
export type Loose = { readonly [key: string]: unknown };

export function looseObject(value: unknown): Loose | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Loose)
    : undefined;
}

export function looseString(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function looseCount(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

/** Choice 0 of `choices`: the only one that is measured. */
export function firstChoice(json: Loose): Loose | undefined {
  const choices = json.choices;
  return Array.isArray(choices) ? looseObject(choices[0]) : undefined;
}

/** `usage`, if it is there and says anything. */
export function readUsage(json: Loose): Usage | undefined {
  const usage = looseObject(json.usage);
  if (usage === undefined) return undefined;
  const prompt =
    looseObject(usage.prompt_tokens_details) ?? looseObject(usage.input_tokens_details);
  const completion =
    looseObject(usage.completion_tokens_details) ?? looseObject(usage.output_tokens_details);
  const promptTokens = looseCount(usage.prompt_tokens) ?? looseCount(usage.input_tokens);
  const completionTokens = looseCount(usage.completion_tokens) ?? looseCount(usage.output_tokens);
  const totalTokens = looseCount(usage.total_tokens);
  const reasoningTokens = looseCount(completion?.reasoning_tokens);
  const cacheReadTokens = looseCount(prompt?.cached_tokens);
  const says =
    promptTokens ?? completionTokens ?? totalTokens ?? reasoningTokens ?? cacheReadTokens;
  if (says === undefined) return undefined;
  return { promptTokens, completionTokens, totalTokens, reasoningTokens, cacheReadTokens };
}

/**
 * An error object inside a reply that said 200, as engines send it when they die under a request:
 * `{"error": {"message", "type", "code"}}` or `{"error": "text"}`.
 */
export function readError(json: Loose): RequestError | undefined {
  const error = json.error;
  if (error === undefined || error === null) return undefined;
  if (typeof error === "string") return { code: undefined, type: "ServerError", message: error };
  const fields = looseObject(error);
  if (fields === undefined) return undefined;
  const code = fields.code;
  return {
    code: typeof code === "number" ? code : undefined,
    type: looseString(fields.type) || "ServerError",
    message: looseString(fields.message) || JSON.stringify(error),
  };
}
