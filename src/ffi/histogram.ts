// Counts of values with a fixed relative error and a fixed size: what the live view, merges across
// shards and exports use where keeping every value would not fit.

import { assert } from "#core";
import { decodeHistogram, encodeHistogram } from "./histogram/encoding.ts";
import {
  type HistogramEngine,
  javascriptEngine,
  nativeEngine,
  recordOne,
} from "./histogram/engine.ts";
import {
  AT,
  greatestOf,
  HEADER_SLOTS,
  type Layout,
  layoutOf,
  leastOf,
  NANOSECONDS,
  type Resolution,
  readHeader,
  writeHeader,
} from "./histogram/layout.ts";

let engineInUse: HistogramEngine | undefined;

function defaultEngine(): HistogramEngine {
  engineInUse ??= nativeEngine() ?? javascriptEngine;
  return engineInUse;
}

export class Histogram {
  /** Header and counts; may lie in shared memory, where one thread writes and any may read. */
  readonly memory: Float64Array;
  readonly #layout: Layout;
  readonly #engine: HistogramEngine;

  private constructor(memory: Float64Array, layout: Layout, engine: HistogramEngine) {
    this.memory = memory;
    this.#layout = layout;
    this.#engine = engine;
  }

  /** An empty histogram of a resolution, nanoseconds up to a day unless another is given. */
  static create(resolution: Resolution = NANOSECONDS, engine = defaultEngine()): Histogram {
    const layout = layoutOf(resolution);
    const memory = new Float64Array(HEADER_SLOTS + layout.slots);
    writeHeader(memory, layout);
    return new Histogram(memory, layout, engine);
  }

  /** An empty one that other threads can see: hand them its `memory`, for {@link Histogram.over}. */
  static createShared(resolution: Resolution = NANOSECONDS, engine = defaultEngine()): Histogram {
    const layout = layoutOf(resolution);
    const bytes = new SharedArrayBuffer(8 * (HEADER_SLOTS + layout.slots));
    const memory = new Float64Array(bytes);
    writeHeader(memory, layout);
    return new Histogram(memory, layout, engine);
  }

  /** The histogram in memory that another one has made. */
  static over(memory: Float64Array, engine = defaultEngine()): Histogram {
    return new Histogram(memory, readHeader(memory), engine);
  }

  /**
   * Reads base64 of HdrHistogram's V2 compressed encoding.
   * @throws E_HISTOGRAM when the text is none
   */
  static decode(base64: string, engine = defaultEngine()): Histogram {
    const { layout, counts } = decodeHistogram(base64);
    const histogram = Histogram.create(layout, engine);
    for (const [slot, count] of counts) {
      histogram.memory[HEADER_SLOTS + slot] = count;
      histogram.memory[AT.total]! += count;
    }
    return histogram;
  }

  /** Writes base64 of HdrHistogram's V2 compressed encoding. */
  encode(): string {
    return encodeHistogram(this.memory, this.#layout);
  }

  /** What this histogram tells apart. */
  get resolution(): Resolution {
    const { lowest, highest, digits } = this.#layout;
    return { lowest, highest, digits };
  }

  /** Counts a value, its fraction cut off; false when it is negative, NaN or beyond the last slot. */
  record(value: number): boolean {
    return recordOne(this.memory, this.#layout, value);
  }

  /** Counts many values at once; returns how many were left out. */
  recordAll(values: Float64Array): number {
    return this.#engine.record(this.memory, this.#layout, values);
  }

  /** Adds another histogram's counts; returns how many found no slot, 0 for equal resolutions. */
  merge(other: Histogram): number {
    return this.#engine.merge(this.memory, this.#layout, other.memory, other.#layout);
  }

  /** Forgets all values. */
  clear(): void {
    this.memory.fill(0, AT.total);
  }

  get count(): number {
    return this.memory[AT.total]!;
  }

  /**
   * The value that a percentage of all values does not exceed: HdrHistogram's definition, the
   * greatest value of the slot that holds the nearest rank. 0 when empty.
   * @param percent 0 to 100; 0 asks for the least value
   */
  percentile(percent: number): number {
    return this.percentiles([percent])[0]!;
  }

  /** Several percentiles; ascending ones cost one walk through the counts. */
  percentiles(percents: readonly number[]): Float64Array {
    assert(
      percents.every((percent) => percent >= 0 && percent <= 100),
      "a percentile is from 0 to 100",
    );
    const values = new Float64Array(percents.length);
    this.#engine.quantiles(this.memory, this.#layout, Float64Array.from(percents), values);
    return values;
  }

  /** The least value, as its slot's lower end. 0 when empty. */
  get min(): number {
    if (this.count === 0) return 0;
    let at = HEADER_SLOTS;
    while (this.memory[at] === 0) at++;
    return leastOf(this.#layout, at - HEADER_SLOTS);
  }

  /** The greatest value, as its slot's upper end. 0 when empty. */
  get max(): number {
    if (this.count === 0) return 0;
    let at = this.memory.length - 1;
    while (this.memory[at] === 0) at--;
    return greatestOf(this.#layout, at - HEADER_SLOTS);
  }

  /** Mean and standard deviation of the population, each value taken as its slot's middle. */
  moments(): { readonly mean: number; readonly stddev: number } {
    const moments = new Float64Array(2);
    this.#engine.moments(this.memory, this.#layout, moments);
    return { mean: moments[0]!, stddev: moments[1]! };
  }
}
