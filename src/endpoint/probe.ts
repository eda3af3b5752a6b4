// Replies of servers that nobody has described: the places where an answer usually is are tried,
// one after the other, or the one that the user named.

import { readChoice } from "./chat.ts";
import { isVector } from "./embeddings.ts";
import {
  firstChoice,
  type Loose,
  looseObject,
  looseString,
  type ReplyFacts,
  readError,
} from "./reply.ts";
import { readUsage } from "./usage.ts";

const TEXT_FIELDS = ["text", "content", "response", "output", "result"] as const;

/** Looks up a path in a JSON value; null or undefined when nothing is there. */
export type Lookup = (json: unknown) => unknown;

/** Reads a JSON object wherever it has content. */
export function probe(json: Loose, facts: ReplyFacts): void {
  facts.error = readError(json);
  facts.usage = readUsage(json);
  findContent(json, facts);
}

function findContent(json: Loose, facts: ReplyFacts): void {
  if (hasVectors(json) || isFilledList(json.rankings) || isFilledList(json.results)) {
    facts.hasOther = true;
    return;
  }
  for (const field of TEXT_FIELDS) {
    facts.text = textIn(json[field]);
    if (facts.text !== "") return;
  }
  const choice = firstChoice(json);
  facts.text = looseString(choice?.text);
  if (facts.text === "") readChoice(choice, facts);
}

function hasVectors(json: Loose): boolean {
  if (isVector(json.embeddings) || isVector(json.embedding)) return true;
  return Array.isArray(json.data) && isVector(looseObject(json.data[0])?.embedding);
}

function isFilledList(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0;
}

/** A text, or a list of texts joined. */
function textIn(value: unknown): string {
  if (!Array.isArray(value)) return looseString(value);
  return value.every((item) => typeof item === "string") ? value.join("") : "";
}

/** What is not a JSON object is content as it stands. */
export function probeOther(value: unknown, facts: ReplyFacts): boolean {
  if (Array.isArray(value) && value.length > 0 && typeof value[0] !== "string") {
    facts.hasOther = true;
    return true;
  }
  facts.text = textIn(value);
  return facts.text !== "";
}

/** Takes as content what a lookup found; false when that is nothing. */
export function takeFound(found: unknown, facts: ReplyFacts): boolean {
  if (found === null || found === undefined) return false;
  facts.text = textIn(found);
  if (facts.text === "" && found !== "" && !(Array.isArray(found) && found.length === 0))
    facts.hasOther = true;
  return facts.text !== "" || facts.hasOther;
}
