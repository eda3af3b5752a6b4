// profile_export_aiperf.csv: the figures for a spreadsheet, in two tables: metrics that have a
// distribution, then metrics that are one number. Lines end in CRLF and cells are quoted as RFC
// 4180 says.

import { fixed2, type MetricResult, type StatKey, type Summary } from "#metrics";

/** Columns of the first table, after the metric's name. */
export const CSV_STATS = [
  ...(["avg", "min", "max", "sum", "p1", "p5", "p10", "p25", "p50"] as const),
  ...(["p75", "p90", "p95", "p99", "std"] as const),
] as const satisfies readonly StatKey[];

/** Units that a name goes without: they say nothing that the name does not. */
const UNNAMED_UNITS: ReadonlySet<string> = new Set(["count", "requests"]);

/** The text of profile_export_aiperf.csv. */
export function summaryCsv(summary: Summary): string {
  const metrics = [...summary.metrics].sort((a, b) => (a.tag < b.tag ? -1 : 1));
  const spread = metrics.filter(isSpread);
  const single = metrics.filter((metric) => !isSpread(metric));
  const rows = [
    ...(spread.length > 0 ? [["Metric", ...CSV_STATS], ...spread.map(spreadRow), []] : []),
    ["Metric", "Value"],
    ...single.map((metric) => [name(metric), cell(metric.stats.avg)]),
  ];
  return rows.map((row) => `${row.map(quoted).join(",")}\r\n`).join("");
}

function isSpread({ stats }: MetricResult): boolean {
  return Object.keys(stats).some((key) => /^p\d/.test(key));
}

function spreadRow(metric: MetricResult): string[] {
  return [name(metric), ...CSV_STATS.map((key) => cell(metric.stats[key]))];
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
