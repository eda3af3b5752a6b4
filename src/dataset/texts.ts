// The texts of made-up turns, with the prefixes that some of them share.

import type { SyntheticPlan } from "#config";
import { type ContentGroup, integerBelow, positiveInteger, rngStream } from "#core";
import type { Tokenizer } from "#tokenizer";
import { type ExactWriter, exactWriter } from "./exact.ts";
import type { TurnLengths } from "./lengths.ts";
import { type Lexicon, weigh } from "./lexicon.ts";
import { prose } from "./prose.ts";
import { vocabularyOf } from "./vocabulary.ts";

export interface TurnTexts {
  readonly groups: readonly ContentGroup[];
  readonly tokens: number;
}

/** Opens writers that share a vocabulary and each have a stream of their own. */
export interface TextMaker {
  writer(stream: string): ExactWriter;
}

export function textMaker(plan: Pick<SyntheticPlan, "corpus">, tokenizer: Tokenizer, seed: number) {
  const rng = rngStream(seed, "dataset.prompt.vocabulary");
  let lexicon: Lexicon | undefined;
  return {
    writer(stream: string): ExactWriter {
      lexicon ??= weigh(tokenizer, vocabularyOf(plan.corpus, tokenizer, rng));
      return exactWriter(prose(lexicon, tokenizer, rngStream(seed, stream)), tokenizer);
    },
  } satisfies TextMaker;
}

/**
 * The text group of each turn.
 * @param isFirst whether a turn is its session's first: only those get a prefix
 * @throws E_DATASET_LENGTH when the tokenizer cannot be brought to a length
 */
export function writeTexts(
  plan: SyntheticPlan,
  turns: readonly TurnLengths[],
  isFirst: readonly boolean[],
  maker: TextMaker,
  tokenizer: Tokenizer,
  seed: number,
): TurnTexts[] {
  const lengths = turns.flatMap(({ texts }) => texts);
  if (lengths.length === 0) return turns.map(() => ({ groups: [], tokens: 0 }));
  const writer = maker.writer("dataset.prompt.corpus");
  const written = writer.write(lengths);

  const wholes: string[][] = [];
  let at = 0;
  for (const { texts } of turns) wholes.push(written.slice(at, (at += texts.length)));
  if (plan.prefixes !== undefined) prefix(plan.prefixes, wholes, turns, isFirst);

  // Several texts are counted as what they are in one request: joined by a space.
  const single = wholes.every((texts) => texts.length === 1);
  const counts = single ? undefined : tokenizer.countBatch(wholes.map((texts) => texts.join(" ")));
  return wholes.map((contents, index) => ({
    groups: contents.length === 0 ? [] : [{ name: "text", contents }],
    tokens: counts?.[index] ?? turns[index]!.texts[0]! + prefixTokens(index),
  }));

  function prefixTokens(index: number): number {
    return plan.prefixes !== undefined && isFirst[index] ? plan.prefixes.tokens : 0;
  }

  /** Puts a prefix before the texts of first turns; together they have the tokens of both. */
  function prefix(
    { count, tokens }: NonNullable<SyntheticPlan["prefixes"]>,
    all: string[][],
    lengths: readonly TurnLengths[],
    first: readonly boolean[],
  ): void {
    const pool = maker.writer("dataset.prompt.prefix").write(new Array<number>(count).fill(tokens));
    const rng = rngStream(seed, "dataset.prompt.prefix.choice");
    for (const [turn, texts] of all.entries()) {
      if (!first[turn]) continue;
      for (const [i, text] of texts.entries()) {
        const before = `${pool[integerBelow(rng, pool.length)]!} `;
        const wanted = tokens + lengths[turn]!.texts[i]!;
        texts[i] = writer.fit([before + text], [wanted], before.length)[0]!;
      }
    }
  }
}

/** What an endpoint that ranks is sent: a query, and passages to put in order. */
export function writeRankings(
  { passages, passageTokens, queryTokens }: NonNullable<SyntheticPlan["rankings"]>,
  turns: number,
  maker: TextMaker,
  seed: number,
): TurnTexts[] {
  const countRng = rngStream(seed, "dataset.rankings.passages.count");
  const passageRng = rngStream(seed, "dataset.rankings.passages.length");
  const queryRng = rngStream(seed, "dataset.rankings.query.length");
  const counts = Array.from({ length: turns }, () =>
    positiveInteger(countRng, passages.mean, passages.stddev),
  );
  const lengths = counts.map((count) =>
    Array.from({ length: count }, () =>
      positiveInteger(passageRng, passageTokens.mean, passageTokens.stddev),
    ),
  );
  const queries = counts.map(() => positiveInteger(queryRng, queryTokens.mean, queryTokens.stddev));
  const passageTexts = maker.writer("dataset.rankings.passages").write(lengths.flat());
  const queryTexts = maker.writer("dataset.rankings.query").write(queries);
  let at = 0;
  return counts.map((count, index) => ({
    groups: [
      { name: "query", contents: [queryTexts[index]!] },
      { name: "passages", contents: passageTexts.slice(at, (at += count)) },
    ],
    tokens: queries[index]! + lengths[index]!.reduce((sum, tokens) => sum + tokens, 0),
  }));
}
