// Sessions made of nothing but a plan, a tokenizer and a seed. Lengths, texts, models, media and
// limits come from streams of their own, so that one flag leaves what the others draw as it was.

import type { Plan, SyntheticPlan } from "#config";
import { NS_PER_MS, positiveInteger, rngStream, type Session, type Turn } from "#core";
import type { Tokenizer } from "#tokenizer";
import { drawLengths } from "./lengths.ts";
import { makeMedia } from "./media/media.ts";
import { modelChooser, sessionNamer } from "./models.ts";
import { type TextMaker, textMaker, writeRankings, writeTexts } from "./texts.ts";

export interface SyntheticRequest {
  readonly plan: Pick<Plan, "endpoint" | "runtime"> & { readonly dataset: SyntheticPlan };
  readonly tokenizer: Tokenizer;
  /** The run's seed, drawn for it when the plan has none. */
  readonly seed: number;
}

/**
 * The sessions of a synthetic run, ready before the first request.
 *
 * Every text has exactly the tokens that were drawn for it, when `tokenizer` counts it without
 * special tokens, and begins as no other text of the run does but for the prefixes that were asked
 * for: not one is answered from a cache by accident.
 * @throws E_DATASET_LENGTH when the tokenizer cannot be brought to a length
 * @throws E_MEDIA_FFMPEG and relatives of it where media cannot be made
 */
export async function synthesize({ plan, tokenizer, seed }: SyntheticRequest): Promise<Session[]> {
  const { dataset } = plan;
  const countRng = rngStream(seed, "composer.conversation.turn_count");
  const delayRng = rngStream(seed, "composer.conversation.turn_delay");
  const nextModel = modelChooser(plan, seed);
  const nextName = sessionNamer(plan, seed);

  const counts = Array.from({ length: dataset.entries }, () =>
    positiveInteger(countRng, dataset.turns.mean, dataset.turns.stddev),
  );
  const isFirst = counts.flatMap((count) => Array.from({ length: count }, (_, at) => at === 0));
  const total = isFirst.length;
  const maker = textMaker(dataset, tokenizer, seed);
  const lengths = drawLengths(dataset, total, seed);
  const texts =
    dataset.rankings === undefined
      ? writeTexts(dataset, lengths, isFirst, maker, tokenizer, seed)
      : writeRankings(dataset.rankings, total, maker, seed);
  const media = await makeMedia(dataset, total, seed);
  const leads = leadsOf(dataset, maker);

  const turnOf = (index: number): Turn => ({
    role: "user",
    texts: texts[index]!.groups,
    ...media(index),
    model: nextModel(),
    maxTokens: lengths[index]!.limit,
    inputTokens: texts[index]!.tokens,
    delayNs: isFirst[index] ? 0 : delayOf(dataset),
    timestampNs: undefined,
  });

  function delayOf({ turnDelayMs: { mean, stddev }, turnDelayRatio }: SyntheticPlan): number {
    return mean <= 0 ? 0 : positiveInteger(delayRng, mean, stddev) * turnDelayRatio * NS_PER_MS;
  }

  let next = 0;
  return counts.map((count, session) => ({
    id: nextName(),
    ...leads(session),
    turns: Array.from({ length: count }, () => turnOf(next++)),
  }));
}

type Lead = Pick<Session, "systemText" | "userContextText">;

/** The system prompt that all sessions share, and the context that each has for itself. */
function leadsOf(plan: SyntheticPlan, maker: TextMaker): (session: number) => Lead {
  const { sharedSystemTokens: shared, userContextTokens: own, entries } = plan;
  if (shared === undefined && own === undefined)
    return () => ({ systemText: undefined, userContextText: undefined });
  const [systemText] =
    shared === undefined ? [] : maker.writer("dataset.prompt.system").write([shared]);
  const contexts =
    own === undefined
      ? []
      : maker.writer("dataset.prompt.context").write(new Array<number>(entries).fill(own));
  return (session) => ({ systemText, userContextText: contexts[session] });
}
