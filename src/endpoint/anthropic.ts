// Anthropic's messages: the system text stands apart, a limit is never missing, and a stream opens
// and closes blocks of text, of thinking and of tool calls.

import { endpointFacts, type Json } from "#config";
import { type EndpointRow, fieldsOf, toolsOf } from "./endpoint.ts";
import { messagesOf } from "./messages.ts";
import { type Loose, looseObject, looseString, type ReplyFacts, readError } from "./reply.ts";
import { readUsage } from "./usage.ts";

/** The API takes no request without a limit. */
const DEFAULT_MAX_TOKENS = 1024;

export const messages: EndpointRow = {
  kind: "messages",
  ...endpointFacts("messages"),
  gathersUsage: true,

  body(request) {
    const { plan, session, turn } = request;
    const all = messagesOf({ ...request, session: { ...session, systemText: undefined } });
    return {
      model: turn.model,
      messages: all.map(translated),
      max_tokens: turn.maxTokens ?? DEFAULT_MAX_TOKENS,
      ...(plan.streaming ? { stream: true } : {}),
      ...(session.systemText === undefined ? {} : { system: session.systemText }),
      ...toolsOf(request),
      ...fieldsOf(plan, turn),
    };
  },

  read(json, facts) {
    facts.error = readError(json);
    const message = looseObject(json.message);
    facts.usage = readUsage(message ?? json);
    if (json.type === "content_block_delta") readBlock(looseObject(json.delta), facts);
    else if (json.type === "message" && Array.isArray(json.content))
      for (const block of json.content) readBlock(looseObject(block), facts);
  },

  remember(json, memory) {
    if (json.type === "content_block_start") addBlock(looseObject(json.content_block), memory);
    else if (json.type === "content_block_delta") addBlock(looseObject(json.delta), memory);
    else if (json.type === "message" && Array.isArray(json.content))
      for (const block of json.content) addBlock(looseObject(block), memory);
  },
};

/** A block of a whole reply, or a piece of one. */
function readBlock(block: Loose | undefined, facts: ReplyFacts): void {
  switch (block?.type) {
    case "text":
    case "text_delta":
      facts.text += looseString(block.text);
      break;
    case "thinking":
    case "thinking_delta":
      facts.reasoning += looseString(block.thinking);
      break;
    case "input_json_delta":
      facts.tool += looseString(block.partial_json);
      break;
    case "tool_use":
      facts.tool += block.input === undefined ? "" : JSON.stringify(block.input);
      break;
  }
}

type Memory = Parameters<NonNullable<EndpointRow["remember"]>>[1];

function addBlock(block: Loose | undefined, memory: Memory): void {
  switch (block?.type) {
    case "text":
    case "text_delta":
      memory.add({ content: block.text });
      break;
    case "thinking":
    case "thinking_delta":
      memory.add({ reasoning_content: block.thinking });
      break;
    case "input_json_delta":
      addCall(memory, memory.calls - 1, { arguments: block.partial_json });
      break;
    case "tool_use": {
      // A stream opens a call with an empty input, and tells it piece by piece afterwards.
      const input = looseObject(block.input) ?? {};
      const given = Object.keys(input).length === 0 ? "" : JSON.stringify(input);
      addCall(memory, memory.calls, { name: block.name, arguments: given }, block.id);
    }
  }
}

function addCall(memory: Memory, index: number, fn: Loose, id?: unknown): void {
  memory.add({ tool_calls: [{ index, id, function: fn }] });
}

/** A chat's message in this API's words. */
function translated(message: Json): Json {
  const said = looseObject(message);
  if (said === undefined) return message;
  const calls = Array.isArray(said.tool_calls) ? said.tool_calls : undefined;
  if (calls !== undefined)
    return {
      role: "assistant",
      content: [
        ...(looseString(said.content) === ""
          ? []
          : [{ type: "text", text: looseString(said.content) }]),
        ...calls.map((call) => toolUse(looseObject(call))),
      ],
    };
  if (!Array.isArray(said.content)) return message;
  return { ...said, content: said.content.map(translatedPart) } as Json;
}

function toolUse(call: Loose | undefined): Json {
  const fn = looseObject(call?.function);
  let input: Json = {};
  try {
    input = JSON.parse(looseString(fn?.arguments));
  } catch {
    // A model that wrote no JSON called with nothing.
  }
  return { type: "tool_use", id: looseString(call?.id), name: looseString(fn?.name), input };
}

function translatedPart(part: Json): Json {
  const url = looseString(looseObject(looseObject(part)?.image_url)?.url);
  if (url === "") return part;
  const data = /^data:([^;,]+);base64,/.exec(url.slice(0, 128));
  return {
    type: "image",
    source:
      data === null
        ? { type: "url", url }
        : { type: "base64", media_type: data[1]!, data: url.slice(data[0].length) },
  };
}
