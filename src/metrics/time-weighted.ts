// Statistics of a value that holds for a while, then changes: every stretch weighs as much as it
// lasts. Everything but the quantiles is summed up on the way, and for those the slots in which they
// lie; where the stretches are few enough to be kept, those in the slot say them exactly.

import { ascendingOrder } from "./order.ts";
import type { MetricStats } from "./statistics.ts";

const QUANTILES = [
  ["p50", 0.5],
  ["p90", 0.9],
  ["p95", 0.95],
  ["p99", 0.99],
] as const;

/** Rounding must not push a quantile that is exactly on an edge to the next value. */
const SHARE_SLACK = 1e-12;

// A slot is what values from 2^-10 to 2^40 share of their exponent and ten bits of their fraction.
const FRACTION_BITS = 10;
const EXPONENT_MIN = 1023 - 10;
const SLOTS = 50 << FRACTION_BITS;
/** Below all slots: the zeros of the time of rest. */
const REST = -1;

const double = new Float64Array(1);
const halves = new Uint32Array(double.buffer);

export class TimeWeighted {
  readonly #weights = new Float64Array(SLOTS);
  #total = 0;
  /** Sums of the distances from the first value: a constant value has none, to the last bit. */
  #origin = Number.NaN;
  #distances = 0;
  #squares = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;
  /** Time in which the value was zero because there was nothing to do. */
  #rested = 0;
  readonly #kept: Kept | undefined;

  /** @param isExact keeps every stretch, 16 bytes each, so that quantiles are exact */
  constructor(isExact = false) {
    this.#kept = isExact ? new Kept() : undefined;
  }

  /** Takes a value in that held for `weight`. */
  add(value: number, weight: number): void {
    if (!(weight > 0)) return;
    if (this.#total === 0) this.#origin = value;
    const distance = value - this.#origin;
    const weighted = weight * distance;
    this.#total += weight;
    this.#distances += weighted;
    this.#squares += weighted * distance;
    if (value < this.#min) this.#min = value;
    if (value > this.#max) this.#max = value;
    this.#weights[slotOf(value)]! += weight;
    this.#kept?.add(value, weight);
  }

  /** Takes in a stretch in which there was nothing to do. */
  rest(weight: number): void {
    this.#rested += weight;
  }

  /**
   * The statistics; undefined when no time passed. A quantile is the smallest value that is not
   * exceeded for its share of the time; where stretches are not kept it is off by 0.05 % at most.
   * @param activeOnly leaves out the time of rest, which else counts as zeros
   */
  stats({ activeOnly }: { activeOnly?: boolean | undefined } = {}): MetricStats | undefined {
    const rested = activeOnly ? 0 : this.#rested;
    const total = this.#total + rested;
    if (total === 0) return undefined;
    const active = this.#active();
    // Chan's formula, with zeros for the other sample. Rounding may leave less than nothing.
    const between = active.mean * active.mean * this.#total * (rested / total);
    return {
      avg: active.mean * (this.#total / total),
      ...Object.fromEntries(QUANTILES.map(([key, share]) => [key, this.#quantile(share, rested)])),
      min: rested > 0 ? Math.min(0, this.#min) : this.#min,
      max: rested > 0 ? Math.max(0, this.#max) : this.#max,
      std: Math.sqrt(Math.max(0, active.squares + between) / total),
    };
  }

  /** The mean, and the weighted squares of the distances from it, without the time of rest. */
  #active(): { readonly mean: number; readonly squares: number } {
    if (this.#total === 0) return { mean: 0, squares: 0 };
    const shift = this.#distances / this.#total;
    return { mean: this.#origin + shift, squares: this.#squares - this.#distances * shift };
  }

  #quantile(share: number, rested: number): number {
    const { slot, before } = this.#slotAt(share, rested);
    if (slot === REST) return 0;
    const found = this.#kept?.in(slot);
    if (found === undefined) return Math.min(this.#max, Math.max(this.#min, slotMiddle(slot)));
    const { values, weights } = found;
    let seen = before;
    let last = this.#max;
    const order = ascendingOrder(values);
    for (let i = 0; i < order.length; i++) {
      const index = order[i]!;
      last = values[index]!;
      seen += weights[index]!;
      if (seen >= this.#wanted(share, rested)) break;
    }
    return last;
  }

  /** The slot of a quantile, and the weight of all that is below it. */
  #slotAt(share: number, rested: number): { readonly slot: number; readonly before: number } {
    const wanted = this.#wanted(share, rested);
    if (rested >= wanted) return { slot: REST, before: 0 };
    let before = rested;
    const last = slotOf(this.#max);
    for (let slot = slotOf(this.#min); slot <= last; slot++) {
      const weight = this.#weights[slot]!;
      if (weight > 0 && before + weight >= wanted) return { slot, before };
      before += weight;
    }
    return { slot: last, before: before - this.#weights[last]! };
  }

  #wanted(share: number, rested: number): number {
    return (share - SHARE_SLACK) * (this.#total + rested);
  }
}

const FIRST_KEPT = 64;

/** All values, each with its weight. */
class Kept {
  #values = new Float64Array(FIRST_KEPT);
  #weights = new Float64Array(FIRST_KEPT);
  #count = 0;
  readonly #bySlot = new Map<number, Held>();

  add(value: number, weight: number): void {
    if (this.#count === this.#values.length) this.#grow();
    this.#values[this.#count] = value;
    this.#weights[this.#count++] = weight;
  }

  /** Those of a slot, in the order in which they came; after the last {@link add}. */
  in(slot: number): Held {
    let held = this.#bySlot.get(slot);
    if (held === undefined) this.#bySlot.set(slot, (held = this.#find(slot)));
    return held;
  }

  #find(slot: number): Held {
    const values = new Float64Array(this.#count);
    const weights = new Float64Array(this.#count);
    let found = 0;
    for (let i = 0; i < this.#count; i++) {
      const value = this.#values[i]!;
      if (slotOf(value) !== slot) continue;
      values[found] = value;
      weights[found++] = this.#weights[i]!;
    }
    return { values: values.slice(0, found), weights: weights.slice(0, found) };
  }

  #grow(): void {
    const [values, weights] = [this.#values, this.#weights];
    this.#values = new Float64Array(4 * values.length);
    this.#weights = new Float64Array(4 * weights.length);
    this.#values.set(values);
    this.#weights.set(weights);
  }
}

/** Values, each with its weight. */
interface Held {
  readonly values: Float64Array<ArrayBuffer>;
  readonly weights: Float64Array;
}

function slotOf(value: number): number {
  double[0] = value;
  // The upper half of the bits; all machines that Bun runs on put it last.
  const slot = (halves[1]! >>> (20 - FRACTION_BITS)) - (EXPONENT_MIN << FRACTION_BITS);
  return Math.min(SLOTS - 1, Math.max(0, slot));
}

function slotMiddle(slot: number): number {
  halves[0] = 0;
  halves[1] = ((slot + (EXPONENT_MIN << FRACTION_BITS)) << (20 - FRACTION_BITS)) | (1 << 9);
  return slot === 0 ? 0 : double[0]!;
}
