// Texts, or texts with images, made into vectors: three ways to ask and one kind of reply.

import { endpointFacts } from "#config";
import { contentsOf, type EndpointRow, fieldsOf } from "./endpoint.ts";
import { messagesOf } from "./messages.ts";
import { type Loose, looseObject, type ReplyFacts, readError, unexpectedReply } from "./reply.ts";
import { readUsage } from "./usage.ts";

export const embeddings: EndpointRow = {
  kind: "embeddings",
  ...endpointFacts("embeddings"),
  body({ plan, turn }) {
    return { model: turn.model, input: contentsOf(turn.texts), ...fieldsOf(plan, turn) };
  },
  read: readVectors,
};

export const chatEmbeddings: EndpointRow = {
  kind: "chat-embeddings",
  ...endpointFacts("chat-embeddings"),
  body(request) {
    const { plan, turn } = request;
    return { model: turn.model, messages: messagesOf(request), ...fieldsOf(plan, turn) };
  },
  read: readVectors,
};

export const nimEmbeddings: EndpointRow = {
  kind: "nim-embeddings",
  ...endpointFacts("nim-embeddings"),
  body({ plan, turn }) {
    const texts = contentsOf(turn.texts);
    const images = contentsOf(turn.images);
    const input = Array.from({ length: Math.max(texts.length, images.length) }, (_, at) =>
      [texts[at], images[at]].filter((part) => part !== undefined).join(" "),
    );
    return { model: turn.model, input, ...fieldsOf(plan, turn) };
  },
  read: readVectors,
};

function readVectors(json: Loose, facts: ReplyFacts): void {
  facts.error = readError(json);
  facts.usage = readUsage(json);
  const items = Array.isArray(json.data) ? json.data.map(looseObject) : [];
  facts.hasOther = items.length > 0 && items.every((item) => isVector(item?.embedding));
  if (!facts.hasOther) facts.error ??= unexpectedReply("the reply has no data[].embedding");
}

/** Numbers, or their bytes in base64. */
export function isVector(value: unknown): boolean {
  return (Array.isArray(value) && value.length > 0) || (typeof value === "string" && value !== "");
}
