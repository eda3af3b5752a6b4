// What one JSON object of a reply says, whatever endpoint it came from.

import type { MediaFacts, RequestError, Speculation, Usage } from "#core";

/** Filled anew for each JSON object; reused, so copy what you keep. Empty strings mean absent. */
export interface ReplyFacts {
  text: string;
  reasoning: string;
  tool: string;
  /** All of the reply's text again, for streams that came without its pieces. */
  wholeText: string;
  /** There is content that is no text: numbers, an image. */
  hasOther: boolean;
  usage: Usage | undefined;
  speculation: Speculation | undefined;
  /** What the server says of what it made. */
  media: MediaFacts | undefined;
  error: RequestError | undefined;
}

export function emptyFacts(): ReplyFacts {
  return {
    text: "",
    reasoning: "",
    tool: "",
    wholeText: "",
    hasOther: false,
    usage: undefined,
    speculation: undefined,
    media: undefined,
    error: undefined,
  };
}

/** Whether the object at hand was a content response. */
export function hasContent(facts: ReplyFacts): boolean {
  return facts.text !== "" || facts.reasoning !== "" || facts.tool !== "" || facts.hasOther;
}

export function clearFacts(facts: ReplyFacts): void {
  facts.text = "";
  facts.reasoning = "";
  facts.tool = "";
  facts.wholeText = "";
  facts.hasOther = false;
  facts.usage = undefined;
  facts.speculation = undefined;
  facts.media = undefined;
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

/**
 * The first of `choices`: the only one that is measured. Their `index` is not looked at, because
 * there are servers that count it up from chunk to chunk.
 */
export function firstChoice(json: Loose): Loose | undefined {
  const choices = json.choices;
  return Array.isArray(choices) ? looseObject(choices[0]) : undefined;
}

/**
 * An error object inside a reply that said 200, as engines send it when they die under a request:
 * `{"error": {"message", "type", "code"}}` or `{"error": "text"}`.
 */
export function readError(json: Loose): RequestError | undefined {
  const error = json.error;
  if (error === undefined || error === null) return undefined;
  if (typeof error === "string") return serverError(error);
  const fields = looseObject(error);
  if (fields === undefined) return undefined;
  const code = fields.code;
  return {
    code: typeof code === "number" ? code : undefined,
    type: looseString(fields.type) || "ServerError",
    message: looseString(fields.message) || JSON.stringify(error),
  };
}

/** An error that has nothing but a message. */
export function serverError(message: string, type = "ServerError"): RequestError {
  return { code: undefined, type, message };
}

/** The error of a reply that is well-formed and yet not what the endpoint's replies look like. */
export function unexpectedReply(what: string): RequestError {
  return serverError(`${what}: check --url and --endpoint-type`, "UnexpectedReply");
}
