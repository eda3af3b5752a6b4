// Some of the values of columns, against laying all of them out.

import { expect, test } from "bun:test";
import fc from "fast-check";
import { Column, constantColumn, flatten } from "../../src/metrics/column.ts";
import { pickRows } from "../../src/metrics/pick.ts";

const COUNT = 10_000;
const column = new Column();
for (let i = 0; i < COUNT; i++) column.push(i % 7 === 0 ? Number.NaN : 1e9 + 3 * i);
const table = {
  length: COUNT,
  columns: { varied: column.data(), equal: constantColumn(COUNT, 5) },
  pools: {},
};
const all = flatten([table.columns.varied]);

test("stretches of whole chunks, parts of them and single values", () => {
  const edge = fc.nat(COUNT);
  fc.assert(
    fc.property(edge, edge, fc.constantFrom(1, 1, 2, 977), (a, b, step) => {
      const [from, to] = [Math.min(a, b), Math.max(a, b)];
      const places = Uint32Array.from(all.keys()).filter(
        (place) => place >= from && place < to && (place - from) % step === 0,
      );
      const picked = pickRows(table, places);
      expect(picked.length).toBe(places.length);
      // As lists: of arrays of doubles even the bits of NaN would be compared.
      const varied = [...flatten([picked.columns.varied!])];
      expect(varied).toEqual(Array.from(places, (i) => all[i]!));
      expect(flatten([picked.columns.equal!])).toEqual(new Float64Array(places.length).fill(5));
    }),
  );
});
