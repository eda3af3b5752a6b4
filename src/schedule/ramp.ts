// A limit that grows: from 1 at the start of a phase, one by one, to its value. Which number may
// be used from when is a formula, so threads need not tell each other.

import type { Cap } from "#config";

/** From when number `index` (from 0) of a limit may be used, in ns after the phase's start. */
export function usableAtNs(cap: Cap, index: number): number {
  return cap.limit === 1 ? 0 : (cap.rampNs * index) / (cap.limit - 1);
}

/** How many may be in use at this time after the phase's start. */
export function limitAt(cap: Cap, elapsedNs: number): number {
  if (elapsedNs >= cap.rampNs) return cap.limit;
  let limit = 1 + Math.floor((elapsedNs / cap.rampNs) * (cap.limit - 1));
  // The division may round to either side of a step; the step itself is what counts.
  if (limit < cap.limit && usableAtNs(cap, limit) <= elapsedNs) limit++;
  else if (limit > 1 && usableAtNs(cap, limit - 1) > elapsedNs) limit--;
  return limit;
}
