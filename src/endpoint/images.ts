// Images made from a text, changed by one, or looked for in what they show.

import { endpointFacts, type Json } from "#config";
import { fail, type Turn } from "#core";
import { type Body, contentsOf, type EndpointRow, fieldsOf } from "./endpoint.ts";
import { type Loose, looseObject, looseString, type ReplyFacts, readError } from "./reply.ts";
import { readUsage } from "./usage.ts";

export const imageGeneration: EndpointRow = {
  kind: "image-generation",
  ...endpointFacts("image-generation"),
  body({ plan, turn }) {
    return {
      prompt: promptOf(turn),
      model: turn.model,
      response_format: "b64_json",
      n: 1,
      ...(plan.streaming ? { stream: true } : {}),
      ...fieldsOf(plan, turn),
    };
  },
  read: readImages,
};

/** Fields of a form that are the data's to fill. */
const OWN_FIELDS = ["prompt", "image", "url", "mask"];

export const imageEdit: EndpointRow = {
  kind: "image-edit",
  ...endpointFacts("image-edit"),
  files: ["image"],
  body({ plan, turn }) {
    const fields = fieldsOf(plan, turn);
    const taken = OWN_FIELDS.find((name) => name in fields);
    if (taken !== undefined) {
      const what = `--extra-inputs ${taken} is what the data fills in with --endpoint-type image-edit`;
      fail("E_FLAG_CONFLICT", what, "leave it out");
    }
    const images = contentsOf(turn.images);
    const files = images.filter((url) => url.startsWith("data:"));
    const urls = images.filter((url) => !url.startsWith("data:"));
    const body: Body = {
      prompt: promptOf(turn),
      model: turn.model,
      ...(files.length === 0 ? {} : { image: files }),
      ...(urls.length === 0 ? {} : { url: urls.length === 1 ? urls[0]! : urls }),
    };
    return { ...body, ...fields };
  },
  read: readImages,
};

export const imageRetrieval: EndpointRow = {
  kind: "image-retrieval",
  ...endpointFacts("image-retrieval"),
  body({ plan, turn }) {
    const input = contentsOf(turn.images).map((url): Json => ({ type: "image_url", url }));
    return { input, ...fieldsOf(plan, turn) };
  },
  read(json, facts) {
    facts.error = readError(json);
    facts.usage = readUsage(json);
    facts.hasOther = Array.isArray(json.data) && json.data.length > 0;
  },
};

export function promptOf(turn: Turn): string {
  return contentsOf(turn.texts).join(" ");
}

/** A reply with its images, or an event of a stream with one. */
function readImages(json: Loose, facts: ReplyFacts): void {
  facts.error = readError(json);
  facts.usage = readUsage(json);
  const all = Array.isArray(json.data) ? json.data.map(looseObject) : [json];
  facts.hasOther = all.some(
    (image) => looseString(image?.b64_json) !== "" || looseString(image?.url) !== "",
  );
}
