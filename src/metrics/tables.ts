// Looking into the tables that collectors filled, several of them as if they were one.

import type { PhaseData, TableData } from "./collector.ts";
import { type ColumnData, flatten } from "./column.ts";
import type { ColumnRow, Scope } from "./row.ts";

/** Requests of an outcome, in all the phases. */
export function lengthOf(phases: readonly PhaseData[], outcome: "ok" | "error"): number {
  return phases.reduce((sum, phase) => sum + phase[outcome].length, 0);
}

/** Those of failed requests last, so that phases may be told in parts without another order. */
export function tablesOf(scope: Scope, phases: readonly PhaseData[]): readonly TableData[] {
  if (scope !== "all") return phases.map((phase) => phase[scope]);
  return [...phases.map(({ ok }) => ok), ...phases.map(({ error }) => error)];
}

export function columnsOf(row: ColumnRow, phases: readonly PhaseData[]): readonly ColumnData[] {
  return tablesOf(row.scope, phases).flatMap((table) => table.columns[row.tag] ?? []);
}

/** The one value of all requests; undefined when they differ, when some lack it, or none is there. */
export function constantOf(columns: readonly ColumnData[]): number | undefined {
  const filled = columns.filter((column) => column.length > 0);
  const [first] = filled;
  if (first === undefined || Number.isNaN(first.constant)) return undefined;
  const isSame = (column: ColumnData) =>
    column.chunks.length === 0 && Object.is(column.constant, first.constant);
  return filled.every(isSame) ? first.constant : undefined;
}

/**
 * The values of the requests that have any.
 * @param room where to put them, if it is large enough; they are overwritten by the next use of it
 */
export function present(
  columns: readonly ColumnData[],
  room?: Float64Array<ArrayBuffer>,
): Float64Array {
  // Many metrics are no request's: nothing needs to be laid out to know that.
  const values = flatten(
    columns.filter((column) => !isEmpty(column)),
    room,
  );
  let kept = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isNaN(value)) values[kept++] = value;
  }
  return values.subarray(0, kept);
}

function isEmpty({ chunks, constant }: ColumnData): boolean {
  return chunks.length === 0 && Number.isNaN(constant);
}
