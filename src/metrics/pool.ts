// Several numbers a request, pooled: the gaps between chunks, which are as many as the tokens of a
// run. Kept exactly up to a limit, then folded into a histogram, so that a long run stays small.

import { buffersOf, Column, type ColumnData, visitBlocks } from "./column.ts";
import { Histogram, type HistogramData } from "./histogram.ts";

/** Values that one pool keeps exactly: 64 MiB of them at most. */
export const POOL_VALUES_MAX = 8 * 1024 * 1024;

/** Either all values, or their histogram. */
export interface PoolData {
  /** How many values each request had, in the order of the columns beside it. */
  readonly lengths: ColumnData;
  readonly values: ColumnData;
  readonly histogram: HistogramData | undefined;
}

export class Pool {
  readonly #limit: number;
  #lengths = new Column();
  #values = new Column();
  #histogram: Histogram | undefined;

  constructor(limit = POOL_VALUES_MAX) {
    this.#limit = limit;
  }

  push(values: Float64Array): void {
    this.#lengths.push(values.length);
    if (this.#histogram === undefined && this.#values.length + values.length > this.#limit) {
      this.#histogram = new Histogram();
      recordColumn(this.#histogram, this.#values.data());
      this.#values = new Column();
    }
    if (this.#histogram === undefined) this.#values.pushAll(values);
    else this.#histogram.recordAll(values);
  }

  data(): PoolData {
    return {
      lengths: this.#lengths.data(),
      values: this.#values.data(),
      histogram: this.#histogram?.data(),
    };
  }
}

/** One histogram of several pools; undefined when all of them kept their values. */
export function mergedHistogram(pools: readonly PoolData[]): HistogramData | undefined {
  if (pools.every((pool) => pool.histogram === undefined)) return undefined;
  const merged = new Histogram();
  for (const pool of pools) {
    if (pool.histogram !== undefined) merged.add(pool.histogram);
    recordColumn(merged, pool.values);
  }
  return merged.data();
}

/** Records all values of a column. */
export function recordColumn(histogram: Histogram, column: ColumnData): void {
  visitBlocks(column, (values) => histogram.recordAll(values));
}

export function poolBuffers(pool: PoolData): ArrayBuffer[] {
  const counts = pool.histogram === undefined ? [] : [pool.histogram.counts.buffer];
  return [...buffersOf(pool.lengths), ...buffersOf(pool.values), ...counts];
}
