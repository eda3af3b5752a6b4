// How far a percentile of one run can be trusted: the interval between two of the run's own values
// that covers the true percentile with 95 %, whatever the distribution. How many of n values lie
// below a percentile is binomial, so the interval's ends are places in the sorted sample (David and
// Nagaraja, "Order Statistics", 7.1). Requests are taken to be independent of each other.

import { assert } from "#core";
import type { Sample } from "./sample.ts";

export const CONFIDENCE_LEVEL = 0.95;

/** The percentiles that get an interval. */
export const SURE_PERCENTILES = [50, 90, 99] as const;

/** In the metric's display unit; an end is undefined where the sample is too small to know it. */
export interface Interval {
  readonly low: number | undefined;
  readonly high: number | undefined;
}

export type Confidence = {
  readonly [Key in `p${(typeof SURE_PERCENTILES)[number]}`]: Interval;
};

/** Places, from 0, of the values between which a percentile lies; undefined where there is none. */
export interface Places {
  readonly low: number | undefined;
  readonly high: number | undefined;
}

/** The interval's ends for a sample of `count` values. */
export function intervalPlaces(count: number, percent: number): Places {
  assert(count > 0 && percent > 0 && percent < 100, "a percentile lies between values");
  const tail = (1 - CONFIDENCE_LEVEL) / 2;
  const { first, shares } = binomial(count, percent / 100);
  // The lower end is the highest place k that leaves at most `tail` to fewer than k + 1 below it.
  let below = 0;
  let low = first - 1;
  for (let i = 0; i < shares.length; i++) {
    below += shares[i]!;
    if (below > tail) break;
    low = first + i;
  }
  let above = 0;
  let high = first + shares.length - 1;
  for (let i = shares.length - 1; i >= 0; i--) {
    above += shares[i]!;
    if (above > tail) break;
    high = first + i - 1;
  }
  return { low: low < 0 ? undefined : low, high: high >= count ? undefined : high };
}

/** Fewest values of which a percentile has an upper end. */
export function countNeeded(percent: number): number {
  return Math.ceil(Math.log((1 - CONFIDENCE_LEVEL) / 2) / Math.log(percent / 100));
}

/** The intervals of a sample, their ends divided by `divisor`; undefined of an empty one. */
export function confidenceOf(sample: Sample, divisor: number): Confidence | undefined {
  const { count } = sample;
  if (count === 0) return undefined;
  const places = SURE_PERCENTILES.map((percent) => placesFor(count, percent));
  sample.seek(places.flatMap(({ low, high }) => [low ?? [], high ?? []].flat()));
  const at = (place: number | undefined): number | undefined =>
    place === undefined ? undefined : sample.at(place) / divisor;
  return Object.fromEntries(
    SURE_PERCENTILES.map((percent, i) => [
      `p${percent}`,
      { low: at(places[i]!.low), high: at(places[i]!.high) },
    ]),
  ) as Confidence;
}

/** Most metrics of a run have the same number of values. */
const known = new Map<string, Places>();
const KNOWN_MAX = 256;

function placesFor(count: number, percent: number): Places {
  const key = `${count} ${percent}`;
  let places = known.get(key);
  if (places === undefined) {
    if (known.size >= KNOWN_MAX) known.clear();
    known.set(key, (places = intervalPlaces(count, percent)));
  }
  return places;
}

/** More than this many standard deviations from the mean there is nothing that a double would show. */
const DEVIATIONS = 12;

/** The chances of `first`, `first` + 1, … successes: neighbours' ratios, scaled to a sum of 1. */
function binomial(count: number, chance: number): { first: number; shares: Float64Array } {
  const mean = count * chance;
  const reach = Math.ceil(DEVIATIONS * Math.sqrt(mean * (1 - chance))) + DEVIATIONS;
  const first = Math.max(0, Math.floor(mean) - reach);
  const last = Math.min(count, Math.floor(mean) + reach);
  const shares = new Float64Array(last - first + 1);
  const top = Math.floor(mean) - first;
  shares[top] = 1;
  const odds = chance / (1 - chance);
  for (let i = top + 1; i < shares.length; i++) {
    shares[i] = (shares[i - 1]! * odds * (count - (first + i) + 1)) / (first + i);
  }
  for (let i = top - 1; i >= 0; i--) {
    shares[i] = (shares[i + 1]! * (first + i + 1)) / (odds * (count - (first + i)));
  }
  const sum = shares.reduce((total, share) => total + share, 0);
  return { first, shares: shares.map((share) => share / sum) };
}
