// Statistics of a value that holds for a while, then changes: every stretch weighs as much as it
// lasts. One pass finds everything but the quantiles, and for those the slots in which they lie;
// a second pass over the same stretches, if there is time for one, finds them exactly.

import { Column, flatten } from "./column.ts";
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
  #looked: Looked | undefined;

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
  }

  /** Takes in a stretch in which there was nothing to do. */
  rest(weight: number): void {
    this.#rested += weight;
  }

  /** Takes all values in a second time, after the last {@link add}, for exact quantiles. */
  look(value: number, weight: number): void {
    if (!(weight > 0)) return;
    this.#looked ??= new Looked(
      QUANTILES.flatMap(([, share]) => [0, this.#rested].map((r) => this.#slotAt(share, r).slot)),
    );
    this.#looked.add(value, weight);
  }

  /**
   * The statistics; undefined when no time passed. A quantile is the smallest value that is not
   * exceeded for its share of the time; without a second look it is off by 0.05 % at most.
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
    const found = this.#looked?.in(slot);
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

/** The values of a few slots, each with its weight. */
class Looked {
  /** For each slot the number of its columns, from 1; 0 for one that nobody wants. */
  readonly #wanted = new Uint8Array(SLOTS);
  readonly #columns: { readonly values: Column; readonly weights: Column }[] = [];

  constructor(slots: readonly number[]) {
    for (const slot of new Set(slots)) {
      if (slot === REST) continue;
      this.#wanted[slot] = this.#columns.push({ values: new Column(), weights: new Column() });
    }
  }

  add(value: number, weight: number): void {
    const wanted = this.#wanted[slotOf(value)]!;
    if (wanted === 0) return;
    const { values, weights } = this.#columns[wanted - 1]!;
    values.push(value);
    weights.push(weight);
  }

  in(slot: number): { readonly values: Float64Array<ArrayBuffer>; readonly weights: Float64Array } {
    const { values, weights } = this.#columns[this.#wanted[slot]! - 1]!;
    return { values: flatten([values.data()]), weights: flatten([weights.data()]) };
  }
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
