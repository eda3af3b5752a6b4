// A stretch of a column, as small as its values allow and not one bit less: most are times within
// some seconds of each other, counts, or a handful of figures that come again and again. A million
// requests of forty metrics are 70 MB so, and would be 320 MB as doubles.

export interface Chunk {
  readonly length: number;
  /** What all values are, where there are no codes; else what whole numbers count from. */
  readonly base: number;
  /** Doubles as they are; or whole numbers, of which the largest stands for an absent value. */
  readonly codes:
    | Uint8Array<ArrayBuffer>
    | Uint16Array<ArrayBuffer>
    | Uint32Array<ArrayBuffer>
    | Float64Array<ArrayBuffer>
    | undefined;
  /** What codes stand for, where they do not count. */
  readonly meanings: Float64Array<ArrayBuffer> | undefined;
}

/** Values that a chunk of a growing column has. */
export const CHUNK_VALUES = 4096;
const MEANINGS_MAX = 255;
const SIZES = [Uint8Array, Uint16Array, Uint32Array] as const;

/** The chunk of `values[from, to)`, which it does not keep. */
export function encodeChunk(values: Float64Array, from: number, to: number): Chunk {
  const length = to - from;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let absent = 0;
  let broken = 0;
  for (let i = from; i < to; i++) {
    const value = values[i]!;
    if (Number.isNaN(value)) absent++;
    else {
      if (value < min) min = value;
      if (value > max) max = value;
      if (Math.floor(value) !== value) broken++;
    }
  }
  if (absent === length) return constantChunk(length, Number.NaN);
  const isSigned = min <= 0 && max >= 0 && hasNegativeZero(values, from, to);
  if (min === max && absent === 0 && !isSigned) return constantChunk(length, min);
  const isWhole = broken === 0 && !isSigned && -min <= SAFE && max <= SAFE;
  if (isWhole && max - min < absentCode(4)) return counted(values, from, to, min, max);
  // A map takes both zeros for one.
  return (isSigned ? undefined : named(values, from, to)) ?? asIs(values.slice(from, to));
}

const SAFE = Number.MAX_SAFE_INTEGER;

function constantChunk(length: number, base: number): Chunk {
  return { length, base, codes: undefined, meanings: undefined };
}

/** Adding to a base would lose the sign. */
function hasNegativeZero(values: Float64Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (values[i] === 0 && Object.is(values[i], -0)) return true;
  return false;
}

/** Loops see this one kind of array; the system's own copying narrows and widens. */
const wide = new Uint32Array(CHUNK_VALUES);

/** Whole numbers, counted from the least. */
function counted(values: Float64Array, from: number, to: number, min: number, max: number): Chunk {
  const length = to - from;
  const all = length <= CHUNK_VALUES ? wide : new Uint32Array(length);
  for (let i = 0; i < length; i++) {
    const value = values[from + i]!;
    all[i] = Number.isNaN(value) ? absentCode(4) : value - min;
  }
  const used = all.subarray(0, length);
  const Size = SIZES.find((size) => max - min < absentCode(size.BYTES_PER_ELEMENT))!;
  return { length, base: min, codes: new Size(used), meanings: undefined };
}

/** Values as they are, without a copy. */
export function asIs(values: Float64Array<ArrayBuffer>): Chunk {
  return { length: values.length, base: 0, codes: values, meanings: undefined };
}

/** Few different values, each with a code of its own; undefined when there are many. */
function named(values: Float64Array, from: number, to: number): Chunk | undefined {
  const codes = new Uint8Array(to - from);
  const known = new Map<number, number>();
  for (let i = from; i < to; i++) {
    const value = values[i]!;
    let code = known.get(value);
    if (code === undefined) {
      if (known.size === MEANINGS_MAX) return undefined;
      known.set(value, (code = known.size));
    }
    codes[i - from] = code;
  }
  return { length: to - from, base: 0, codes, meanings: Float64Array.from(known.keys()) };
}

function absentCode(bytes: number): number {
  return 2 ** (8 * bytes) - 1;
}

/** One value of a chunk. */
export function valueAt({ base, codes, meanings }: Chunk, at: number): number {
  if (codes === undefined) return base;
  const code = codes[at]!;
  if (meanings !== undefined) return meanings[code]!;
  if (codes instanceof Float64Array) return code;
  return code === absentCode(codes.BYTES_PER_ELEMENT) ? Number.NaN : base + code;
}

/** Writes all values of a chunk from a place on. */
export function decodeChunk(chunk: Chunk, to: Float64Array, at: number): void {
  const { length, base, codes, meanings } = chunk;
  if (codes === undefined) to.fill(base, at, at + length);
  else if (codes instanceof Float64Array) to.set(codes, at);
  else if (meanings !== undefined) {
    for (let i = 0; i < length; i++) to[at + i] = meanings[codes[i]!]!;
  } else {
    const none = absentCode(codes.BYTES_PER_ELEMENT);
    const all = length <= CHUNK_VALUES ? wide : new Uint32Array(length);
    all.set(codes);
    for (let i = 0; i < length; i++) {
      const code = all[i]!;
      to[at + i] = code === none ? Number.NaN : base + code;
    }
  }
}

/** Whether two chunks have the same values in the same form. */
export function areSame(a: Chunk, b: Chunk): boolean {
  if (a.length !== b.length || !Object.is(a.base, b.base)) return false;
  return areEqual(a.codes, b.codes) && areEqual(a.meanings, b.meanings);
}

function areEqual(a: Chunk["codes"], b: Chunk["codes"]): boolean {
  if (a === undefined || b === undefined) return a === b;
  if (a.BYTES_PER_ELEMENT !== b.BYTES_PER_ELEMENT || a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
}
