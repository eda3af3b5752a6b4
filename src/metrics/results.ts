// What every metric of some phases came to. Values stay in native units until here, and are
// converted to what a person reads once.

import { assert, NS_PER_S } from "#core";
import { adjustedStats } from "./adjusted.ts";
import type { PhaseData } from "./collector.ts";
import { flatten } from "./column.ts";
import { type Confidence, confidenceOf } from "./confidence.ts";
import { type CurveFigures, curveStats, type Window } from "./curve-stats.ts";
import { mergedHistogram } from "./pool.ts";
import { giveBack } from "./room.ts";
import type { AggregateRow, Group, ListRow, MetricRow, RecordRow, Totals } from "./row.ts";
import { Sample } from "./sample.ts";
import { equalStats, histogramStats, type MetricStats, statsOf } from "./statistics.ts";
import { sumOf } from "./sum.ts";
import { columnsOf, constantOf, lengthOf, present, tablesOf } from "./tables.ts";
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
  /** How sure its main percentiles are, where that was asked for. */
  readonly confidence?: Confidence | undefined;
  /** There were too many values to keep: percentiles are within {@link HISTOGRAM_ERROR}. */
  readonly isRough?: boolean;
}

export interface ResultOptions {
  readonly rows: readonly MetricRow[];
  readonly window: Window;
  /** What the phases lasted together; undefined where there is one. */
  readonly phasesNs?: number | undefined;
  /** The percentiles to find. */
  readonly percents: readonly number[];
  /** Also find how sure they are. */
  readonly confident?: boolean;
  /** The curves' figures, where they are already known. */
  readonly curves?: CurveFigures | undefined;
  /** How long a packet takes to the server and back, where that is to be taken off. */
  readonly networkRttNs?: number | undefined;
}

/** The metrics of some phases taken together, in display order. */
export function resultsOf(
  phases: readonly PhaseData[],
  options: ResultOptions,
): readonly MetricResult[] {
  if (phases.length === 0) return [];
  const results = new Results(phases, options).all();
  giveBack(lengthOf(phases, "ok") + lengthOf(phases, "error"));
  return results;
}

class Results {
  readonly #phases: readonly PhaseData[];
  readonly #options: ResultOptions;
  readonly #values = new Map<string, number>();
  readonly #stats = new Map<MetricRow, MetricStats | undefined>();
  readonly #confidence = new Map<MetricRow, Confidence | undefined>();
  readonly #rough = new Set<MetricRow>();
  readonly #twins: MetricResult[] = [];
  /** One row's values at a time: a column of a million is 8 MB. */
  readonly #room: Float64Array<ArrayBuffer>;

  constructor(phases: readonly PhaseData[], options: ResultOptions) {
    const { startNs, endNs } = options.window;
    assert(endNs >= startNs, "time runs forward");
    this.#phases = phases;
    this.#options = options;
    this.#room = new Float64Array(lengthOf(phases, "ok") + lengthOf(phases, "error"));
  }

  all(): readonly MetricResult[] {
    const { rows, window, phasesNs } = this.#options;
    for (const row of rows) {
      if (row.kind === "record" && row.hidden !== "internal") this.#record(row);
      else if (row.kind === "list") this.#stats.set(row, this.#pooled(row));
      else if (row.kind === "aggregate") {
        this.#values.set(row.tag, this.#fold(row));
        this.#stats.set(row, single(row, this.#values.get(row.tag)!));
      } else if (row.kind === "sample") this.#stats.set(row, this.#sample(row));
    }
    const curveRows = rows.filter((row) => row.kind === "curve");
    const curves = this.#options.curves ?? curveStats(curveRows, this.#phases, [window])[0]!;
    for (const [row, figures] of curves) this.#stats.set(row, figures);
    giveBack(this.#room.length);
    // Derived rows read what the others came to, wherever the families list them.
    const totals: Totals = {
      of: (tag) => this.#values.get(tag) ?? Number.NaN,
      windowS: (phasesNs ?? window.endNs - window.startNs) / NS_PER_S,
      phasesNs,
    };
    for (const row of rows) {
      if (row.kind === "derived") this.#stats.set(row, single(row, row.of(totals)));
    }
    const shown = rows.filter((row) => row.hidden !== "internal").sort(byOrder);
    const results = shown.flatMap((row) => {
      const stats = this.#stats.get(row);
      if (stats === undefined) return [];
      const confidence = this.#confidence.get(row);
      return { ...factsOf(row), stats, confidence, isRough: this.#rough.has(row) };
    });
    return [...results, ...this.#twins];
  }

  #record(row: RecordRow): void {
    const { percents, confident } = this.#options;
    const columns = columnsOf(row, this.#phases);
    const errorCount = row.errorAdjusted ? lengthOf(this.#phases, "error") : 0;
    const constant = constantOf(columns);
    // Most counts and many wire times never vary: nothing needs to be laid out to know their figures.
    if (constant !== undefined && errorCount === 0) {
      const count = columns.reduce((sum, column) => sum + column.length, 0);
      this.#values.set(row.tag, constant * count);
      this.#stats.set(row, equalStats(constant, count, scaleOf(row), percents));
      return;
    }
    const sample = new Sample(present(columns, this.#room));
    this.#values.set(row.tag, sample.count > 0 ? sample.sum : Number.NaN);
    this.#stats.set(row, statsOf(sample, scaleOf(row), percents));
    if (confident && row.group === "default")
      this.#confidence.set(row, confidenceOf(sample, scaleOf(row)));
    const adjusted = adjustedStats(sample, errorCount, scaleOf(row));
    if (adjusted !== undefined) this.#twins.push({ ...twinOf(row), stats: adjusted });
  }

  #sample(row: Extract<MetricRow, { kind: "sample" }>): MetricStats | undefined {
    const source = this.#options.rows.find(({ tag }) => tag === row.from);
    if (source?.kind !== "record") return undefined;
    const values = present(columnsOf(source, this.#phases), this.#room);
    const { networkRttNs } = this.#options;
    const made = row.of(values, { networkRttNs });
    if (typeof made === "number") return single(row, made);
    return made && statsOf(new Sample(made), scaleOf(row), this.#options.percents);
  }

  #pooled(row: ListRow): MetricStats | undefined {
    const { percents } = this.#options;
    const pools = tablesOf(row.scope, this.#phases).flatMap((table) => table.pools[row.tag] ?? []);
    const histogram = mergedHistogram(pools);
    if (histogram !== undefined) {
      this.#rough.add(row);
      return histogramStats(histogram, scaleOf(row), percents);
    }
    const sample = new Sample(flatten(pools.map((pool) => pool.values)));
    return statsOf(sample, scaleOf(row), percents);
  }

  #fold(row: AggregateRow): number {
    const columns = columnsOf(row, this.#phases);
    const constant = constantOf(columns);
    if (constant !== undefined) {
      const count = columns.reduce((sum, column) => sum + column.length, 0);
      return row.fold === "sum" ? constant * count : constant;
    }
    const values = present(columns, this.#room);
    if (values.length === 0) return Number.NaN;
    if (row.fold === "sum") return sumOf(values);
    const better = row.fold === "min" ? Math.min : Math.max;
    return values.reduce((best, value) => better(best, value));
  }
}

function byOrder(a: MetricRow, b: MetricRow): number {
  return (a.order ?? Number.MAX_VALUE) - (b.order ?? Number.MAX_VALUE);
}

/** A metric that is one number; undefined when it could not be computed. */
function single(row: MetricRow, value: number): MetricStats | undefined {
  return Number.isFinite(value) ? { avg: value / scaleOf(row) } : undefined;
}

function scaleOf(row: MetricRow): number {
  return divisor(row.unit, row.displayUnit ?? row.unit);
}

function factsOf(row: MetricRow): Omit<MetricResult, "stats"> {
  return {
    tag: row.tag,
    header: row.header,
    shortHeader: row.shortHeader ?? row.header,
    unit: row.displayUnit ?? row.unit,
    group: row.group,
    largerIsBetter: row.largerIsBetter ?? false,
  };
}

function twinOf(row: MetricRow): Omit<MetricResult, "stats"> {
  const facts = factsOf(row);
  return {
    ...facts,
    tag: `adj_${row.tag}`,
    header: `${row.header} (error-adjusted)`,
    shortHeader: `${facts.shortHeader} (error-adjusted)`,
    group: "none",
    largerIsBetter: false,
  };
}
