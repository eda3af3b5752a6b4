// What a request asks for, read from its body: one row a kind says where the texts are and what
// limits the reply. The mock has no tokenizer: it counts a prompt's tokens by a rule of thumb, and
// says so where it reports them.

import { messageOf } from "#core";
import { formFields } from "./form.ts";
import {
  contentTokens,
  type Fields,
  isCount,
  isFields,
  messagesTokens,
  textsTokens,
} from "./prompt.ts";

export { estimateTokens } from "./prompt.ts";

/** How the body of a kind is read. */
interface AskRow {
  /** Tokens of all its texts; undefined when it has not what it must have. */
  readonly prompt: (json: Fields) => number | undefined;
  /** Said when it has not. */
  readonly lacks: readonly [message: string, param: string];
  /** Fields that limit the reply's tokens; the first that is there counts. */
  readonly limits: readonly string[];
  /** The object in which they are, where it is not the body. */
  readonly inside?: string;
  /** Things of which the reply has one each; 1 when left out. */
  readonly items?: (json: Fields) => number;
  readonly isForm?: "always" | "maybe";
}

function listAt(...fields: readonly string[]): (json: Fields) => number {
  return (json) => {
    const list = fields.map((field) => json[field]).find(Array.isArray);
    return list === undefined ? 1 : list.length;
  };
}

const ranks = (query: string, passages: string): Pick<AskRow, "prompt" | "lacks" | "items"> => ({
  prompt(json) {
    const asked = isFields(json[query]) ? json[query].text : json[query];
    const rest = json[passages];
    if (typeof asked !== "string" || !Array.isArray(rest)) return undefined;
    const texts = rest.map((item: unknown) => (isFields(item) ? item.text : item));
    return texts.length === 0 ? textsTokens(asked) : textsTokens([asked, ...texts]);
  },
  lacks: [`${query} is not a text, or ${passages} is not a list.`, query],
  items: listAt(passages),
});

const prompts = (field: string): Pick<AskRow, "prompt" | "lacks"> => ({
  prompt: (json) => textsTokens(json[field]),
  lacks: [`${field} is not a text, a list of texts or of token ids.`, field],
});

const ROWS = {
  chat: {
    prompt: (json) => messagesTokens(json.messages),
    lacks: ["messages is not a non-empty list of objects.", "messages"],
    limits: ["max_completion_tokens", "max_tokens"],
  },
  completions: { ...prompts("prompt"), limits: ["max_tokens"] },
  responses: {
    prompt(json) {
      const { input, instructions } = json;
      const lead = typeof instructions === "string" ? contentTokens(instructions) : 0;
      const rest = typeof input === "string" ? textsTokens(input) : messagesTokens(input);
      return rest === undefined ? undefined : lead + rest;
    },
    lacks: ["input is not a text or a non-empty list of objects.", "input"],
    limits: ["max_output_tokens"],
  },
  messages: {
    prompt(json) {
      const rest = messagesTokens(json.messages);
      // The API has no default for its limit.
      if (rest === undefined || json.max_tokens === undefined) return undefined;
      return rest + contentTokens(json.system);
    },
    lacks: ["messages is not a non-empty list of objects, or max_tokens is missing.", "messages"],
    limits: ["max_tokens"],
  },
  embeddings: {
    prompt: (json) =>
      json.messages === undefined ? textsTokens(json.input) : messagesTokens(json.messages),
    lacks: ["input is not a text, a list of texts or of token ids.", "input"],
    limits: [],
    items: listAt("input"),
  },
  "nim-rankings": { ...ranks("query", "passages"), limits: [] },
  "cohere-rankings": { ...ranks("query", "documents"), limits: [] },
  "hf-tei-rankings": { ...ranks("query", "texts"), limits: [] },
  "huggingface-generate": {
    ...prompts("inputs"),
    limits: ["max_new_tokens"],
    inside: "parameters",
  },
  "image-generation": {
    ...prompts("prompt"),
    limits: [],
    items: (json) => (isCount(json.n) ? json.n : 1),
  },
  "image-edit": {
    prompt: (json) =>
      json.image === undefined && json.url === undefined ? undefined : textsTokens(json.prompt),
    lacks: ["image or prompt is missing.", "image"],
    limits: [],
    isForm: "always",
  },
  "video-generation": { ...prompts("prompt"), limits: [], isForm: "maybe" },
  "image-retrieval": {
    prompt: (json) => (Array.isArray(json.input) && json.input.length > 0 ? 0 : undefined),
    lacks: ["input is not a non-empty list of images.", "input"],
    limits: [],
    items: listAt("input"),
  },
  "audio-transcription": {
    prompt: (json) => (json.file === undefined ? undefined : 0),
    lacks: ["file is missing.", "file"],
    limits: [],
    isForm: "always",
  },
  "solido-rag": { ...prompts("query"), limits: [] },
} as const satisfies { readonly [kind: string]: AskRow };

export type AskKind = keyof typeof ROWS;

export const ASK_KINDS = Object.keys(ROWS) as readonly AskKind[];

export interface Ask {
  readonly kind: AskKind;
  readonly model: string;
  readonly stream: boolean;
  /** Most tokens of the reply; undefined when the request sets no limit. */
  readonly maxTokens: number | undefined;
  /** Estimated; see `estimateTokens`. */
  readonly promptTokens: number;
  /** Vectors, ranks or images of the reply. */
  readonly items: number;
  readonly usageAtEnd: boolean;
  readonly usageInEachChunk: boolean;
}

/** Why a body cannot be answered: the error's message and the field that it is about. */
export interface AskFault {
  readonly message: string;
  readonly param: string | null;
}

/** What the request's head says of its body. */
export interface AskHead {
  readonly contentType: string;
  /** The path itself asks for a stream. */
  readonly streams: boolean;
}

const PLAIN: AskHead = { contentType: "application/json", streams: false };

/**
 * Reads a body. Of several prompts (a list) one reply is made, for all of them together.
 * @param defaultModel used when the request names none
 */
export function readAsk(
  kind: AskKind,
  body: Buffer,
  defaultModel: string,
  head = PLAIN,
): Ask | AskFault {
  const row: AskRow = ROWS[kind];
  const json = fieldsIn(body, row, head);
  if (typeof json === "string") return { message: json, param: null };

  const promptTokens = row.prompt(json);
  if (promptTokens === undefined) return { message: row.lacks[0], param: row.lacks[1] };

  const inside = row.inside === undefined ? json : json[row.inside];
  const limits = isFields(inside) ? inside : {};
  const limitField = row.limits.find((field) => limits[field] != null) ?? "";
  const maxTokens = limits[limitField] ?? undefined;
  if (maxTokens !== undefined && !isCount(maxTokens))
    return { message: `${limitField} is not a positive integer.`, param: limitField };
  const model = json.model ?? json.inference_model ?? defaultModel;
  if (typeof model !== "string") return { message: "model is not a text.", param: "model" };
  if (json.stream != null && typeof json.stream !== "boolean")
    return { message: "stream is neither true nor false.", param: "stream" };
  if (json.n != null && json.n !== 1 && row.items === undefined)
    return { message: "n can only be 1 here.", param: "n" };

  const streamOptions = isFields(json.stream_options) ? json.stream_options : {};
  const usageInEachChunk = streamOptions.continuous_usage_stats === true;
  return {
    kind,
    model,
    stream: head.streams || (json.stream ?? false),
    maxTokens,
    promptTokens,
    items: row.items?.(json) ?? 1,
    usageAtEnd: streamOptions.include_usage === true,
    // vLLM too gives continuous usage only to those who ask for usage at all.
    usageInEachChunk: usageInEachChunk && streamOptions.include_usage === true,
  };
}

/** The body's fields, or what is wrong with it. */
function fieldsIn(body: Buffer, row: AskRow, { contentType }: AskHead): Fields | string {
  const isForm = contentType.toLowerCase().startsWith("multipart/form-data");
  if (isForm !== (row.isForm === "always") && row.isForm !== "maybe")
    return `A body of type ${contentType} is not taken here.`;
  if (isForm) return formFields(body, contentType) ?? "The body is not the form that it says.";
  let json: unknown;
  try {
    json = JSON.parse(body.toString("utf8"));
  } catch (error) {
    return `The body is not JSON: ${messageOf(error)}`;
  }
  return isFields(json) ? json : "The body is not a JSON object.";
}
