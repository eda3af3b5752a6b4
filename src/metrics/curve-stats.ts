// The statistics of curves, from the columns of all requests: the run is laid out in time and walked
// through once. Where that shows few enough changes they are kept, for exact quantiles.

import type { PhaseData } from "./collector.ts";
import { constantColumn, flatten } from "./column.ts";
import { END_COLUMN, START_COLUMN } from "./curves.ts";
import type { Moment } from "./moment.ts";
import type { Curve, CurveRow, MetricRow } from "./row.ts";
import type { MetricStats } from "./statistics.ts";
import { TimeWeighted } from "./time-weighted.ts";
import { Timeline, type Visitor } from "./timeline.ts";

/** When a phase sent and waited, in monotonic nanoseconds; rates divide by its length. */
export interface Window {
  readonly startNs: number;
  readonly endNs: number;
}

/** Above so many changes the quantiles of curves are read off their slots. */
const EXACT_CHANGES_MAX = 100_000;

/** What all curves came to in one window. */
export type CurveFigures = ReadonlyMap<MetricRow, MetricStats | undefined>;

/** The statistics of all curves in each of some windows, which follow each other. */
export function curveStats(
  rows: readonly CurveRow[],
  phases: readonly PhaseData[],
  windows: readonly Window[],
): readonly CurveFigures[] {
  const timeline = timelineOf(phases);
  const isExact = timeline.length <= EXACT_CHANGES_MAX;
  const followed = windows.map(
    () => new Map(rows.map(({ curve }) => [curve, new TimeWeighted(isExact)])),
  );
  const walk = timeline.from(windows[0]?.startNs ?? 0);
  for (const [i, { startNs, endNs }] of windows.entries()) {
    walk.until(startNs, NOBODY);
    walk.until(endNs, visitorOf(followed[i]!));
  }
  return followed.map(
    (curves) =>
      new Map(
        rows.map((row) => [row, curves.get(row.curve)!.stats({ activeOnly: row.activeOnly })]),
      ),
  );
}

const NOBODY: Visitor = { stretch() {}, spell() {} };

/** Shows each curve what it changes with. */
function visitorOf(followed: ReadonlyMap<Curve, TimeWeighted>): Visitor {
  const of = (byChunk: true | undefined): ((moment: Moment, lastedNs: number) => void) => {
    const curves = [...followed]
      .filter(([curve]) => curve.byChunk === byChunk)
      .map(([curve, weighted]) => new Followed(curve, weighted));
    return (moment, lastedNs) => {
      for (let i = 0; i < curves.length; i++) curves[i]!.see(moment, lastedNs);
    };
  };
  return { stretch: of(true), spell: of(undefined) };
}

/** Tells a curve's statistics of each moment. */
class Followed {
  readonly curve: Curve;
  readonly weighted: TimeWeighted;

  constructor(curve: Curve, weighted: TimeWeighted) {
    this.curve = curve;
    this.weighted = weighted;
  }

  see(moment: Moment, lastedNs: number): void {
    if (this.curve.when(moment)) this.weighted.add(this.curve.of(moment), lastedNs);
    else this.weighted.rest(lastedNs);
  }
}

/** The requests of some phases in time, the failed ones last. */
function timelineOf(phases: readonly PhaseData[]): Timeline {
  const tables = [...phases.map((phase) => phase.ok), ...phases.map((phase) => phase.error)];
  const column = (tag: string): Float64Array =>
    flatten(tables.map((table) => table.columns[tag] ?? constantColumn(table.length)));
  const startNs = column(START_COLUMN);
  const firstNs = column("time_to_first_token");
  for (let i = 0; i < firstNs.length; i++) firstNs[i]! += startNs[i]!;
  const pools = tables.map((table) => table.pools.inter_chunk_latency);
  // A pool that became a histogram no longer knows whose gaps it had.
  const isKnown = pools.every((pool) => pool?.histogram === undefined);
  const none = new Float64Array(0);
  return new Timeline({
    startNs,
    firstNs,
    endNs: column(END_COLUMN),
    inputTokens: column("input_sequence_length"),
    outputTokens: column("output_sequence_length"),
    gapsNs: isKnown ? flatten(pools.flatMap((pool) => pool?.values ?? [])) : none,
    gapCounts: isKnown
      ? flatten(pools.map((pool, i) => pool?.lengths ?? constantColumn(tables[i]!.length)))
      : none,
  });
}
