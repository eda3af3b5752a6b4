// When each request of an open-loop phase is due. Due times depend on the plan alone, never on a
// reply: a slow server cannot slow its own exam.

import type { LoadPlan } from "#config";
import type { Rng } from "#core";
import { unitArrivals } from "./arrival.ts";
import { sequence } from "./draws.ts";
import { rateClock } from "./rate.ts";

/** How many arrivals are due within so long, ns from the phase's start. */
export function dueWithin(
  load: Extract<LoadPlan, { kind: "rate" }>,
  rng: Rng,
  lengthNs: number,
): number {
  const dueAt = dueTimes(load, rng);
  let count = 0;
  while (dueAt(count) < lengthNs) count++;
  return count;
}

/**
 * Answers when arrival number `index`, from 0, is due, in ns after the phase's start. Indexes must
 * not fall: what others have taken is skipped over.
 */
export function dueTimes(
  load: Extract<LoadPlan, { kind: "rate" }>,
  rng: Rng,
): (index: number) => number {
  const arrivalOf = sequence(unitArrivals(load.arrival, rng));
  const timeOf = rateClock(load.rate);
  return (index) => timeOf(arrivalOf(index));
}
