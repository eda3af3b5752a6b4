// How long each made-up prompt and its reply's limit are.

import type { SequencePair, SyntheticPlan, Window } from "#config";
import { integerBelow, positiveInteger, type Rng, rngStream } from "#core";

export interface TurnLengths {
  /** Tokens of each text of the turn; empty where the plan sends no text. */
  readonly texts: readonly number[];
  readonly limit: number | undefined;
}

/** The lengths of so many turns. */
export function drawLengths(plan: SyntheticPlan, turns: number, seed: number): TurnLengths[] {
  const lengthRng = rngStream(seed, "dataset.prompt.length");
  const limitRng = rngStream(seed, "composer.turn.max_tokens");
  const { isl, osl, mixture, windows, batchSize } = plan;

  if (mixture !== undefined) {
    const rng = rngStream(seed, "models.sequence.distribution");
    return Array.from({ length: turns }, () => {
      const pair = pickPair(mixture, rng);
      const tokens = positiveInteger(rng, pair.isl.mean, pair.isl.stddev);
      const limit = positiveInteger(rng, pair.osl.mean, pair.osl.stddev);
      return { texts: new Array<number>(batchSize).fill(tokens), limit };
    });
  }
  const text = (): number =>
    windows === undefined
      ? positiveInteger(lengthRng, isl?.mean ?? 1, isl?.stddev ?? 0)
      : fromWindow(windows.isl, lengthRng);
  const limitOf = (): number | undefined => {
    if (windows !== undefined) return fromWindow(windows.osl, limitRng);
    return osl && positiveInteger(limitRng, osl.mean, osl.stddev);
  };
  return Array.from({ length: turns }, () => ({
    texts: isl === undefined ? [] : Array.from({ length: batchSize }, text),
    limit: limitOf(),
  }));
}

/** One pair by its share: the first whose shares up to it exceed the draw. */
function pickPair(mixture: readonly SequencePair[], rng: Rng): SequencePair {
  let left = rng();
  for (const pair of mixture) {
    left -= pair.share;
    if (left < 0) return pair;
  }
  return mixture.findLast(({ share }) => share > 0)!;
}

function fromWindow({ from, to }: Window, rng: Rng): number {
  return from + integerBelow(rng, to - from + 1);
}
