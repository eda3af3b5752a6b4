// Some of the requests of a phase as if they were all: columns are read through a list of places,
// and nothing is copied before somebody asks for a column.

import { asIs, decodeChunk, valueAt } from "./chunk.ts";
import type { PhaseData, TableData } from "./collector.ts";
import { type ColumnData, constantColumn, flatten } from "./column.ts";
import type { PoolData } from "./pool.ts";

/** The requests of a table at some places, which ascend. */
export function pickRows(table: TableData, places: Uint32Array): TableData {
  const columns = lazily(table.columns, (column) => pickValues(column, places));
  const pools = lazily(table.pools, (pool) => pickLists(pool, places));
  return { length: places.length, columns, pools };
}

/** The same of both outcomes of a phase. */
export function pickPhase(phase: PhaseData, ok: Uint32Array, error: Uint32Array): PhaseData {
  return { ...phase, ok: pickRows(phase.ok, ok), error: pickRows(phase.error, error), errors: [] };
}

/** Places of a table whose value in a column satisfies a condition. */
export function placesWhere(
  table: TableData,
  tag: string,
  holds: (value: number) => boolean,
): Uint32Array {
  const column = table.columns[tag];
  if (column === undefined) return new Uint32Array(0);
  const values = flatten([column]);
  const places = new Uint32Array(values.length);
  let count = 0;
  for (let i = 0; i < values.length; i++) if (holds(values[i]!)) places[count++] = i;
  return places.slice(0, count);
}

function pickValues(column: ColumnData, places: Uint32Array): ColumnData {
  const { length } = places;
  if (column.chunks.length === 0) return constantColumn(length, column.constant);
  const values = new Float64Array(length);
  let from = 0;
  let used = 0;
  for (const chunk of column.chunks) {
    const to = from + chunk.length;
    const end = placesBefore(places, used, to);
    // Where a chunk is wanted as a whole it is laid out at once.
    if (end - used === chunk.length) decodeChunk(chunk, values, used);
    else for (let i = used; i < end; i++) values[i] = valueAt(chunk, places[i]! - from);
    used = end;
    from = to;
  }
  return { length, constant: Number.NaN, chunks: [asIs(values)] };
}

/** Behind the last of the ascending places, from one of them on, that is before another. */
function placesBefore(places: Uint32Array, first: number, before: number): number {
  let [from, to] = [first, places.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (places[middle]! < before) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** A pool that became a histogram no longer knows whose values it had: it has none for the few. */
function pickLists(pool: PoolData, places: Uint32Array): PoolData {
  const lengths = pickValues(pool.lengths, places);
  if (pool.histogram !== undefined) {
    const lengths = constantColumn(places.length, 0);
    return { lengths, values: constantColumn(0), histogram: undefined };
  }
  const counts = flatten([pool.lengths]);
  const values = new Float64Array(flatten([lengths]).reduce((sum, count) => sum + count, 0));
  const { chunks } = pool.values;
  let chunk = 0;
  let chunkFrom = 0;
  let used = 0;
  let before = 0;
  let row = 0;
  for (const place of places) {
    while (row < place) before += counts[row++]!;
    for (let value = before; value < before + counts[place]!; value++) {
      if (chunks.length === 0) values[used++] = pool.values.constant;
      else {
        while (value - chunkFrom >= chunks[chunk]!.length) chunkFrom += chunks[chunk++]!.length;
        values[used++] = valueAt(chunks[chunk]!, value - chunkFrom);
      }
    }
  }
  return {
    lengths,
    values: { length: used, constant: Number.NaN, chunks: [asIs(values)] },
    histogram: undefined,
  };
}

/** An object whose values are made when they are read, each time. */
function lazily<From, To>(
  source: { readonly [tag: string]: From },
  make: (from: From) => To,
): { readonly [tag: string]: To } {
  const made = {};
  for (const tag of Object.keys(source)) {
    Object.defineProperty(made, tag, { enumerable: true, get: () => make(source[tag]!) });
  }
  return made;
}
