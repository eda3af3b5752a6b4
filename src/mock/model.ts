// The model that the mock pretends to be: what it is listed as, and how much it takes in.

import type { Ask, AskFault } from "./ask.ts";
import type { MockOptions } from "./options.ts";

/** The body of `/v1/models`. */
export function modelsBody(options: Pick<MockOptions, "model" | "contextLimit">): string {
  const model = {
    id: options.model,
    object: "model",
    created: 0,
    owned_by: "aiperf",
    root: options.model,
    parent: null,
    max_model_len: options.contextLimit === 0 ? null : options.contextLimit,
  };
  return JSON.stringify({ object: "list", data: [model] });
}

/** Why a request does not fit the context; undefined when it does, or when there is no limit. */
export function contextExcess(
  ask: Pick<Ask, "promptTokens" | "maxTokens">,
  options: Pick<MockOptions, "contextLimit" | "defaultOsl">,
): AskFault | undefined {
  const { contextLimit, defaultOsl } = options;
  const outputTokens = ask.maxTokens ?? defaultOsl;
  const total = ask.promptTokens + outputTokens;
  if (contextLimit === 0 || total <= contextLimit) return undefined;
  if (ask.maxTokens !== undefined && ask.maxTokens > contextLimit)
    return {
      message:
        `max_tokens=${ask.maxTokens} is more than the context of ${contextLimit} tokens. ` +
        `(parameter=max_tokens, value=${ask.maxTokens})`,
      param: "max_tokens",
    };
  return {
    message:
      `The context is ${contextLimit} tokens, but the prompt has about ${ask.promptTokens} and ` +
      `${outputTokens} are asked for: ${total} in all. ` +
      `(parameter=input_tokens, value=${ask.promptTokens})`,
    param: "input_tokens",
  };
}
