// ShareGPT: conversations that people had with a model, of which the short ones are replayed.

import { basename } from "node:path";
import { z } from "zod";
import { fail, positiveInteger, rngStream, type Session, type Turn } from "#core";
import { modelChooser, sessionNamer } from "../models.ts";
import { jsonItems } from "./json-items.ts";
import type { PublicRequest } from "./public.ts";

const TOKENS_MIN = 4;
const PROMPT_TOKENS_MAX = 1024;
const PAIR_TOKENS_MAX = 2048;

const ENTRY = z.looseObject({
  conversations: z.array(z.looseObject({ from: z.string(), value: z.string() })),
});

/**
 * The conversations of which every prompt and reply is of a usual length.
 * @throws E_DATA_JSON, E_DATA_ROW, E_DATA_EMPTY
 */
export async function loadShareGpt(path: string, request: PublicRequest): Promise<Session[]> {
  const { plan, tokenizer, seed } = request;
  const { osl, entries } = plan.dataset;
  const nextModel = modelChooser(plan, seed);
  const nextName = sessionNamer(plan, seed);
  const limitRng = rngStream(seed, "composer.turn.max_tokens");
  const sessions: Session[] = [];

  for await (const item of jsonItems(path)) {
    const entry = ENTRY.safeParse(item);
    if (!entry.success) continue;
    const pairs = pairsOf(entry.data.conversations);
    const texts = pairs.flatMap(({ prompt, reply }) => [prompt, reply]);
    const counts = tokenizer.countBatch(texts);
    const sizes = pairs.map((_, at) => ({ prompt: counts[2 * at]!, reply: counts[2 * at + 1]! }));
    const isUsual = ({ prompt, reply }: (typeof sizes)[number]): boolean =>
      prompt >= TOKENS_MIN &&
      prompt <= PROMPT_TOKENS_MAX &&
      (osl !== undefined || reply >= TOKENS_MIN) &&
      prompt + reply <= PAIR_TOKENS_MAX;
    if (pairs.length === 0 || !sizes.every(isUsual)) continue;

    const turns = pairs.map(
      ({ prompt }, at): Turn => ({
        role: "user",
        texts: [{ name: "text", contents: [prompt] }],
        model: nextModel(),
        maxTokens:
          osl === undefined ? sizes[at]!.reply : positiveInteger(limitRng, osl.mean, osl.stddev),
        inputTokens: sizes[at]!.prompt,
        delayNs: 0,
        timestampNs: undefined,
      }),
    );
    sessions.push({ id: nextName(), systemText: undefined, userContextText: undefined, turns });
    if (sessions.length === entries) break;
  }
  if (sessions.length === 0) {
    const what = `${basename(path)} has no conversation of a usual length`;
    fail("E_DATA_EMPTY", what, "check the file, or delete it from the cache");
  }
  return sessions;
}

interface SaidPair {
  readonly prompt: string;
  readonly reply: string;
}

/** What a person said, each with what the model said to it. */
function pairsOf(said: z.infer<typeof ENTRY>["conversations"]): SaidPair[] {
  return said.slice(1).flatMap((reply, at) => {
    const prompt = said[at]!;
    return prompt.from === "human" && reply.from === "gpt"
      ? [{ prompt: prompt.value, reply: reply.value }]
      : [];
  });
}
