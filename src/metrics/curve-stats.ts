// The statistics of curves, from the columns of all requests: the run is laid out in time once and
// walked through once for everything, and once more for exact quantiles where that is cheap.

import type { PhaseData } from "./collector.ts";
import { type ColumnData, flatten } from "./column.ts";
import { END_COLUMN, START_COLUMN } from "./curves.ts";
import type { CurveRow, MetricRow } from "./row.ts";
import type { MetricStats } from "./statistics.ts";
import { TimeWeighted } from "./time-weighted.ts";
import { Timeline } from "./timeline.ts";

/** When a phase sent and waited, in monotonic nanoseconds; rates divide by its length. */
export interface Window {
  readonly startNs: number;
  readonly endNs: number;
}

/** Above so many changes the quantiles of curves are read off their slots. */
const EXACT_CHANGES_MAX = 100_000;

/** The statistics of all curves, from one walk through the run, or two. */
export function curveStats(
  rows: readonly CurveRow[],
  phases: readonly PhaseData[],
  { startNs, endNs }: Window,
): Map<MetricRow, MetricStats | undefined> {
  const timeline = timelineOf(phases);
  const curves = rows.map((row) => ({ row, weighted: new TimeWeighted() }));
  timeline.walk(startNs, endNs, (moment, lastedNs) => {
    for (const { row, weighted } of curves) {
      if (row.when === undefined || row.when(moment)) weighted.add(row.of(moment), lastedNs);
    }
  });
  if (timeline.length <= EXACT_CHANGES_MAX) {
    timeline.walk(startNs, endNs, (moment, lastedNs) => {
      for (const { row, weighted } of curves) {
        if (row.when === undefined || row.when(moment)) weighted.look(row.of(moment), lastedNs);
      }
    });
  }
  return new Map(curves.map(({ row, weighted }) => [row, weighted.stats()]));
}

/** The requests of some phases in time, the failed ones last. */
function timelineOf(phases: readonly PhaseData[]): Timeline {
  const tables = [...phases.map((phase) => phase.ok), ...phases.map((phase) => phase.error)];
  const column = (tag: string): Float64Array =>
    flatten(tables.map((table) => table.columns[tag] ?? absent(table.length)));
  const startNs = column(START_COLUMN);
  const firstNs = column("time_to_first_token");
  for (let i = 0; i < firstNs.length; i++) firstNs[i]! += startNs[i]!;
  const pools = tables.map((table) => table.pools.inter_chunk_latency);
  return new Timeline({
    startNs,
    firstNs,
    endNs: column(END_COLUMN),
    inputTokens: column("input_sequence_length"),
    outputTokens: column("output_sequence_length"),
    // A pool that became a histogram no longer knows whose gaps it had.
    gapsNs: pools.some((pool) => pool?.histogram !== undefined)
      ? new Float64Array(0)
      : flatten(pools.flatMap((pool) => pool?.values ?? [])),
    gapCounts: flatten(pools.map((pool, i) => pool?.lengths ?? absent(tables[i]!.length))),
  });
}

function absent(length: number): ColumnData {
  return { length, constant: Number.NaN, chunks: [] };
}
