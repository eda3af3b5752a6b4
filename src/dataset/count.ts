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

/** What a turn says, wherever its body has it. */
export function textsOf({ texts, messages, payload }: Turn): string[] {
  if (payload !== undefined) return isObject(payload) ? textsOfBody(payload) : [];
  if (messages !== undefined) return messages.flatMap(textsOfMessage);
  return texts.flatMap(({ contents }) => contents).filter((text) => text !== "");
}

type Body = { readonly [key: string]: Json };

function textsOfBody({ messages, prompt, input }: Body): string[] {
  if (Array.isArray(messages)) return messages.flatMap(textsOfMessage);
  const texts = prompt ?? input;
  return (Array.isArray(texts) ? texts : [texts]).filter((text) => typeof text === "string");
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
