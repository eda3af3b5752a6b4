// Looking into the tables that collectors filled, several of them as if they were one.

import type { PhaseData, TableData } from "./collector.ts";
import { type ColumnData, flatten } from "./column.ts";
import type { ColumnRow, Scope } from "./row.ts";

/** Requests of an outcome, in all the phases. */
export function lengthOf(phases: readonly PhaseData[], outcome: "ok" | "error"): number {
  return phases.reduce((sum, phase) => sum + phase[outcome].length, 0);
}

export function tablesOf(scope: Scope, phases: readonly PhaseData[]): readonly TableData[] {
  return phases.flatMap((phase) => {
    if (scope === "all") return [phase.ok, phase.error];
    return [phase[scope]];
  });
}

export function columnsOf(row: ColumnRow, phases: readonly PhaseData[]): readonly ColumnData[] {
  return tablesOf(row.scope, phases).flatMap((table) => table.columns[row.tag] ?? []);
}

/** The values of the requests that have any. */
export function present(columns: readonly ColumnData[]): Float64Array {
  const values = flatten(columns);
  let kept = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isNaN(value)) values[kept++] = value;
  }
  return values.subarray(0, kept);
}
