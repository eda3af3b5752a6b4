// The values of a sample in ascending order, of which a summary asks for some twenty. A small sample
// is sorted. Of a large one it is counted how many values lie in each of some thousand stretches, and
// only the stretches that are asked for are sorted: two passes, where sorting takes twenty.
//
// What tells the stretches apart are the upper bits of a double, which ascend as the values do: the
// power of two and the first digits, so that a few values far off leave the others room.

import { assert } from "#core";
import { sumOf } from "./sum.ts";

/** Fewer values are sorted. */
const MANY = 4096;
const STRETCHES_BITS = 14;
const STRETCHES = 1 << STRETCHES_BITS;
const UNASKED = -1;

export class Sample {
  /** In no order that matters; they are moved. */
  readonly values: Float64Array;
  #isSorted = false;
  #cut: Cut | undefined;
  #sum = Number.NaN;

  /** @param values none of them NaN */
  constructor(values: Float64Array) {
    this.values = values;
  }

  get count(): number {
    return this.values.length;
  }

  /** To be asked for before ranks are: of values in another order it may differ in its last digit. */
  get sum(): number {
    if (Number.isNaN(this.#sum)) this.#sum = sumOf(this.values);
    return this.#sum;
  }

  /** The value that so many others do not exceed. Ranks that are known beforehand are found faster. */
  at(rank: number): number {
    assert(rank >= 0 && rank < this.count, "a rank is a place in the sample");
    this.seek([rank]);
    return this.#cut === undefined ? this.values[rank]! : this.#cut.at(rank);
  }

  /** Finds what is at some ranks; those that the sample does not have are passed over. */
  seek(ranks: readonly number[]): void {
    if (this.#isSorted) return;
    this.#cut ??= this.count < MANY ? undefined : cutOf(this.values);
    if (this.#cut === undefined) {
      this.values.sort();
      this.#isSorted = true;
    } else this.#cut.seek(ranks.filter((rank) => rank >= 0 && rank < this.count));
  }
}

/** A sample cut into stretches; undefined where its values cannot be told apart so. */
function cutOf(values: Float64Array): Cut | undefined {
  const words = upperWords(values);
  let low = words[1]!;
  let high = low;
  for (let at = 1; at < words.length; at += 2) {
    const word = words[at]!;
    if (word < low) low = word;
    if (word > high) high = word;
  }
  // The bits of negative numbers, -0 among them, descend.
  if (low < 0 || low === high) return undefined;
  return new Cut(values, low, Math.max(0, 32 - Math.clz32(high - low) - STRETCHES_BITS));
}

/** Pairs of words, of which the second is the upper one on all machines that Bun runs on. */
function upperWords(values: Float64Array): Int32Array {
  return new Int32Array(values.buffer, values.byteOffset, 2 * values.length);
}

class Cut {
  readonly #values: Float64Array;
  readonly #words: Int32Array;
  readonly #low: number;
  readonly #shift: number;
  /** How many values lie before each stretch, and in all. */
  readonly #before = new Uint32Array(STRETCHES + 1);
  readonly #sought = new Map<number, Sample>();

  constructor(values: Float64Array, low: number, shift: number) {
    this.#values = values;
    this.#words = upperWords(values);
    this.#low = low;
    this.#shift = shift;
    this.#count();
  }

  #count(): void {
    const before = this.#before;
    const words = this.#words;
    const low = this.#low;
    const shift = this.#shift;
    for (let at = 1; at < words.length; at += 2) before[((words[at]! - low) >>> shift) + 1]!++;
    for (let stretch = 1; stretch <= STRETCHES; stretch++) before[stretch]! += before[stretch - 1]!;
  }

  at(rank: number): number {
    const stretch = this.#stretchOf(rank);
    return this.#sought.get(stretch)!.at(rank - this.#before[stretch]!);
  }

  seek(ranks: readonly number[]): void {
    const asked = Map.groupBy(ranks, (rank) => this.#stretchOf(rank));
    const unknown = [...asked.keys()].filter((stretch) => !this.#sought.has(stretch));
    if (unknown.length > 0) this.#collect(unknown);
    for (const [stretch, inside] of asked) {
      const before = this.#before[stretch]!;
      this.#sought.get(stretch)!.seek(inside.map((rank) => rank - before));
    }
  }

  /** The last stretch before which there are no more values than the rank has. */
  #stretchOf(rank: number): number {
    let [from, to] = [0, STRETCHES];
    while (to - from > 1) {
      const middle = (from + to) >> 1;
      if (this.#before[middle]! <= rank) from = middle;
      else to = middle;
    }
    return from;
  }

  /** Lays out the values of some stretches. */
  #collect(stretches: readonly number[]): void {
    const places = new Int32Array(STRETCHES).fill(UNASKED);
    let length = 0;
    for (const stretch of stretches) {
      places[stretch] = length;
      length += this.#before[stretch + 1]! - this.#before[stretch]!;
    }
    const found = new Float64Array(length);
    const values = this.#values;
    const words = this.#words;
    const low = this.#low;
    const shift = this.#shift;
    for (let i = 0; i < values.length; i++) {
      const stretch = (words[2 * i + 1]! - low) >>> shift;
      const place = places[stretch]!;
      if (place === UNASKED) continue;
      found[place] = values[i]!;
      places[stretch] = place + 1;
    }
    for (const stretch of stretches) {
      const size = this.#before[stretch + 1]! - this.#before[stretch]!;
      const to = places[stretch]!;
      this.#sought.set(stretch, new Sample(found.subarray(to - size, to)));
    }
  }
}
