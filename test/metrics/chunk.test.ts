// Values come out of a chunk as they went in, to the last bit, and take the room that they need.

import { expect, test } from "bun:test";
import fc from "fast-check";
import { type Chunk, decodeChunk, encodeChunk, valueAt } from "../../src/metrics/chunk.ts";
import { buffersOf, Columns, flatten } from "../../src/metrics/column.ts";

function decoded(chunk: Chunk): Float64Array {
  const values = new Float64Array(chunk.length + 2);
  decodeChunk(chunk, values, 1);
  return values.slice(1, -1);
}

const edges = fc.constantFrom(
  ...[Number.NaN, 0, -0, 1, -1, 254, 255, 256, 65_534, 65_535, 2 ** 32 - 2, 2 ** 32 - 1, 2 ** 32],
  ...[Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER, 2 ** 60, 0.5],
  ...[Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.MAX_VALUE, Number.MIN_VALUE],
);
const samples = fc.oneof(
  fc.array(edges, { maxLength: 20 }),
  fc.array(fc.double(), { maxLength: 600 }),
  fc
    .tuple(fc.maxSafeInteger(), fc.array(fc.nat(), { maxLength: 600 }))
    .map(([base, steps]) => steps.map((step) => base + step)),
  fc.array(fc.constantFrom(0.1, 0.2, Number.NaN), { maxLength: 600 }),
);

test("what goes in comes out, whatever it is", () => {
  fc.assert(
    fc.property(samples, (sample) => {
      const values = Float64Array.from([7, ...sample, 7]);
      const chunk = encodeChunk(values, 1, values.length - 1);
      const expected = values.slice(1, -1);
      expect([...decoded(chunk)]).toEqual([...expected]);
      for (let i = 0; i < chunk.length; i++) expect(valueAt(chunk, i)).toBe(expected[i]!);
    }),
    { numRuns: 500 },
  );
});

const bytesOf = (make: (i: number) => number): number | undefined => {
  const chunk = encodeChunk(
    Float64Array.from({ length: 1000 }, (_, i) => make(i)),
    0,
    1000,
  );
  return chunk.codes?.BYTES_PER_ELEMENT;
};

test("each value takes as many bytes as the range of all asks for", () => {
  expect(bytesOf(() => 3)).toBeUndefined();
  expect(bytesOf(() => Number.NaN)).toBeUndefined();
  expect(bytesOf((i) => 5e15 + (i % 255))).toBe(1);
  expect(bytesOf((i) => (i % 2 === 0 ? Number.NaN : 5e15 + (i % 253)))).toBe(1);
  expect(bytesOf((i) => i)).toBe(2);
  expect(bytesOf((i) => i * 4_000_000)).toBe(4);
  expect(bytesOf((i) => i * 5_000_000)).toBe(8);
  expect(bytesOf((i) => (i % 200) / 3)).toBe(1);
  expect(bytesOf((i) => i / 3)).toBe(8);
});

test("columns of a table that are the same share their memory, and only those", () => {
  const columns = new Columns(4);
  const rows = Array.from({ length: 10_000 }, (_, i) => [i * 7, i * 7, i * 7 + 1, i / 3]);
  for (const row of rows) {
    for (const [column, value] of row.entries()) columns.cells[column * 4096 + columns.row] = value;
    columns.next();
  }
  const data = columns.data();
  for (const [column, one] of data.entries())
    expect(flatten([one])).toEqual(Float64Array.from(rows, (row) => row[column]!));
  const [first, second, third] = data.map((one) => new Set(buffersOf(one)));
  expect([...second!].filter((buffer) => first!.has(buffer)).length).toBe(3);
  expect([...third!].filter((buffer) => first!.has(buffer)).length).toBe(0);
});

test("rows that come later do not show in what was taken before", () => {
  const columns = new Columns(1);
  const push = (value: number) => {
    columns.cells[columns.row] = value;
    columns.next();
  };
  for (let i = 0; i < 5000; i++) push(i);
  const [before] = columns.data();
  for (let i = 0; i < 5000; i++) push(-i);
  expect(flatten([before!])).toEqual(Float64Array.from({ length: 5000 }, (_, i) => i));
});
