// The report at the end of a run: first what failed, then the table, then what deserves attention,
// then how long it took and where the files are. The last lines are those that stay in view.

import { type Audit, type Verdict, verdictLine } from "#audit";
import { type Group, metricOf, type Summary } from "#metrics";
import { attentionTo } from "./attention.ts";
import { certaintyLines } from "./certainty.ts";
import { errorTable } from "./error-table.ts";
import { tellsApart } from "./from-due.ts";
import { goodputLines } from "./goodput.ts";
import { figure, metricTable } from "./metric-table.ts";
import { sliceTable, trendLines } from "./slices.ts";
import { acceptanceLine } from "./speculation.ts";
import { type Paint, type Painter, painter } from "./style.ts";
import { drawTable } from "./table.ts";
import { wrap, wrapIndented } from "./wrap.ts";

export interface ReportFile {
  /** Such as `CSV Export`. */
  readonly label: string;
  readonly path: string;
}

export interface ReportOptions {
  /** Columns of the terminal. */
  readonly width: number;
  readonly color: boolean;
  /** Of the main table, such as `LLM Metrics`. */
  readonly title: string;
  /** Percentiles that have a column beside the usual ones. */
  readonly percentiles?: readonly number[];
  /** Also a table of what the sockets saw. */
  readonly showsTrace?: boolean;
  readonly files: readonly ReportFile[];
  /** What a reader of the figures should know; see RunFacts of the artifacts. */
  readonly notes: readonly string[];
  readonly wasCancelled: boolean;
  /** Why the results are partial; undefined when they are not. */
  readonly incompleteReason: string | undefined;
  /** Shown when given. */
  readonly cliCommand?: string;
  /** Its verdict is shown when given. */
  readonly audit?: Audit;
}

const NAME = "AIPerf";
const CANCELLED_CODE = 499;

/** The whole report; ends with a line end. */
export function renderReport(summary: Summary, options: ReportOptions): string {
  const paint = painter(options.color);
  const blocks = [
    ...incomplete(options, paint),
    ...failures(summary, options, paint),
    figures(summary, options, paint),
    ...traceTable(summary, options, paint),
    ...groupTable("speculation", "Speculative Decoding", summary, options, paint),
    wrap(acceptanceLine(summary.acceptance), options.width).join("\n"),
    certaintyLines(summary)
      .map((line) => paint("dim", wrap(line, options.width).join("\n")))
      .join("\n"),
    goodputLines(summary)
      .flatMap((line) => wrapIndented(line, options.width))
      .join("\n"),
    ...slices(summary, options, paint),
    ...attention(summary, options, paint),
    [...commandLine(options), ...footer(summary, options, paint)].join("\n"),
    options.files.map(({ label, path }) => `${label}: ${path}`).join("\n"),
  ];
  return `\n${blocks.filter((block) => block !== "").join("\n\n")}\n`;
}

function incomplete(options: ReportOptions, paint: Painter): string[] {
  const { wasCancelled, incompleteReason } = options;
  if (!wasCancelled && incompleteReason === undefined) return [];
  const reason = incompleteReason ?? "the run was cancelled";
  return [paint("red", `${NAME} | INCOMPLETE RESULTS: ${reason}`)];
}

function failures(summary: Summary, options: ReportOptions, paint: Painter): string[] {
  if (summary.errors.length === 0) return [];
  const title = `${NAME} | Error Summary`;
  const { table, leftOut } = errorTable(title, summary.errors, options.width);
  const more = leftOut > 0 ? `\n${leftOut} more kinds of failure are in the JSON export` : "";
  return [paint("red", drawTable(table, paint) + more)];
}

function figures(summary: Summary, options: ReportOptions, paint: Painter): string {
  if (summary.okCount === 0) {
    const text = `${NAME} | ${emptiness(summary)}, so there is nothing to measure.`;
    return paint("red", wrap(text, options.width).join("\n"));
  }
  const shown = summary.metrics.filter(
    (metric) => metric.group === "default" || tellsApart(metric, summary.metrics),
  );
  const { width, percentiles } = options;
  return drawTable(metricTable(`${NAME} | ${options.title}`, shown, width, percentiles), paint);
}

function traceTable(summary: Summary, options: ReportOptions, paint: Painter): string[] {
  return options.showsTrace
    ? groupTable("trace", "HTTP Trace Timing", summary, options, paint)
    : [];
}

/** A table of the metrics of one group; nothing when there are none. */
function groupTable(
  group: Group,
  title: string,
  { metrics }: Summary,
  { width, percentiles }: ReportOptions,
  paint: Painter,
): string[] {
  const mine = metrics.filter((metric) => metric.group === group);
  if (mine.length === 0) return [];
  return [drawTable(metricTable(`${NAME} | ${title}`, mine, width, percentiles), paint)];
}

function slices({ sliced, okCount }: Summary, { width }: ReportOptions, paint: Painter): string[] {
  if (sliced === undefined || okCount === 0) return [];
  const table = sliceTable(`${NAME} | Time Slices`, sliced, width);
  const { finding } = sliced.trend;
  const color = finding === "steady" ? "green" : finding === "unknown" ? "dim" : "yellow";
  const lines = trendLines(sliced).map((line) => {
    const text = wrap(line, width).join("\n");
    return FINDING.test(line) ? paint(color, text) : text;
  });
  return [drawTable(table, paint), lines.join("\n")];
}

const FINDING = /^(Warm-up|Degradation|Improvement|Steady|Trend): /;

/** Why there are no figures. */
function emptiness({ errorCount, errors }: Summary): string {
  const cancelled = errors.filter(({ code }) => code === CANCELLED_CODE);
  if (errorCount === 0 || errors.length === cancelled.length) return "No request was finished";
  const all = errorCount === 1 ? "the only one" : `all ${errorCount}`;
  return `No request succeeded: ${all} failed`;
}

function attention(summary: Summary, options: ReportOptions, paint: Painter): string[] {
  return [...attentionTo(summary), ...options.notes].map((text) =>
    paint("yellow", wrap(text, options.width).join("\n")),
  );
}

function commandLine({ cliCommand }: ReportOptions): string[] {
  return cliCommand === undefined ? [] : [`CLI Command: ${cliCommand}`];
}

function footer(summary: Summary, options: ReportOptions, paint: Painter): string[] {
  const windowS = Number(summary.endWallNs - summary.startWallNs) / 1e9;
  const durationS = metricOf(summary.metrics, "benchmark_duration")?.stats.avg ?? windowS;
  const early = options.wasCancelled ? " (cancelled early)" : "";
  return [
    `Benchmark Duration: ${figure(durationS)} sec${early}`,
    paint(summary.errorCount === 0 ? "green" : "red", successRate(summary)),
    ...verdict(options, paint),
  ];
}

const VERDICTS: { readonly [verdict in Verdict]: Paint } = {
  valid: "green",
  doubtful: "yellow",
  invalid: "red",
};

function verdict({ audit, width }: ReportOptions, paint: Painter): string[] {
  if (audit === undefined) return [];
  return [paint(VERDICTS[audit.verdict], wrap(verdictLine(audit), width).join("\n"))];
}

/** `Success Rate: 99.9% (1 error)`, rounded down: 100 % means that nothing failed. */
function successRate({ okCount, errorCount }: Summary): string {
  const errors = `${errorCount.toLocaleString("en-US")} ${errorCount === 1 ? "error" : "errors"}`;
  const requests = okCount + errorCount;
  if (requests === 0) return "Success Rate: N/A (no requests)";
  const percent = Math.floor((1000 * okCount) / requests) / 10;
  return `Success Rate: ${percent}% (${errors})`;
}
