// When each request of a phase was due, started, left and ended: what the audit looks at, from the
// columns of all collectors. The same place in each array is the same request.

import type { CollectorSnapshot, TableData } from "./collector.ts";
import { type ColumnData, constantColumn, flatten } from "./column.ts";
import { END_COLUMN, START_COLUMN } from "./curves.ts";
import { SENT_COLUMN, TURN_COLUMN } from "./timing.ts";

/** Monotonic ns; `sentNs` is NaN for a request that never left. */
export interface RequestTimes {
  readonly dueNs: Float64Array;
  readonly startNs: Float64Array;
  readonly sentNs: Float64Array;
  readonly endNs: Float64Array;
  /** How long it took to connect, 0 on a connection that was there; NaN for a failed request. */
  readonly connectNs: Float64Array;
  /** Place in its session, from 0. */
  readonly turn: Float64Array;
}

/** The times of all requests of a phase, those that failed included, in no particular order. */
export function requestTimes(
  snapshots: readonly CollectorSnapshot[],
  phaseIndex: number,
): RequestTimes {
  const tables = snapshots
    .flatMap(({ phases }) => phases)
    .filter((phase) => phase.phaseIndex === phaseIndex)
    .flatMap((phase): TableData[] => [phase.ok, phase.error]);
  const column = (tag: string): Float64Array =>
    flatten(tables.map((table): ColumnData => table.columns[tag] ?? constantColumn(table.length)));
  const startNs = column(START_COLUMN);
  const dueNs = column("credit_to_start_latency");
  for (let i = 0; i < dueNs.length; i++) dueNs[i] = startNs[i]! - dueNs[i]!;
  return {
    ...{ dueNs, startNs, sentNs: column(SENT_COLUMN), endNs: column(END_COLUMN) },
    connectNs: column("http_req_connection_overhead"),
    turn: column(TURN_COLUMN),
  };
}
