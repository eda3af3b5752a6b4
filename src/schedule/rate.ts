// When so many arrivals are due under a rate that changes: the moment up to which the rate adds up
// to them. The sum is a parabola between two points, so the moment is exact, not stepped.

import type { RatePoint } from "#config";
import { assert, NS_PER_S } from "#core";

/** A stretch of time in which the rate changes evenly; the last one has no end. */
interface Stretch {
  readonly fromNs: number;
  /** Arrivals due before it. */
  readonly fromArrivals: number;
  readonly toArrivals: number;
  readonly perNs: number;
  /** How the rate grows, per ns². */
  readonly slope: number;
}

/**
 * Answers when a number of arrivals (a fraction is one, too) is due, in ns after the start. Asked
 * with numbers that never fall, it looks at each stretch once.
 * @param points ascending times, positive rates
 */
export function rateClock(points: readonly RatePoint[]): (arrivals: number) => number {
  const stretches = stretchesOf(points);
  let index = 0;
  return (arrivals) => {
    while (arrivals > stretches[index]!.toArrivals) index++;
    const { fromNs, fromArrivals, perNs, slope } = stretches[index]!;
    const missing = arrivals - fromArrivals;
    // The root of perNs·x + slope·x²/2 = missing that does not cancel where the slope is small.
    return fromNs + (2 * missing) / (perNs + Math.sqrt(perNs * perNs + 2 * slope * missing));
  };
}

function stretchesOf(points: readonly RatePoint[]): readonly Stretch[] {
  const [first] = points;
  const last = points.at(-1);
  assert(first !== undefined && last !== undefined, "a rate has at least one point");
  const all = first.atNs > 0 ? [{ atNs: 0, perS: first.perS }, ...points] : points;

  const stretches: Stretch[] = [];
  let arrivals = 0;
  for (let i = 0; i + 1 < all.length; i++) {
    const [a, b] = [all[i]!, all[i + 1]!];
    const lengthNs = b.atNs - a.atNs;
    assert(lengthNs > 0, "the points of a rate ascend");
    const fromArrivals = arrivals;
    arrivals += (((a.perS + b.perS) / 2) * lengthNs) / NS_PER_S;
    stretches.push({
      fromNs: a.atNs,
      fromArrivals,
      toArrivals: arrivals,
      perNs: a.perS / NS_PER_S,
      slope: (b.perS - a.perS) / lengthNs / NS_PER_S,
    });
  }
  stretches.push({
    fromNs: last.atNs,
    fromArrivals: arrivals,
    toArrivals: Number.POSITIVE_INFINITY,
    perNs: last.perS / NS_PER_S,
    slope: 0,
  });
  return stretches;
}
