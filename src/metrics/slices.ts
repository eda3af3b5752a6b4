// The run in stretches of equal length, each with figures of its own. A request belongs to the
// stretch in which it started; what goes on over time is that of all requests, cut at the edges.

import type { PhaseData, TableData } from "./collector.ts";
import { flatten } from "./column.ts";
import { curveStats, type Window } from "./curve-stats.ts";
import { END_COLUMN, START_COLUMN } from "./curves.ts";
import { pickPhase } from "./pick.ts";
import { type MetricResult, resultsOf } from "./results.ts";
import type { MetricRow } from "./row.ts";
import { lengthOf, present } from "./tables.ts";

export interface Slice extends Window {
  /** False for the last one where the run ended before it did. */
  readonly isComplete: boolean;
  readonly okCount: number;
  readonly errorCount: number;
  readonly metrics: readonly MetricResult[];
  /** The values of a record metric of its requests, in native units. */
  readonly values: (tag: string) => Float64Array;
}

/** More slices than this are a mistake in the unit, and would take all memory. */
export const SLICES_MAX = 10_000;

/** Metrics that make sense of a whole run only. */
function isOfRun(row: MetricRow): boolean {
  return (
    row.kind === "sample" ||
    row.tag === "credit_to_start_latency" ||
    row.tag === "effective_latency"
  );
}

/**
 * The slices in which any request started, in order of time.
 * @param sliceNs how long each lasts
 */
export function slicesOf(
  rows: readonly MetricRow[],
  phases: readonly PhaseData[],
  sliceNs: number,
  percents: readonly number[],
): readonly Slice[] {
  const span = spanOf(phases);
  if (span === undefined) return [];
  const count = Math.min(SLICES_MAX, Math.max(1, Math.ceil((span.endNs - span.startNs) / sliceNs)));
  const sliceOf = (startNs: number): number =>
    Math.min(count - 1, Math.floor((startNs - span.startNs) / sliceNs));
  const parts = phases.map((phase) => ({
    phase,
    ok: placesBySlice(phase.ok, sliceOf, count),
    error: placesBySlice(phase.error, sliceOf, count),
  }));
  const windows = Array.from({ length: count }, (_, i) => ({
    index: i,
    startNs: span.startNs + i * sliceNs,
    endNs: Math.min(span.endNs, span.startNs + (i + 1) * sliceNs),
  })).filter(({ index }) => parts.some((p) => p.ok[index]!.length + p.error[index]!.length > 0));
  const sliced = rows.filter((row) => !isOfRun(row));
  const curves = curveStats(
    sliced.filter((row) => row.kind === "curve"),
    phases,
    windows,
  );
  return windows.map(({ index, ...window }, i) => {
    const picked = parts.map(({ phase, ok, error }) => pickPhase(phase, ok[index]!, error[index]!));
    return {
      ...window,
      isComplete: window.endNs - window.startNs >= sliceNs,
      okCount: lengthOf(picked, "ok"),
      errorCount: lengthOf(picked, "error"),
      metrics: resultsOf(picked, { rows: sliced, window, percents, curves: curves[i] }),
      values: (tag) => present(picked.flatMap(({ ok }) => ok.columns[tag] ?? [])),
    };
  });
}

/** From the first start to the last end; undefined when nothing was sent. */
function spanOf(phases: readonly PhaseData[]): Window | undefined {
  let startNs = Number.POSITIVE_INFINITY;
  let endNs = Number.NEGATIVE_INFINITY;
  for (const { ok, error } of phases) {
    for (const table of [ok, error]) {
      const starts = valuesOf(table, START_COLUMN);
      const ends = valuesOf(table, END_COLUMN);
      for (let i = 0; i < starts.length; i++) {
        if (starts[i]! < startNs) startNs = starts[i]!;
        if (ends[i]! > endNs) endNs = ends[i]!;
      }
    }
  }
  return startNs <= endNs ? { startNs, endNs } : undefined;
}

function valuesOf(table: TableData, tag: string): Float64Array {
  const column = table.columns[tag];
  return column === undefined ? new Float64Array(0) : flatten([column]);
}

/** For each slice the places of its requests. */
function placesBySlice(
  table: TableData,
  sliceOf: (startNs: number) => number,
  count: number,
): readonly Uint32Array[] {
  const starts = valuesOf(table, START_COLUMN);
  const sizes = new Uint32Array(count);
  for (let i = 0; i < starts.length; i++) {
    const slice = sliceOf(starts[i]!);
    if (slice >= 0) sizes[slice]!++;
  }
  const places = Array.from(sizes, (size) => new Uint32Array(size));
  const used = new Uint32Array(count);
  for (let i = 0; i < starts.length; i++) {
    const slice = sliceOf(starts[i]!);
    if (slice >= 0) places[slice]![used[slice]!++] = i;
  }
  return places;
}
