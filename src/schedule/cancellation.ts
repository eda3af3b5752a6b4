// Which requests are abandoned on purpose: one draw a credit, so that the same credits are chosen
// whatever the replies do and whichever worker sends them.

import type { Rng } from "#core";
import { sequence } from "./draws.ts";

/** Answers whether a credit's request is to be abandoned. Credits must not fall. */
export function cancelledCredits(share: number, rng: Rng): (credit: number) => boolean {
  function* draws(): Generator<boolean, never> {
    for (;;) yield rng() < share;
  }
  return sequence(draws());
}
