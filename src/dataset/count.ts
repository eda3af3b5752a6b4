// How many tokens the turns of given data have, by the client's tokenizer.

import type { Json, Session, Turn } from "#core";
import type { Tokenizer } from "#tokenizer";

/** The sessions with the tokens of each turn's own texts, where they were not known already. */
export function withCounts(sessions: readonly Session[], tokenizer: Tokenizer): Session[] {
  const uncounted = sessions
    .flatMap(({ turns }) => turns)
    .filter((turn) => turn.inputTokens === undefined);
  if (uncounted.length === 0) return [...sessions];
  const counts = tokenizer.countBatch(uncounted.map((turn) => textsOf(turn).join(" ")));
  let next = 0;
  return sessions.map((session) => ({
    ...session,
    turns: session.turns.map((turn) =>
      turn.inputTokens === undefined ? { ...turn, inputTokens: counts[next++]! } : turn,
    ),
  }));
}

/** What a turn says, wherever its body has it; what tools it offers is read by the model, too. */
export function textsOf({ texts, messages, payload, tools = [] }: Turn): string[] {
  if (payload !== undefined) return isObject(payload) ? textsOfBody(payload) : [];
  const said =
    messages === undefined
      ? texts.flatMap(({ contents }) => contents).filter((text) => text !== "")
      : messages.flatMap(textsOfMessage);
  return [...said, ...tools.map((tool) => JSON.stringify(tool))];
}

type Body = { readonly [key: string]: Json };

/** Fields of bodies that are read by a model, in the order in which it reads them. */
const LEADS = ["system", "instructions"] as const;
const ASKED = ["prompt", "input", "inputs", "query", "documents", "passages", "texts"] as const;

function textsOfBody(body: Body): string[] {
  const asked = Array.isArray(body.messages)
    ? body.messages.flatMap(textsOfMessage)
    : ASKED.flatMap((field) => textsIn(body[field]));
  const tools = Array.isArray(body.tools) ? body.tools.map((tool) => JSON.stringify(tool)) : [];
  return [...LEADS.flatMap((field) => textsIn(body[field])), ...asked, ...tools];
}

/** A text, the text of an object or of a message, or those of a list of them. */
function textsIn(value: Json | undefined): string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(textsIn);
  if (value === undefined || !isObject(value)) return [];
  return typeof value.text === "string" ? [value.text] : textsOfMessage(value);
}

function textsOfMessage(message: Json): string[] {
  if (!isObject(message)) return [];
  const { content } = message;
  if (typeof content === "string") return [content];
  if (!Array.isArray(content)) return [];
  return content.flatMap((part) =>
    isObject(part) && typeof part.text === "string" ? [part.text] : [],
  );
}

function isObject(value: Json): value is Body {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
