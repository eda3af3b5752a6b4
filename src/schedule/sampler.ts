// Which conversation each session replays. A draw has a number, so that threads agree without
// asking, and phases go on where the one before has stopped.

import type { SamplingStrategy } from "#config";
import { integerBelow, type Rng } from "#core";
import { sequence } from "./draws.ts";

/**
 * Answers which of `count` conversations draw number `n`, from 0, brings. Draws must not fall.
 * - sequential: in their order, from the start again when they run out
 * - shuffle: each once, in an order that is drawn anew for every pass
 * - random: any, each time
 */
export function sampler(
  strategy: SamplingStrategy,
  count: number,
  rng: Rng,
): (draw: number) => number {
  if (strategy === "sequential") return (draw) => draw % count;
  return sequence(strategy === "random" ? withReplacement(count, rng) : shuffled(count, rng));
}

function* withReplacement(count: number, rng: Rng): Generator<number, never> {
  for (;;) yield integerBelow(rng, count);
}

/** Fisher and Yates' shuffle, drawn as far as it is read. */
function* shuffled(count: number, rng: Rng): Generator<number, never> {
  const order = Uint32Array.from({ length: count }, (_, index) => index);
  for (;;) {
    for (let at = 0; at < count; at++) {
      const other = at + integerBelow(rng, count - at);
      const drawn = order[other]!;
      order[other] = order[at]!;
      order[at] = drawn;
      yield drawn;
    }
  }
}
