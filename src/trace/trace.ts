// A trace as columns. Block ids, which may be any numbers, are renumbered from 0 in the order in
// which they first come, so that everything that counts them can count in arrays.

import { basename } from "node:path";
import { fail } from "#core";
import { readLines } from "./lines.ts";
import { parseMooncake, type TraceRow, traceRowOf } from "./mooncake.ts";

export interface Trace {
  readonly inputTokens: Float64Array;
  /** NaN where the row has none. */
  readonly outputTokens: Float64Array;
  /** NaN where the row has none. */
  readonly timestampsMs: Float64Array;
  /** Row r has blocks `blocks[starts[r] … starts[r + 1])`. */
  readonly starts: Uint32Array;
  readonly blocks: Uint32Array;
  /** How many different blocks there are. */
  readonly blockCount: number;
}

/** Columns of rows. */
export function traceOf(rows: readonly TraceRow[]): Trace {
  const starts = new Uint32Array(rows.length + 1);
  for (let row = 0; row < rows.length; row++)
    starts[row + 1] = starts[row]! + rows[row]!.hashIds.length;
  const blocks = new Uint32Array(starts[rows.length]!);
  const numbers = numbering(rows, blocks.length);
  for (let row = 0; row < rows.length; row++) {
    const { hashIds } = rows[row]!;
    const start = starts[row]!;
    for (let at = 0; at < hashIds.length; at++) blocks[start + at] = numbers.of(hashIds[at]!);
  }
  return {
    inputTokens: Float64Array.from(rows, (row) => row.inputTokens),
    outputTokens: Float64Array.from(rows, (row) => row.outputTokens ?? Number.NaN),
    timestampsMs: Float64Array.from(rows, (row) => row.timestampMs ?? Number.NaN),
    starts,
    blocks,
    blockCount: numbers.count(),
  };
}

/** Numbers ids from 0 as they come. Most traces count their ids up, and an array finds those. */
function numbering(rows: readonly TraceRow[], ids: number) {
  let count = 0;
  let largest = 0;
  for (let row = 0; row < rows.length; row++) {
    const { hashIds } = rows[row]!;
    for (let at = 0; at < hashIds.length; at++) largest = Math.max(largest, hashIds[at]!);
  }
  if (largest < 4 * ids + 1024) {
    const numbers = new Int32Array(largest + 1).fill(-1);
    const of = (id: number) => (numbers[id]! < 0 ? (numbers[id] = count++) : numbers[id]!);
    return { of, count: () => count };
  }
  const numbers = new Map<number, number>();
  const of = (id: number): number => {
    let number = numbers.get(id);
    if (number === undefined) numbers.set(id, (number = count++));
    return number;
  };
  return { of, count: () => count };
}

/**
 * Reads a file of Mooncake rows.
 * @throws E_TRACE_TEXT for rows that bring their text instead of a length
 * @throws E_TRACE_EMPTY for a file without rows, and what reading raises
 */
export async function readTrace(path: string): Promise<TraceRow[]> {
  const name = basename(path);
  const rows: TraceRow[] = [];
  for await (const lines of readLines(path)) {
    for (const line of lines) {
      const row = traceRowOf(parseMooncake(line, name));
      if (row === undefined) {
        const what = `${name} line ${line.number} has no input_length`;
        fail("E_TRACE_TEXT", what, "only rows with lengths can be analysed or synthesised");
      }
      rows.push(row);
    }
  }
  if (rows.length === 0) fail("E_TRACE_EMPTY", `${name} has no rows`, "check the file");
  return rows;
}
