// One number a request, kept in chunks that never move: appending costs the same for the millionth
// value, and a finished column goes to another thread without a copy. A column whose values are all
// equal is the value and a count: most counts and many wire times never vary.

import { areSame, CHUNK_VALUES, type Chunk, decodeChunk, encodeChunk } from "./chunk.ts";

const FIRST_VALUES = 64;

/** A column at rest: `length` values, all of them `constant` when there are no chunks. */
export interface ColumnData {
  readonly length: number;
  readonly constant: number;
  readonly chunks: readonly Chunk[];
}

/** The same value for everyone; NaN where nobody has any. */
export function constantColumn(length: number, constant = Number.NaN): ColumnData {
  return { length, constant, chunks: [] };
}

/** A column of chunks. */
export function columnOf(chunks: readonly Chunk[]): ColumnData {
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const [first] = chunks;
  if (first === undefined) return constantColumn(0);
  const isConstant = chunks.every(
    ({ codes, base }) => codes === undefined && Object.is(base, first.base),
  );
  return isConstant ? constantColumn(length, first.base) : { length, constant: Number.NaN, chunks };
}

/** A column that grows by itself. */
export class Column {
  readonly #full: Chunk[] = [];
  #last = new Float64Array(FIRST_VALUES);
  #used = 0;

  get length(): number {
    return this.#full.length * CHUNK_VALUES + this.#used;
  }

  push(value: number): void {
    if (this.#used === this.#last.length) this.#makeRoom();
    this.#last[this.#used++] = value;
  }

  /** The same as pushing each value. */
  pushAll(values: Float64Array): void {
    for (let i = 0; i < values.length; i++) this.push(values[i]!);
  }

  /** The column as it is now; further values do not show in it. Its full chunks are not copies. */
  data(): ColumnData {
    const last = this.#used === 0 ? [] : [encodeChunk(this.#last, 0, this.#used)];
    return columnOf([...this.#full, ...last]);
  }

  #makeRoom(): void {
    if (this.#used < CHUNK_VALUES) {
      const grown = new Float64Array(Math.min(CHUNK_VALUES, 4 * this.#used));
      grown.set(this.#last);
      this.#last = grown;
      return;
    }
    this.#full.push(encodeChunk(this.#last, 0, CHUNK_VALUES));
    this.#used = 0;
  }
}

/** Columns that grow together, a row at a time. Those that are the same share their memory. */
export class Columns {
  readonly #count: number;
  readonly #full: Chunk[][];
  /** Column after column, {@link CHUNK_VALUES} values for each. */
  readonly cells: Float64Array<ArrayBuffer>;
  /** Where in `cells` the first value of the row at hand goes; those of other columns follow it. */
  row = 0;

  constructor(count: number) {
    this.#count = count;
    this.#full = Array.from({ length: count }, () => []);
    this.cells = new Float64Array(count * CHUNK_VALUES);
  }

  /** Ends the row, whose every cell is filled. */
  next(): void {
    if (++this.row < CHUNK_VALUES) return;
    for (const [column, chunk] of this.#chunks().entries()) this.#full[column]!.push(chunk);
    this.row = 0;
  }

  /** The columns as they are now; further rows do not show in them. */
  data(): readonly ColumnData[] {
    const last = this.row === 0 ? undefined : this.#chunks();
    return this.#full.map((full, column) => columnOf(last ? [...full, last[column]!] : full));
  }

  /** The rows that are not yet in chunks. */
  #chunks(): Chunk[] {
    const made: Chunk[] = [];
    for (let column = 0; column < this.#count; column++) {
      const from = column * CHUNK_VALUES;
      const chunk = encodeChunk(this.cells, from, from + this.row);
      const twin = chunk.codes && made.find((other) => areSame(chunk, other));
      made.push(twin ?? chunk);
    }
    return made;
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
      decodeChunk(chunk, values, place);
      place += chunk.length;
    }
    at += length;
  }
  return values;
}

/** Shows the values of a column, some thousands at a time, in room that the next ones overwrite. */
export function visitBlocks(
  { length, constant, chunks }: ColumnData,
  visit: (values: Float64Array) => void,
): void {
  const blocks =
    chunks.length > 0 || length === 0 ? chunks : [{ ...NO_CODES, length, base: constant }];
  const longest = blocks.reduce((most, chunk) => Math.max(most, chunk.length), 0);
  const room = new Float64Array(longest);
  for (const chunk of blocks) {
    decodeChunk(chunk, room, 0);
    visit(room.subarray(0, chunk.length));
  }
}

const NO_CODES = { codes: undefined, meanings: undefined };

/** The buffers that move with a column when it is posted to another thread. */
export function buffersOf(column: ColumnData): ArrayBuffer[] {
  return column.chunks.flatMap(({ codes, meanings }) => [
    ...(codes === undefined ? [] : [codes.buffer]),
    ...(meanings === undefined ? [] : [meanings.buffer]),
  ]);
}
