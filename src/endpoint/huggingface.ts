// Hugging Face's text generation: one prompt, its parameters in an object of their own, and a
// stream that tells each token.

import { endpointFacts } from "#config";
import { contentsOf, type EndpointRow, fieldsOf, limitOf } from "./endpoint.ts";
import {
  type Loose,
  looseObject,
  looseString,
  type ReplyFacts,
  readError,
  serverError,
} from "./reply.ts";
import { readUsage } from "./usage.ts";

export const huggingfaceGenerate: EndpointRow = {
  kind: "huggingface-generate",
  ...endpointFacts("huggingface-generate"),

  body({ plan, session, turn }) {
    const texts = [session.systemText, session.userContextText, ...contentsOf(turn.texts)];
    return {
      inputs: texts.filter((text) => text !== undefined).join(" "),
      parameters: { ...limitOf("max_new_tokens", turn), ...fieldsOf(plan, turn) },
    };
  },

  read,
  readOther(value, facts) {
    const first = Array.isArray(value) ? looseObject(value[0]) : undefined;
    if (first === undefined) return false;
    read(first, facts);
    return true;
  },
};

function read(json: Loose, facts: ReplyFacts): void {
  facts.error = readError(json);
  // The server's errors have their type beside the message.
  if (facts.error !== undefined && typeof json.error_type === "string")
    facts.error = serverError(facts.error.message, json.error_type);
  facts.usage = readUsage(json);
  const token = looseObject(json.token);
  if (token === undefined) facts.text = looseString(json.generated_text);
  else if (token.special !== true) facts.text = looseString(token.text);
}
