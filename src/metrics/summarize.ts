// From the columns of all recording threads to the figures that are reported. Values stay in
// native units until here, and are converted to what a person reads once.

import { assert, type Epoch, NS_PER_S, type PhaseKind, wallNs } from "#core";
import { adjustedStats } from "./adjusted.ts";
import { type MeasuredPlan, rowsFor } from "./catalogue.ts";
import type { CollectorSnapshot, PhaseData, TableData } from "./collector.ts";
import { type ColumnData, flatten } from "./column.ts";
import { type ErrorGroup, ErrorTally } from "./errors.ts";
import { mergedHistogram } from "./pool.ts";
import type { AggregateRow, ColumnRow, Group, ListRow, MetricRow, Scope, Totals } from "./row.ts";
import { histogramStats, type MetricStats, statsOf, sumOf } from "./statistics.ts";
import { divisor, type Unit } from "./units.ts";

/** One metric of a run, in its display unit. */
export interface MetricResult {
  readonly tag: string;
  readonly header: string;
  readonly shortHeader: string;
  readonly unit: Unit;
  readonly group: Group;
  readonly largerIsBetter: boolean;
  readonly stats: MetricStats;
}

/** When a phase sent and waited, in monotonic nanoseconds; rates divide by its length. */
export interface Window {
  readonly startNs: number;
  readonly endNs: number;
}

/** What a run came to. */
export interface Summary {
  /** Of the profiling phases, in the order in which a table shows them. */
  readonly metrics: readonly MetricResult[];
  /** Of the warm-up phases; empty when there was none. */
  readonly warmupMetrics: readonly MetricResult[];
  /** Failures of the profiling phases, the most frequent first. */
  readonly errors: readonly ErrorGroup[];
  readonly okCount: number;
  readonly errorCount: number;
  /** The profiling window on the wall clock. */
  readonly startWallNs: bigint;
  readonly endWallNs: bigint;
}

export interface SummarizeOptions {
  readonly plan: MeasuredPlan;
  readonly epoch: Epoch;
  /** From the start of the profiling phase to the return of its last credit, grace included. */
  readonly window: Window;
  readonly warmupWindow?: Window | undefined;
  readonly experimental?: boolean;
}

/** Summarises a run from the snapshots of all its collectors. */
export function summarize(
  snapshots: readonly CollectorSnapshot[],
  options: SummarizeOptions,
): Summary {
  const phases = snapshots.flatMap((snapshot) => snapshot.phases);
  const of = (kind: PhaseKind): PhaseData[] => phases.filter((phase) => phase.kind === kind);
  const rows = rowsFor(options.plan, options.experimental);
  const { window, warmupWindow, epoch } = options;

  const profiling = of("profiling");
  const errors = new ErrorTally();
  for (const { count, ...error } of profiling.flatMap((p) => p.errors)) errors.add(error, count);
  return {
    metrics: resultsOf(rows, profiling, window),
    warmupMetrics: warmupWindow === undefined ? [] : resultsOf(rows, of("warmup"), warmupWindow),
    errors: errors.groups(),
    okCount: lengthOf(profiling, "ok"),
    errorCount: lengthOf(profiling, "error"),
    startWallNs: wallNs(epoch, window.startNs),
    endWallNs: wallNs(epoch, window.endNs),
  };
}

/** The result of a metric by its tag; undefined when no request had it. */
export function metricOf(metrics: readonly MetricResult[], tag: string): MetricResult | undefined {
  return metrics.find((metric) => metric.tag === tag);
}

/** The metrics of some phases taken together, in display order. */
function resultsOf(
  rows: readonly MetricRow[],
  phases: readonly PhaseData[],
  window: Window,
): readonly MetricResult[] {
  if (phases.length === 0) return [];
  assert(window.endNs > window.startNs, "a window has a length");
  const values = new Map<string, number>();
  const totals: Totals = {
    of: (tag) => values.get(tag) ?? Number.NaN,
    windowS: (window.endNs - window.startNs) / NS_PER_S,
  };

  const stats = new Map<MetricRow, MetricStats | undefined>();
  const twins: MetricResult[] = [];
  for (const row of rows) {
    if (row.kind === "record") {
      const sample = present(columnsOf(row, phases));
      const errorCount = row.errorAdjusted ? lengthOf(phases, "error") : 0;
      values.set(row.tag, sample.length > 0 ? sumOf(sample) : Number.NaN);
      stats.set(row, statsOf(sample, scaleOf(row)));
      const adjusted = adjustedStats(sample, errorCount, scaleOf(row));
      if (adjusted !== undefined) twins.push(twinOf(row, adjusted));
    } else if (row.kind === "list") {
      stats.set(row, pooledStats(row, phases));
    } else if (row.kind === "aggregate") {
      values.set(row.tag, fold(row, present(columnsOf(row, phases))));
      stats.set(row, single(row, totals.of(row.tag)));
    }
  }
  // Derived rows read what the others came to, wherever the families list them.
  for (const row of rows) {
    if (row.kind === "derived") stats.set(row, single(row, row.of(totals)));
  }

  const shown = rows.filter((row) => row.hidden !== "internal").sort(byOrder);
  return [...shown.flatMap((row) => resultOf(row, stats.get(row)) ?? []), ...twins];
}

function byOrder(a: MetricRow, b: MetricRow): number {
  return (a.order ?? Number.MAX_VALUE) - (b.order ?? Number.MAX_VALUE);
}

/** Requests of an outcome, in all the phases. */
function lengthOf(phases: readonly PhaseData[], outcome: "ok" | "error"): number {
  return phases.reduce((sum, phase) => sum + phase[outcome].length, 0);
}

function tablesOf(scope: Scope, phases: readonly PhaseData[]): readonly TableData[] {
  return phases.flatMap((phase) => {
    if (scope === "all") return [phase.ok, phase.error];
    return [phase[scope]];
  });
}

function columnsOf(row: ColumnRow, phases: readonly PhaseData[]): readonly ColumnData[] {
  return tablesOf(row.scope, phases).flatMap((table) => table.columns[row.tag] ?? []);
}

/** The values of the requests that have any. */
function present(columns: readonly ColumnData[]): Float64Array {
  const values = flatten(columns);
  let kept = 0;
  for (const value of values) if (!Number.isNaN(value)) values[kept++] = value;
  return values.subarray(0, kept);
}

function pooledStats(row: ListRow, phases: readonly PhaseData[]): MetricStats | undefined {
  const pools = tablesOf(row.scope, phases).flatMap((table) => table.pools[row.tag] ?? []);
  const histogram = mergedHistogram(pools);
  if (histogram !== undefined) return histogramStats(histogram, scaleOf(row));
  return statsOf(flatten(pools.map((pool) => pool.values)), scaleOf(row));
}

function fold(row: AggregateRow, values: Float64Array): number {
  if (values.length === 0) return Number.NaN;
  if (row.fold === "sum") return sumOf(values);
  const better = row.fold === "min" ? Math.min : Math.max;
  return values.reduce((best, value) => better(best, value));
}

/** A metric that is one number; undefined when it could not be computed. */
function single(row: MetricRow, value: number): MetricStats | undefined {
  return Number.isFinite(value) ? { avg: value / scaleOf(row) } : undefined;
}

function scaleOf(row: MetricRow): number {
  return divisor(row.unit, row.displayUnit ?? row.unit);
}

function resultOf(row: MetricRow, stats: MetricStats | undefined): MetricResult | undefined {
  if (stats === undefined) return undefined;
  return {
    tag: row.tag,
    header: row.header,
    shortHeader: row.shortHeader ?? row.header,
    unit: row.displayUnit ?? row.unit,
    group: row.group,
    largerIsBetter: row.largerIsBetter ?? false,
    stats,
  };
}

function twinOf(row: MetricRow, stats: MetricStats): MetricResult {
  return {
    tag: `adj_${row.tag}`,
    header: `${row.header} (error-adjusted)`,
    shortHeader: `${row.shortHeader ?? row.header} (error-adjusted)`,
    unit: row.displayUnit ?? row.unit,
    group: "none",
    largerIsBetter: false,
    stats,
  };
}
