// Arrivals of a process that has one a unit of time in the mean. A rate that changes stretches the
// units (see rate.ts), so one process serves every rate and stays exact while the rate moves.

import type { Arrival } from "#config";
import { normal, type Rng } from "#core";

/**
 * Yields the moments of arrivals without end, in units of the mean gap. The first gap comes before
 * the first arrival, which is what makes the count in any stretch of time follow the law.
 */
export function* unitArrivals(arrival: Arrival, rng: Rng): Generator<number, never> {
  // Counting keeps the millionth arrival on time, where adding up gaps would drift.
  if (arrival.kind === "constant") for (let index = 1; ; index++) yield index;

  const { smoothness } = arrival.kind === "gamma" ? arrival : { smoothness: 1 };
  for (let at = 0; ; ) {
    at += smoothness === 1 ? exponential(rng) : gamma(smoothness, rng) / smoothness;
    yield at;
  }
}

function exponential(rng: Rng): number {
  return -Math.log(1 - rng());
}

/**
 * A draw of the gamma distribution with scale 1.
 * Source: G. Marsaglia and W. W. Tsang, "A simple method for generating gamma variables", 2000.
 */
function gamma(shape: number, rng: Rng): number {
  if (shape < 1) return gamma(shape + 1, rng) * (1 - rng()) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal(rng);
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    if (Math.log(1 - rng()) < 0.5 * x * x + d * (1 - v + Math.log(v))) return d * v;
  }
}
