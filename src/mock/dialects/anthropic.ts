// Anthropic's messages: blocks of thinking and of text, opened and closed one after the other.

import type { Dialect, Finish, ReplyName, UsageCounts } from "../dialect.ts";
import { chunked, named } from "./events.ts";

const REASONS: Readonly<Record<Finish, string>> = { length: "max_tokens", stop: "end_turn" };

export const messages: Dialect = {
  paths: ["/v1/messages"],
  speaks: true,
  reasons: true,
  parts(name) {
    let block = -1;
    return chunked({
      begin: named("message_start", {
        message: {
          ...fieldsOf(name),
          content: [],
          stop_reason: null,
          usage: { input_tokens: name.ask.promptTokens, output_tokens: 0 },
        },
      }),
      chunk({ words, reasoning, opens }) {
        let events = "";
        if (opens) {
          if (block >= 0) events += named("content_block_stop", { index: block });
          block++;
          const content_block = reasoning
            ? { type: "thinking", thinking: "" }
            : { type: "text", text: "" };
          events += named("content_block_start", { index: block, content_block });
        }
        const delta = reasoning
          ? { type: "thinking_delta", thinking: words }
          : { type: "text_delta", text: words };
        return events + named("content_block_delta", { index: block, delta });
      },
      end: (counts, finish) =>
        named("content_block_stop", { index: block }) +
        named("message_delta", {
          delta: { stop_reason: REASONS[finish], stop_sequence: null },
          usage: { output_tokens: counts.outputTokens },
        }) +
        named("message_stop", {}),
    });
  },
  whole: (name, finish, { content, reasoning }, counts) =>
    JSON.stringify({
      ...fieldsOf(name),
      content: [
        ...(reasoning === undefined ? [] : [{ type: "thinking", thinking: reasoning }]),
        { type: "text", text: content },
      ],
      stop_reason: REASONS[finish],
      stop_sequence: null,
      usage: usageOf(counts),
    }),
};

function fieldsOf({ ask, seed, number }: ReplyName): object {
  const id = `msg_${seed.toString(16)}_${number}`;
  return { id, type: "message", role: "assistant", model: ask.model };
}

function usageOf({ promptTokens, outputTokens }: UsageCounts): object {
  return { input_tokens: promptTokens, output_tokens: outputTokens };
}
