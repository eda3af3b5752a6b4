import { expect, test } from "bun:test";
import fc from "fast-check";
import { selectPlaces } from "../../src/metrics/select.ts";

const values = fc.array(fc.oneof(fc.integer({ min: 0, max: 5 }), fc.double({ noNaN: true })), {
  minLength: 1,
  maxLength: 400,
});

test("a wanted place holds what sorting would put there", () => {
  fc.assert(
    fc.property(values, fc.array(fc.nat({ max: 399 }), { maxLength: 9 }), (list, places) => {
      const wanted = places.map((place) => place % list.length);
      const sorted = Float64Array.from(list).sort();
      const selected = Float64Array.from(list);
      selectPlaces(selected, wanted);
      for (const place of wanted) expect(selected[place]).toBe(sorted[place]!);
      expect(selected.sort()).toEqual(sorted);
    }),
  );
});

test.each([
  ["ascending", (i: number) => i],
  ["descending", (i: number) => -i],
  ["all equal", () => 7],
  ["two values", (i: number) => i % 2],
  ["an organ pipe", (i: number) => Math.min(i, 100_000 - i)],
])("a large sample that is %s", (_, at) => {
  const list = Float64Array.from({ length: 100_000 }, (_, i) => at(i));
  const sorted = list.slice().sort();
  selectPlaces(list, [0, 1000, 50_000, 99_000, 99_999]);
  for (const place of [0, 1000, 50_000, 99_000, 99_999]) expect(list[place]).toBe(sorted[place]!);
});
