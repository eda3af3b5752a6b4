// OpenAI's chat completions: what goes into a request, and what a reply or one of its chunks says.

import { endpointFacts } from "#config";
import { type EndpointRow, fieldsOf, limitOf, streamOptions, toolsOf } from "./endpoint.ts";
import { messagesOf } from "./messages.ts";
import {
  firstChoice,
  type Loose,
  looseObject,
  looseString,
  type ReplyFacts,
  readError,
} from "./reply.ts";
import { readSpeculation } from "./speculation.ts";
import { readUsage } from "./usage.ts";

export const chat: EndpointRow = {
  kind: "chat",
  ...endpointFacts("chat"),

  body(request) {
    const { plan, turn } = request;
    const limit = plan.useLegacyMaxTokens ? "max_tokens" : "max_completion_tokens";
    const body = {
      messages: messagesOf(request),
      model: turn.model,
      stream: plan.streaming,
      ...toolsOf(request),
      ...limitOf(limit, turn),
      ...fieldsOf(plan, turn),
    };
    return streamOptions(body, plan);
  },

  read(json, facts) {
    facts.error = readError(json);
    facts.usage = readUsage(json);
    facts.speculation = readSpeculation(json);
    readChoice(firstChoice(json), facts);
  },

  remember(json, memory) {
    const said = saidIn(firstChoice(json));
    if (said !== undefined) memory.add(said);
  },
};

/** What a choice says, in a reply or in one chunk of it. */
function saidIn(choice: Loose | undefined): Loose | undefined {
  return looseObject(choice?.delta) ?? looseObject(choice?.message);
}

export function readChoice(choice: Loose | undefined, facts: ReplyFacts): void {
  const said = saidIn(choice);
  if (said === undefined) return;
  facts.text = looseString(said.content);
  facts.reasoning = looseString(said.reasoning_content) || looseString(said.reasoning);
  readTools(said.tool_calls, facts);
}

/** Names and arguments of tool calls count as output. */
function readTools(calls: unknown, facts: ReplyFacts): void {
  if (!Array.isArray(calls)) return;
  for (const call of calls) {
    const fn = looseObject(looseObject(call)?.function);
    if (fn !== undefined) facts.tool += looseString(fn.name) + looseString(fn.arguments);
  }
}
