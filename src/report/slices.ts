// How the run went from slice to slice: a table with a line a slice, its ranges, and what a test makes
// of them. Many slices are told by their first and last ones; the file has all.

import { metricOf, SIGNIFICANT, type Slice, type Sliced, type StatKey } from "#metrics";
import { figure } from "./metric-table.ts";
import type { CellLine, Table } from "./table.ts";
import { tableWidth } from "./table.ts";

/** Slices shown at the start and at the end, when there are more than both together. */
const SHOWN_EACH = 15;

interface Column {
  readonly title: string;
  /** Goes first when there is no room. */
  readonly rank: number;
  readonly cell: (slice: Slice) => string;
}

/** The table of a run's slices, no wider than `width` columns if that can be. */
export function sliceTable(title: string, sliced: Sliced, width: number): Table {
  const { slices, sliceNs } = sliced;
  const all = columnsOf(sliced);
  for (let gone = 0; ; gone++) {
    const kept = all.filter(({ rank }) => rank === 0 || rank > gone);
    const table: Table = {
      title: `${title} (${shortNumber(sliceNs / 1e9)}-second slices)`,
      columns: kept.map((column) => ({ title: column.title, align: "right" as const })),
      rows: shownOf(slices).map((slice) =>
        kept.map((column): readonly CellLine[] => [slice === undefined ? "…" : column.cell(slice)]),
      ),
    };
    if (tableWidth(table) <= width || kept.every(({ rank }) => rank === 0)) return table;
  }
}

/** The slices that there is room for; undefined for those left out between them. */
function shownOf(slices: readonly Slice[]): readonly (Slice | undefined)[] {
  if (slices.length <= 2 * SHOWN_EACH + 1) return slices;
  return [...slices.slice(0, SHOWN_EACH), undefined, ...slices.slice(-SHOWN_EACH)];
}

function columnsOf({ slices }: Sliced): readonly Column[] {
  const startNs = slices[0]?.startNs ?? 0;
  const index = new Map(slices.map((slice, i) => [slice, i]));
  const has = (tag: string): boolean => slices.some(({ metrics }) => metricOf(metrics, tag));
  const failed = slices.some(({ errorCount }) => errorCount > 0);
  const columns: readonly (Column & { readonly when?: boolean })[] = [
    { title: "Slice", rank: 1, cell: (slice) => String(index.get(slice)) },
    { title: "Window", rank: 0, cell: (slice) => windowText(slice, startNs) },
    { title: "Requests", rank: 0, cell: ({ okCount }) => okCount.toLocaleString("en-US") },
    {
      title: "Errors",
      rank: 4,
      when: failed,
      cell: ({ errorCount }) => errorCount.toLocaleString("en-US"),
    },
    {
      title: "TTFT (ms) avg (p90)",
      rank: 0,
      when: has("time_to_first_token"),
      cell: (slice) => averageAndTail(slice, "time_to_first_token"),
    },
    {
      title: "Latency (ms) avg (p90)",
      rank: has("time_to_first_token") ? 3 : 0,
      cell: (slice) => averageAndTail(slice, "request_latency"),
    },
    {
      title: "Tokens/s",
      rank: 5,
      when: has("output_token_throughput"),
      cell: (slice) => whole(slice, "output_token_throughput"),
    },
    {
      title: "Good",
      rank: 2,
      when: has("good_request_fraction"),
      cell: (slice) => {
        const share = metricOf(slice.metrics, "good_request_fraction")?.stats.avg;
        return share === undefined ? "N/A" : `${Math.floor(100 * share)}%`;
      },
    },
  ];
  return columns.filter(({ when = true }) => when);
}

function windowText({ startNs, endNs, isComplete }: Slice, originNs: number): string {
  const seconds = (ns: number): string => shortNumber((ns - originNs) / 1e9);
  return `${seconds(startNs)}-${seconds(endNs)}s${isComplete ? "" : "*"}`;
}

/** At most two decimals, and none where they are zero. */
function shortNumber(value: number): string {
  return String(Math.round(value * 100) / 100);
}

function averageAndTail(slice: Slice, tag: string): string {
  const { avg, p90 } = metricOf(slice.metrics, tag)?.stats ?? {};
  return avg === undefined || p90 === undefined ? "N/A" : `${rounded(avg)} (${rounded(p90)})`;
}

function whole(slice: Slice, tag: string): string {
  const value = metricOf(slice.metrics, tag)?.stats.avg;
  return value === undefined ? "N/A" : rounded(value);
}

/** Whole numbers from 100 on; below, two decimals. */
function rounded(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString("en-US") : figure(value);
}

const NAMES: { readonly [tag: string]: string } = {
  time_to_first_token: "TTFT",
  request_latency: "request latency",
};

/** What the slices show, a sentence a line. */
export function trendLines(sliced: Sliced): readonly string[] {
  const { slices, trend } = sliced;
  const name = NAMES[trend.tag] ?? trend.tag;
  const lines = [
    rangeLine(slices, trend.tag, name, "ms"),
    rangeLine(slices, "output_token_throughput", "Throughput", "tokens/s"),
    firstLine(slices, trend.tag, name),
    findingLine(sliced, name),
    slices.some(({ isComplete }) => !isComplete)
      ? "* the run ended before this slice did"
      : undefined,
  ];
  return lines.filter((line) => line !== undefined);
}

function rangeLine(
  slices: readonly Slice[],
  tag: string,
  name: string,
  unit: string,
): string | undefined {
  const values = valuesOf(slices, tag, "avg");
  if (values.length < 2) return undefined;
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const apart = low > 0 ? ` (variation: ${(100 * (high / low - 1)).toFixed(1)}%)` : "";
  return `${capital(name)} Range: ${rounded(low)} - ${rounded(high)} ${unit}${apart}`;
}

function firstLine(slices: readonly Slice[], tag: string, name: string): string | undefined {
  const [first, ...rest] = valuesOf(slices, tag, "avg");
  if (first === undefined || rest.length === 0) return undefined;
  const usual = rest.reduce((sum, value) => sum + value, 0) / rest.length;
  const what = `First slice ${name}: ${rounded(first)} ms`;
  return `${what} vs. the rest: ${rounded(usual)} ms, the last: ${rounded(rest.at(-1)!)} ms`;
}

function findingLine({ trend, slices }: Sliced, name: string): string {
  const { finding, p, test, change } = trend;
  const percent = `${Math.abs(100 * change).toFixed(1)}%`;
  const proof = p === undefined ? "" : ` (${test?.replace("-", "–")}, ${chance(p)})`;
  switch (finding) {
    case "warm-up":
      return `Warm-up: ${name} was ${percent} higher in the first slice than usual${proof}; --warmup-duration keeps that out of the figures`;
    case "degradation":
      return `Degradation: ${name} rose by ${percent} over the slices${proof}; the server did not keep up, or its load grew`;
    case "improvement":
      return `Improvement: ${name} fell by ${percent} over the slices${proof}; a longer --warmup-duration may be due`;
    case "steady":
      return p !== undefined && p < SIGNIFICANT
        ? `Steady: ${name} changed by only ${percent} over the slices${proof}`
        : `Steady: no trend in ${name} beyond chance${proof}`;
    case "unknown": {
      const count = slices.filter(({ isComplete }) => isComplete).length;
      return `Trend: ${count} whole ${count === 1 ? "slice tells" : "slices tell"} none; six do`;
    }
  }
}

function chance(p: number): string {
  if (p < 0.001) return "p < 0.001";
  return `p = ${p.toFixed(p < SIGNIFICANT ? 3 : 2)}`;
}

function valuesOf(slices: readonly Slice[], tag: string, key: StatKey): readonly number[] {
  return slices.flatMap(({ metrics }) => metricOf(metrics, tag)?.stats[key] ?? []);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
