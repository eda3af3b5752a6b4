// One number a request, kept in chunks that never move: appending costs the same for the millionth
// value, and a finished column goes to another thread without a copy. A column whose values have
// all been equal so far keeps the value and a count: most counts and many wire times never vary.

const CHUNK_MIN = 256;
const CHUNK_MAX = 65_536;

/** A column at rest: `length` values, all of them `constant` when there are no chunks. */
export interface ColumnData {
  readonly length: number;
  readonly constant: number;
  readonly chunks: readonly Float64Array<ArrayBuffer>[];
}

export class Column {
  #length = 0;
  #constant = Number.NaN;
  #full: Float64Array<ArrayBuffer>[] = [];
  #chunk: Float64Array<ArrayBuffer> | undefined;
  #used = 0;

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#chunk === undefined) {
      if (this.#length === 0) this.#constant = value;
      if (Object.is(value, this.#constant)) {
        this.#length++;
        return;
      }
      this.#spread();
    }
    if (this.#used === this.#chunk!.length) this.#grow();
    this.#chunk![this.#used++] = value;
    this.#length++;
  }

  /** The same as pushing each value, and much faster for many. */
  pushAll(values: Float64Array): void {
    if (values.length === 0) return;
    if (this.#chunk === undefined) this.#spread();
    for (let at = 0; at < values.length; ) {
      if (this.#used === this.#chunk!.length) this.#grow();
      const some = values.subarray(at, at + this.#chunk!.length - this.#used);
      this.#chunk!.set(some, this.#used);
      this.#used += some.length;
      at += some.length;
    }
    this.#length += values.length;
  }

  /** The column as it is now; further values do not show in it. Its chunks are not copies. */
  data(): ColumnData {
    const { length } = this;
    if (this.#chunk === undefined) return { length, constant: this.#constant, chunks: [] };
    const last = this.#chunk.subarray(0, this.#used);
    return { length, constant: Number.NaN, chunks: [...this.#full, last] };
  }

  /** Ends the constant time: writes out what was only counted. */
  #spread(): void {
    this.#chunk = new Float64Array(Math.max(CHUNK_MIN, this.#length + 1)).fill(this.#constant);
    this.#used = this.#length;
  }

  #grow(): void {
    this.#full.push(this.#chunk!);
    this.#chunk = new Float64Array(Math.min(CHUNK_MAX, 2 * this.#used));
    this.#used = 0;
  }
}

/**
 * The values of several columns, one after another.
 * @param room where to put them, if it is large enough
 */
export function flatten(
  columns: readonly ColumnData[],
  room?: Float64Array<ArrayBuffer>,
): Float64Array<ArrayBuffer> {
  const length = columns.reduce((sum, column) => sum + column.length, 0);
  const fits = room !== undefined && length <= room.length;
  const values = fits ? room.subarray(0, length) : new Float64Array(length);
  let at = 0;
  for (const { length, constant, chunks } of columns) {
    if (chunks.length === 0) values.fill(constant, at, at + length);
    let place = at;
    for (const chunk of chunks) {
      values.set(chunk, place);
      place += chunk.length;
    }
    at += length;
  }
  return values;
}

/** The buffers that move with a column when it is posted to another thread. */
export function buffersOf(column: ColumnData): ArrayBuffer[] {
  return column.chunks.map((chunk) => chunk.buffer);
}
