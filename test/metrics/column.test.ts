import { expect, test } from "bun:test";
import fc from "fast-check";
import { buffersOf, Column, flatten, visitBlocks } from "../../src/metrics/column.ts";

function columnOf(values: Iterable<number>): Column {
  const column = new Column();
  for (const value of values) column.push(value);
  return column;
}

/** Often equal, sometimes not, sometimes absent: what columns hold. */
const cells = fc.array(
  fc.oneof(fc.constant(1), fc.constant(Number.NaN), fc.integer({ min: 0, max: 9 })),
  { maxLength: 2000 },
);

test("gives back what was put in", () => {
  fc.assert(
    fc.property(cells, cells, (left, right) => {
      const columns = [columnOf(left).data(), columnOf(right).data()];
      expect([...flatten(columns)]).toEqual([...left, ...right]);
    }),
  );
});

test("many at once are the same as one by one", () => {
  fc.assert(
    fc.property(cells, cells, cells, (before, many, after) => {
      const column = columnOf(before);
      column.pushAll(Float64Array.from(many));
      for (const value of after) column.push(value);
      expect(column.length).toBe(before.length + many.length + after.length);
      expect([...flatten([column.data()])]).toEqual([...before, ...many, ...after]);
      const shown: number[] = [];
      visitBlocks(column.data(), (values) => shown.push(...values));
      expect(shown).toEqual([...before, ...many, ...after]);
    }),
  );
});

test("equal values take no memory, however many they are", () => {
  const column = columnOf(Array.from({ length: 100_000 }, () => 7));
  expect(buffersOf(column.data())).toEqual([]);
  column.push(8);
  const values = flatten([column.data()]);
  expect([values.length, values[99_999], values[100_000]]).toEqual([100_001, 7, 8]);
});

test("values that are absent from all are no reason for memory either", () => {
  const column = columnOf([Number.NaN, Number.NaN]);
  expect(column.data()).toEqual({ length: 2, constant: Number.NaN, chunks: [] });
});

test("what comes later does not show in what was taken before", () => {
  const column = columnOf([1, 2, 3]);
  const before = column.data();
  column.push(4);
  expect([...flatten([before])]).toEqual([1, 2, 3]);
  expect([...flatten([column.data()])]).toEqual([1, 2, 3, 4]);
});

test("a million values survive the growth of chunks", () => {
  const column = columnOf(Array.from({ length: 1_000_000 }, (_, i) => i));
  const values = flatten([column.data()]);
  expect(values.every((value, i) => value === i)).toBe(true);
});
