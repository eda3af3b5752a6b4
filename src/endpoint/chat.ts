// OpenAI's chat completions: what goes into a request, and what a reply or one of its chunks says.

import type { Json, Turn } from "#core";
import { type EndpointRow, fieldsOf, limitOf, streamOptions } from "./endpoint.ts";
import {
  firstChoice,
  looseObject,
  looseString,
  type ReplyFacts,
  readError,
  readUsage,
} from "./reply.ts";

export const chat: EndpointRow = {
  kind: "chat",
  path: "/v1/chat/completions",
  title: "LLM Metrics",
  streams: true,

  body({ plan, session, turn, history = [] }) {
    const messages: Json[] = [];
    if (session.systemText !== undefined)
      messages.push({ role: "system", content: session.systemText });
    if (session.userContextText !== undefined)
      messages.push({ role: "user", content: session.userContextText });
    for (const past of history) {
      messages.push(messageOf(past.turn));
      if (past.reply !== undefined) messages.push(past.reply);
    }
    if (turn.messages === undefined) messages.push(messageOf(turn));
    else append(messages, turn.messages);
    const limit = plan.useLegacyMaxTokens ? "max_tokens" : "max_completion_tokens";
    return streamOptions({
      messages,
      model: turn.model,
      stream: plan.streaming,
      ...limitOf(limit, turn),
      ...(turn.tools === undefined ? {} : { tools: turn.tools }),
      ...fieldsOf(plan),
      ...turn.extra,
    });
  },

  read(json, facts) {
    facts.error = readError(json);
    facts.usage = readUsage(json);
    const choice = firstChoice(json);
    const said = looseObject(choice?.delta) ?? looseObject(choice?.message);
    if (said === undefined) return;
    facts.text = looseString(said.content);
    facts.reasoning = looseString(said.reasoning_content) || looseString(said.reasoning);
    readTools(said.tool_calls, facts);
  },

  remember(json, memory) {
    const choice = firstChoice(json);
    const said = looseObject(choice?.delta) ?? looseObject(choice?.message);
    if (said !== undefined) memory.add(said);
  },
};

/** Adds messages that the data gave whole; two system messages at the beginning become one. */
function append(messages: Json[], given: readonly Json[]): void {
  const [last, first] = [looseObject(messages.at(-1)), looseObject(given[0])];
  const texts = [last, first].map((message) => looseString(message?.content));
  if (messages.length === 1 && last?.role === "system" && first?.role === "system")
    messages.splice(0, 1, { role: "system", content: texts.join("\n\n") }, ...given.slice(1));
  else messages.push(...given);
}

function messageOf(turn: Turn): Json {
  const texts = turn.texts.flatMap((group) => group.contents);
  return { role: turn.role, content: contentOf(texts) };
}

/** One text is a plain string; several are parts of one message. */
function contentOf(texts: readonly string[]): Json {
  const filled = texts.filter((text) => text !== "");
  if (filled.length === 1) return filled[0]!;
  return filled.map((text) => ({ type: "text", text }));
}

/** Names and arguments of tool calls count as output. */
function readTools(calls: unknown, facts: ReplyFacts): void {
  if (!Array.isArray(calls)) return;
  for (const call of calls) {
    const fn = looseObject(looseObject(call)?.function);
    if (fn !== undefined) facts.tool += looseString(fn.name) + looseString(fn.arguments);
  }
}
