// A histogram of nanoseconds for samples too large to keep. Every power of two is cut into equal
// slots, as in Gil Tene's HdrHistogram, so the middle of a slot is never further from a value of
// it than 0.05 %:
//
//     values   0 .. 2047   2048 .. 4095   4096 .. 8191   ...   up to 2^53
//     width    1           2              4

const SUB_BITS = 10;
const SUB = 1 << SUB_BITS;
const SLOTS = (53 - SUB_BITS + 1) * SUB;
/** Values that are summed up together. */
const BLOCK = 4096;

/** Largest relative error of a quantile. */
export const HISTOGRAM_ERROR = 0.5 / SUB;

export interface HistogramData {
  readonly counts: Float64Array<ArrayBuffer>;
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  /** Sum of squared distances from the mean. */
  readonly squares: number;
}

export class Histogram {
  readonly #counts = new Float64Array(SLOTS);
  #count = 0;
  #mean = 0;
  #squares = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;

  record(value: number): void {
    this.#counts[slotOf(value)]!++;
    this.#count++;
    // Welford's update: the variance of a billion values needs no second pass.
    const distance = value - this.#mean;
    this.#mean += distance / this.#count;
    this.#squares += distance * (value - this.#mean);
    this.#min = Math.min(this.#min, value);
    this.#max = Math.max(this.#max, value);
  }

  /** The same as recording each value, and much faster for many: no value divides anything. */
  recordAll(values: Float64Array): void {
    for (let from = 0; from < values.length; from += BLOCK)
      this.#block(values, from, Math.min(values.length, from + BLOCK));
  }

  #block(values: Float64Array, from: number, to: number): void {
    const counts = this.#counts;
    let sum = 0;
    let min = Number.POSITIVE_INFINITY;
    let max = Number.NEGATIVE_INFINITY;
    for (let i = from; i < to; i++) {
      const value = values[i]!;
      counts[slotOf(value)]!++;
      sum += value;
      if (value < min) min = value;
      if (value > max) max = value;
    }
    const mean = sum / (to - from);
    let squares = 0;
    for (let i = from; i < to; i++) {
      const distance = values[i]! - mean;
      squares += distance * distance;
    }
    this.#join({ count: to - from, sum, min, max, squares });
  }

  /** Adds another histogram. */
  add(other: HistogramData): void {
    if (other.count === 0) return;
    for (let slot = 0; slot < SLOTS; slot++) this.#counts[slot]! += other.counts[slot]!;
    this.#join(other);
  }

  /** Takes in what is known of other values beside their slots: Chan's formula for the variance. */
  #join(other: Omit<HistogramData, "counts">): void {
    const count = this.#count + other.count;
    const distance = other.sum / other.count - this.#mean;
    this.#mean += (distance * other.count) / count;
    this.#squares += other.squares + (distance * distance * this.#count * other.count) / count;
    this.#count = count;
    this.#min = Math.min(this.#min, other.min);
    this.#max = Math.max(this.#max, other.max);
  }

  data(): HistogramData {
    return {
      counts: this.#counts,
      count: this.#count,
      sum: this.#mean * this.#count,
      min: this.#min,
      max: this.#max,
      squares: this.#squares,
    };
  }
}

/** The value at a rank, from 0, among all values sorted ascending. */
export function valueAtRank(data: HistogramData, rank: number): number {
  let seen = 0;
  let slot = 0;
  while (slot < SLOTS && (seen += data.counts[slot]!) <= rank) slot++;
  return Math.min(data.max, Math.max(data.min, slotMiddle(slot)));
}

function slotOf(value: number): number {
  // Whole numbers of 31 bits, which most times are, need no doubles.
  const bits = value | 0;
  if (bits === value && bits >= 0) {
    const shift = Math.max(0, 31 - SUB_BITS - Math.clz32(bits));
    return shift * SUB + (bits >>> shift);
  }
  const whole = Math.max(0, Math.round(value));
  if (whole < 2 * SUB) return whole;
  const high = Math.floor(whole / 2 ** 32);
  const exponent = high > 0 ? 63 - Math.clz32(high) : 31 - Math.clz32(whole);
  const shift = exponent - SUB_BITS;
  return shift * SUB + Math.floor(whole / 2 ** shift);
}

function slotMiddle(slot: number): number {
  const shift = Math.max(0, Math.floor(slot / SUB) - 1);
  return (slot - shift * SUB) * 2 ** shift + (2 ** shift - 1) / 2;
}
