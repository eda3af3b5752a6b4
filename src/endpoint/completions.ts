// OpenAI's text completions: one prompt, or several in one request.

import { endpointFacts } from "#config";
import { contentsOf, type EndpointRow, fieldsOf, limitOf, streamOptions } from "./endpoint.ts";
import { firstChoice, looseString, readError } from "./reply.ts";
import { readSpeculation } from "./speculation.ts";
import { readUsage } from "./usage.ts";

export const completions: EndpointRow = {
  kind: "completions",
  ...endpointFacts("completions"),

  body({ plan, session, turn }) {
    const before = [session.systemText, session.userContextText].filter(
      (text) => text !== undefined,
    );
    const prompts = contentsOf(turn.texts).map((text) => [...before, text].join(" "));
    const body = {
      prompt: prompts.length === 1 ? prompts[0]! : prompts,
      model: turn.model,
      stream: plan.streaming,
      ...limitOf("max_tokens", turn),
      ...fieldsOf(plan, turn),
    };
    return streamOptions(body, plan);
  },

  read(json, facts) {
    facts.error = readError(json);
    facts.usage = readUsage(json);
    facts.speculation = readSpeculation(json);
    facts.text = looseString(firstChoice(json)?.text);
  },
};
