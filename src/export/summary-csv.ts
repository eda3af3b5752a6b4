// profile_export_aiperf.csv: the figures for a spreadsheet, in two tables: metrics that have a
// distribution, then metrics that are one number. Lines end in CRLF and cells are quoted as RFC
// 4180 says.

import {
  fixed2,
  type MetricResult,
  type MetricStats,
  PERCENTILES,
  type StatKey,
  type Summary,
} from "#metrics";

/** The statistics that stand before the percentiles, and after them. */
const BEFORE = ["avg", "min", "max", "sum"] as const satisfies readonly StatKey[];
const AFTER = ["std"] as const satisfies readonly StatKey[];

/** Columns of the first table, after the metric's name: with further percentiles where there are any. */
export function csvStats(all: readonly MetricStats[]): readonly StatKey[] {
  const usual = PERCENTILES.map((percent): StatKey => `p${percent}`);
  const found = all.flatMap((stats) => Object.keys(stats)).filter((key) => /^p\d/.test(key));
  const percentiles = [...new Set([...usual, ...(found as StatKey[])])];
  percentiles.sort((a, b) => Number(a.slice(1)) - Number(b.slice(1)));
  return [...BEFORE, ...percentiles, ...AFTER];
}

/** Units that a name goes without: they say nothing that the name does not. */
const UNNAMED_UNITS: ReadonlySet<string> = new Set(["count", "requests"]);

/** The text of profile_export_aiperf.csv. */
export function summaryCsv(summary: Summary): string {
  const metrics = [...summary.metrics].sort((a, b) => (a.tag < b.tag ? -1 : 1));
  const spread = metrics.filter(isSpread);
  const single = metrics.filter((metric) => !isSpread(metric));
  const columns = csvStats(spread.map(({ stats }) => stats));
  const spreadRow = (metric: MetricResult): string[] => [
    name(metric),
    ...columns.map((key) => cell(metric.stats[key])),
  ];
  const rows = [
    ...(spread.length > 0 ? [["Metric", ...columns], ...spread.map(spreadRow), []] : []),
    ["Metric", "Value"],
    ...single.map((metric) => [name(metric), cell(metric.stats.avg)]),
  ];
  return rows.map((row) => `${row.map(quoted).join(",")}\r\n`).join("");
}

function isSpread({ stats }: MetricResult): boolean {
  return Object.keys(stats).some((key) => /^p\d/.test(key));
}

function name({ header, unit }: MetricResult): string {
  return UNNAMED_UNITS.has(unit) ? header : `${header} (${unit})`;
}

function cell(value: number | undefined): string {
  return value === undefined ? "" : fixed2(value);
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
