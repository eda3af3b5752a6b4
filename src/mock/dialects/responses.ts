// OpenAI's responses: items that are added, filled and done, every event with its number.

import type { Dialect, ReplyName, UsageCounts, WholeText } from "../dialect.ts";
import { chunked, named } from "./events.ts";

export const responses: Dialect = {
  paths: ["/v1/responses"],
  speaks: true,
  reasons: true,
  parts(name) {
    let sequence = 0;
    let item = -1;
    let isReasoning = false;
    const numbered = (type: string, fields: object): string =>
      named(type, { ...fields, sequence_number: sequence++ });
    const place = () => ({ item_id: itemId(name, item), output_index: item, content_index: 0 });
    /** The end of the item at hand, if there is one. */
    const close = (text: string): string => {
      if (item < 0) return "";
      const word = isReasoning ? "reasoning_text" : "output_text";
      return (
        numbered(`response.${word}.done`, { ...place(), text }) +
        numbered("response.output_item.done", {
          output_index: item,
          item: itemOf(name, item, isReasoning, text),
        })
      );
    };
    let said = "";
    const opening = { ...fieldsOf(name), status: "in_progress", output: [], usage: null };
    return chunked({
      begin:
        numbered("response.created", { response: opening }) +
        numbered("response.in_progress", { response: opening }),
      chunk({ words, reasoning, opens }) {
        let events = "";
        if (opens) {
          events += close(said);
          item++;
          said = "";
          isReasoning = reasoning;
          const empty = {
            ...itemOf(name, item, reasoning, ""),
            content: [],
            status: "in_progress",
          };
          events += numbered("response.output_item.added", { output_index: item, item: empty });
        }
        said += words;
        const word = reasoning ? "reasoning_text" : "output_text";
        return events + numbered(`response.${word}.delta`, { ...place(), delta: words });
      },
      end: (counts, finish, text) =>
        close(said) +
        numbered(finish === "length" ? "response.incomplete" : "response.completed", {
          response: wholeOf(name, finish === "length", text, counts),
        }),
    });
  },
  whole: (name, finish, text, counts) =>
    JSON.stringify(wholeOf(name, finish === "length", text, counts)),
};

function wholeOf(
  name: ReplyName,
  isCut: boolean,
  { content, reasoning }: WholeText,
  counts: UsageCounts,
): object {
  const sections: [isReasoning: boolean, text: string][] = [[false, content]];
  if (reasoning !== undefined) sections.unshift([true, reasoning]);
  return {
    ...fieldsOf(name),
    status: isCut ? "incomplete" : "completed",
    ...(isCut ? { incomplete_details: { reason: "max_output_tokens" } } : {}),
    output: sections.map(([isReasoning, text], index) => itemOf(name, index, isReasoning, text)),
    usage: usageOf(counts),
  };
}

function itemOf(name: ReplyName, index: number, isReasoning: boolean, text: string): object {
  const id = itemId(name, index);
  if (isReasoning)
    return { id, type: "reasoning", summary: [], content: [{ type: "reasoning_text", text }] };
  const content = [{ type: "output_text", text, annotations: [] }];
  return { id, type: "message", role: "assistant", status: "completed", content };
}

function itemId({ seed, number }: ReplyName, index: number): string {
  return `item_${seed.toString(16)}_${number}_${index}`;
}

function fieldsOf({ ask, seed, number, createdS }: ReplyName): object {
  const id = `resp_${seed.toString(16)}_${number}`;
  return { id, object: "response", created_at: createdS, model: ask.model };
}

function usageOf({ promptTokens, outputTokens, reasoningTokens }: UsageCounts): object {
  return {
    input_tokens: promptTokens,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: reasoningTokens ?? 0 },
    total_tokens: promptTokens + outputTokens,
  };
}
