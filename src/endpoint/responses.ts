// OpenAI's responses: a conversation is a list of items, and a stream tells each piece as an event
// of its own type. A server that stores replies is sent only what is new.

import { endpointFacts, type Json } from "#config";
import type { Turn } from "#core";
import { type BodyRequest, type EndpointRow, fieldsOf, limitOf, toolsOf } from "./endpoint.ts";
import { contentOf, type PartWords } from "./messages.ts";
import { type Loose, looseObject, looseString, type ReplyFacts, readError } from "./reply.ts";
import { readUsage } from "./usage.ts";

const PARTS: PartWords = {
  text: (text) => ({ type: "input_text", text }),
  image: (url) => ({ type: "input_image", image_url: url }),
  audio: (format, data) => ({ type: "input_audio", input_audio: { data, format } }),
  video: (url) => ({ type: "input_video", video_url: url }),
};

/** Which fact an event's `delta` is. */
const DELTAS: { readonly [type: string]: "text" | "reasoning" | "tool" } = {
  "response.output_text.delta": "text",
  "response.refusal.delta": "text",
  "response.reasoning_text.delta": "reasoning",
  "response.reasoning_summary_text.delta": "reasoning",
  "response.function_call_arguments.delta": "tool",
};

export const responses: EndpointRow = {
  kind: "responses",
  ...endpointFacts("responses"),

  body(request) {
    const { plan, session, turn } = request;
    const fields = fieldsOf(plan, turn);
    const stored = fields.store === true ? request.history?.at(-1)?.replyId : undefined;
    return {
      input: stored === undefined ? allItems(request) : itemsOf(turn),
      model: turn.model,
      stream: plan.streaming,
      ...(session.systemText === undefined ? {} : { instructions: session.systemText }),
      ...limitOf("max_output_tokens", turn),
      ...toolsOf(request),
      ...(stored === undefined ? {} : { previous_response_id: stored }),
      ...fields,
    };
  },

  read(json, facts) {
    const type = looseString(json.type);
    const response = looseObject(json.response);
    facts.error = errorOf(json, response, type);
    facts.usage = readUsage(response ?? json);
    const fact = DELTAS[type];
    if (fact !== undefined) facts[fact] = looseString(json.delta);
    else if (type === "response.output_text.done") facts.wholeText = looseString(json.text);
    else if (type === "" && Array.isArray(json.output))
      for (const item of json.output) readItem(looseObject(item), facts);
  },

  remember(json, memory) {
    const type = looseString(json.type);
    memory.id ||= looseString(looseObject(json.response)?.id);
    const fact = DELTAS[type];
    if (fact === "text") memory.add({ content: json.delta });
    else if (fact === "reasoning") memory.add({ reasoning_content: json.delta });
    else if (type === "response.output_item.done") addCall(looseObject(json.item), memory);
    else if (type === "" && Array.isArray(json.output)) {
      memory.id ||= looseString(json.id);
      for (const item of json.output) {
        const facts = { text: "", reasoning: "", tool: "" };
        readItem(looseObject(item), facts);
        memory.add({ content: facts.text, reasoning_content: facts.reasoning });
        addCall(looseObject(item), memory);
      }
    }
  },
};

function addCall(
  item: Loose | undefined,
  memory: Parameters<NonNullable<EndpointRow["remember"]>>[1],
): void {
  if (item?.type !== "function_call") return;
  const fn = { name: item.name, arguments: item.arguments };
  memory.add({ tool_calls: [{ index: memory.calls, id: item.call_id, function: fn }] });
}

function readItem(
  item: Loose | undefined,
  facts: Pick<ReplyFacts, "text" | "reasoning" | "tool">,
): void {
  if (item === undefined) return;
  if (item.type === "function_call") facts.tool += looseString(item.arguments);
  const isReasoning = item.type === "reasoning";
  for (const part of [item.content, item.summary].flat()) {
    const text = looseString(looseObject(part)?.text);
    if (isReasoning) facts.reasoning += text;
    else facts.text += text;
  }
}

function errorOf(json: Loose, response: Loose | undefined, type: string): ReplyFacts["error"] {
  if (type === "error" && json.error === undefined) return readError({ error: json });
  return readError(json) ?? (response === undefined ? undefined : readError(response));
}

function allItems({ session, turn, history = [] }: BodyRequest): Json[] {
  const items: Json[] = [];
  if (session.userContextText !== undefined)
    items.push({ type: "message", role: "user", content: session.userContextText });
  for (const past of history) items.push(...itemsOf(past.turn), ...replyItems(past.reply));
  items.push(...itemsOf(turn));
  return items;
}

function itemsOf(turn: Turn): readonly Json[] {
  return turn.messages ?? [{ type: "message", role: turn.role, content: contentOf(turn, PARTS) }];
}

/** A reply in a chat's words as items of this API. */
function replyItems(reply: Json | undefined): Json[] {
  const said = looseObject(reply);
  if (said === undefined) return [];
  const content = looseString(said.content);
  const items: Json[] = content === "" ? [] : [{ type: "message", role: "assistant", content }];
  if (Array.isArray(said.tool_calls))
    for (const call of said.tool_calls.map(looseObject)) {
      const fn = looseObject(call?.function);
      items.push({
        type: "function_call",
        call_id: looseString(call?.id),
        name: looseString(fn?.name),
        arguments: looseString(fn?.arguments),
      });
    }
  return items;
}
