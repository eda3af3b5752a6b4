// OpenAI's text completions: one prompt, or several in one request.

import { type EndpointRow, fieldsOf, limitOf, streamOptions } from "./endpoint.ts";
import { firstChoice, looseString, readError, readUsage } from "./reply.ts";

export const completions: EndpointRow = {
  kind: "completions",
  path: "/v1/completions",
  title: "LLM Metrics",
  streams: true,

  body({ plan, session, turn }) {
    const texts = turn.texts.flatMap((group) => group.contents).filter((text) => text !== "");
    const before = [session.systemText, session.userContextText].filter(
      (text) => text !== undefined,
    );
    const prompts = texts.map((text) => [...before, text].join(" "));
    return streamOptions({
      prompt: prompts.length === 1 ? prompts[0]! : prompts,
      model: turn.model,
      stream: plan.streaming,
      ...limitOf("max_tokens", turn),
      ...fieldsOf(plan),
      ...turn.extra,
    });
  },

  read(json, facts) {
    facts.error = readError(json);
    facts.usage = readUsage(json);
    facts.text = looseString(firstChoice(json)?.text);
  },
};
