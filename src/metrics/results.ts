// What every metric of some phases came to. Values stay in native units until here, and are
// converted to what a person reads once.

import { assert, NS_PER_S } from "#core";
import { adjustedStats } from "./adjusted.ts";
import type { PhaseData } from "./collector.ts";
import { flatten } from "./column.ts";
import { curveStats, type Window } from "./curve-stats.ts";
import { mergedHistogram } from "./pool.ts";
import type { AggregateRow, Group, ListRow, MetricRow, Totals } from "./row.ts";
import { histogramStats, type MetricStats, statsOf, sumOf } from "./statistics.ts";
import { columnsOf, lengthOf, present, tablesOf } from "./tables.ts";
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

/** The metrics of some phases taken together, in display order. */
export function resultsOf(
  rows: readonly MetricRow[],
  phases: readonly PhaseData[],
  window: Window,
): readonly MetricResult[] {
  if (phases.length === 0) return [];
  assert(window.endNs >= window.startNs, "time runs forward");
  const values = new Map<string, number>();
  const totals: Totals = {
    of: (tag) => values.get(tag) ?? Number.NaN,
    windowS: (window.endNs - window.startNs) / NS_PER_S,
  };

  const stats = new Map<MetricRow, MetricStats | undefined>();
  const twins: MetricResult[] = [];
  for (const row of rows) {
    if (row.kind === "record" && row.hidden !== "internal") {
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
  const curves = rows.filter((row) => row.kind === "curve");
  for (const [row, figures] of curveStats(curves, phases, window)) stats.set(row, figures);
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
