// Passages ranked by what they have to do with a query: three ways to ask and to answer.

import { endpointFacts, type Json } from "#config";
import { fail, type Turn } from "#core";
import { type EndpointRow, fieldsOf } from "./endpoint.ts";
import { type Loose, type ReplyFacts, readError, unexpectedReply } from "./reply.ts";
import { readUsage } from "./usage.ts";

export const nimRankings: EndpointRow = {
  kind: "nim-rankings",
  ...endpointFacts("nim-rankings"),
  body({ plan, turn }) {
    const { query, passages } = askOf(turn);
    return {
      model: turn.model,
      query: { text: query },
      passages: passages.map((text): Json => ({ text })),
      ...fieldsOf(plan, turn),
    };
  },
  read: (json, facts) => readRanks(json, "rankings", facts),
};

export const cohereRankings: EndpointRow = {
  kind: "cohere-rankings",
  ...endpointFacts("cohere-rankings"),
  body({ plan, turn }) {
    const { query, passages } = askOf(turn);
    return { model: turn.model, query, documents: passages, ...fieldsOf(plan, turn) };
  },
  read: (json, facts) => readRanks(json, "results", facts),
};

export const teiRankings: EndpointRow = {
  kind: "hf-tei-rankings",
  ...endpointFacts("hf-tei-rankings"),
  body({ plan, turn }) {
    const { query, passages } = askOf(turn);
    return { query, texts: passages, ...fieldsOf(plan, turn) };
  },
  read: (json, facts) => readRanks(json, "results", facts),
  readOther(value, facts) {
    facts.hasOther = Array.isArray(value) && value.length > 0;
    return Array.isArray(value);
  },
};

function askOf({ texts }: Turn): { query: string; passages: readonly string[] } {
  const query = texts.find(({ name }) => name === "query" || name === "queries")?.contents[0];
  const passages = texts.find(({ name }) => name === "passages" || name === "passage");
  if (query === undefined)
    return fail(
      "E_RANKINGS",
      "a turn has no text group named query, which a ranking is about",
      "name the groups of its texts query and passages",
    );
  return { query, passages: passages?.contents ?? [] };
}

function readRanks(json: Loose, field: string, facts: ReplyFacts): void {
  facts.error = readError(json);
  facts.usage = readUsage(json);
  const ranks = json[field];
  facts.hasOther = Array.isArray(ranks) && ranks.length > 0;
  if (!Array.isArray(ranks)) facts.error ??= unexpectedReply(`the reply has no ${field}[]`);
}
