// The table that a run is run for. It keeps its meaning on a narrow terminal: first long names are
// broken, then names get short, then the columns go that a reader misses least.

import { fixed2, type MetricResult, type StatKey } from "#metrics";
import { type Table, tableWidth } from "./table.ts";
import { wrap } from "./wrap.ts";

/** The figures shown, from left to right. */
const FIGURES: readonly StatKey[] = ["avg", "min", "max", "p99", "p90", "p50", "std"];

/** Figures in the order in which they go when there is no room; avg stays. */
const FIRST_TO_GO: readonly StatKey[] = ["std", "min", "p90", "max", "p50", "p99"];

/** A longer name has its unit on a line of its own. */
const NAME_CHARS_MAX = 30;

/** How wide names are on a narrow terminal. */
const SHORT_NAME_CHARS = 22;

/**
 * The table of some metrics, no wider than `width` columns if that can be.
 * @param percentiles that have a column beside the usual ones
 */
export function metricTable(
  title: string,
  metrics: readonly MetricResult[],
  width: number,
  percentiles: readonly number[] = [],
): Table {
  const figures = figuresWith(percentiles);
  // What was asked for by name stays longest.
  const firstToGo = [...FIRST_TO_GO, ...figures.filter((key) => !FIGURES.includes(key))];
  for (const names of [nameLines, brokenNameLines]) {
    const table = tableOf(title, metrics, figures, names);
    if (tableWidth(table) <= width) return table;
  }
  for (let gone = 0; ; gone++) {
    const kept = figures.filter((key) => !firstToGo.slice(0, gone).includes(key));
    const narrow = tableOf(title, metrics, kept, shortNameLines);
    if (tableWidth(narrow) <= width || gone === firstToGo.length) return narrow;
  }
}

/** The usual figures and further percentiles, the higher ones first as in AIPerf's table. */
function figuresWith(percentiles: readonly number[]): readonly StatKey[] {
  const isPercentile = (key: StatKey): boolean => /^p\d/.test(key);
  const all = new Set([
    ...FIGURES.filter(isPercentile),
    ...percentiles.map((p): StatKey => `p${p}`),
  ]);
  const sorted = [...all].sort((a, b) => Number(b.slice(1)) - Number(a.slice(1)));
  return ["avg", "min", "max", ...sorted, "std"];
}

function tableOf(
  title: string,
  metrics: readonly MetricResult[],
  figures: readonly StatKey[],
  names: (metric: MetricResult) => string[],
): Table {
  return {
    title,
    columns: [
      { title: "Metric", align: "left" },
      ...figures.map((key) => ({ title: key, align: "right" as const })),
    ],
    rows: metrics.map((metric) => [
      nameCell(names(metric)),
      ...figures.map((key) => [figure(metric.stats[key])]),
    ]),
  };
}

function nameLines({ header, unit }: MetricResult): string[] {
  return header.length > NAME_CHARS_MAX ? [header, `(${unit})`] : [`${header} (${unit})`];
}

function brokenNameLines({ header, unit }: MetricResult): string[] {
  return wrap(`${header} (${unit})`, NAME_CHARS_MAX);
}

function shortNameLines({ shortHeader, unit }: MetricResult): string[] {
  return wrap(`${shortHeader} (${unit})`, SHORT_NAME_CHARS);
}

/** The first line to the left, those that continue it to the right. */
function nameCell([first, ...others]: readonly string[]) {
  return [first!, ...others.map((text) => ({ text, align: "right" as const }))];
}

/** `1,234.50`, or `N/A`. */
export function figure(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return "N/A";
  const [whole, decimals] = fixed2(value).split(".");
  return `${whole!.replace(/\B(?=(\d{3})+$)/g, ",")}.${decimals}`;
}
