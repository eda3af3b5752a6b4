// `aiperf analyze-trace`: what a trace asks of a server and of its prefix cache, before anything is
// sent. AIPerf's table and report; beyond it pictures, and hit rates of caches that have a limit.

import { writeFileSync } from "node:fs";
import { basename } from "node:path";
import { fail, messageOf } from "#core";
import { type CellLine, drawTable, painter, type Table, wantsColor } from "#report";
import {
  analyzeTrace,
  arrivalBars,
  drawBars,
  grouped,
  type HitPoint,
  hitBars,
  hitRatesBySize,
  hitRatesByTtl,
  lengthBars,
  readTrace,
  type Stats,
  seconds,
  shortCount,
  type Trace,
  type TraceReport,
  traceOf,
} from "#trace";
import { type FlagSpec, readSmallArgv, smallHelp } from "./small-argv.ts";
import { terminalOf } from "./surroundings.ts";

const COLUMNS_MAX = 120;

const FLAGS = [
  { name: "--output-file", value: "PATH", help: "write the report there as JSON" },
  { name: "--block-size", value: "TOKENS", help: "tokens of one block (default: 512)" },
] as const satisfies readonly FlagSpec[];

const USAGE = {
  command: "analyze-trace",
  argument: "FILE",
  about: "Says what a trace in Mooncake's format asks of a prefix cache.",
  flags: FLAGS,
};

/** Runs the verb; answers with the process's exit status. */
export async function runAnalyzeTrace(argv: string[]): Promise<number> {
  if (argv.includes("--help") || argv.includes("-h")) {
    console.log(smallHelp(USAGE));
    return 0;
  }
  const { argument: path, flags } = readSmallArgv(argv, USAGE);
  const blockTokens = flags["--block-size"] === undefined ? 512 : Number(flags["--block-size"]);
  if (!Number.isSafeInteger(blockTokens) || blockTokens < 1) {
    fail("E_FLAG_VALUE", "--block-size is no whole number of at least 1", "give one such as 512");
  }
  const trace = traceOf(await readTrace(path));
  const report = analyzeTrace(trace, blockTokens);
  const limited = { bySize: hitRatesBySize(trace), byTtl: hitRatesByTtl(trace) };
  const terminal = terminalOf(process.stdout);
  const paint = painter(wantsColor(process.env, terminal.isTerminal));
  const width = Math.min(COLUMNS_MAX, terminal.width());
  console.log(drawTable(tableOf(report, basename(path)), paint));
  console.log(pictures(trace, limited, blockTokens, width));

  const output = flags["--output-file"];
  if (output === undefined) return 0;
  try {
    writeFileSync(output, `${JSON.stringify(reportJson(report, limited), null, 2)}\n`);
  } catch (error) {
    fail("E_OUTPUT", `${output} cannot be written: ${messageOf(error)}`, "choose another path");
  }
  console.log(`\nReport: ${output}`);
  return 0;
}

interface Limited {
  readonly bySize: readonly HitPoint[];
  readonly byTtl: readonly HitPoint[];
}

/** AIPerf's report, and after its keys ours. */
export function reportJson(report: TraceReport, { bySize, byTtl }: Limited): object {
  return {
    ...report,
    hit_rate_by_cache_blocks: bySize.map(({ limit, hitRate }) => ({
      blocks: limit,
      hit_rate: hitRate,
    })),
    hit_rate_by_ttl: byTtl.map(({ limit, hitRate }) => ({ seconds: limit, hit_rate: hitRate })),
  };
}

const ROWS: readonly (readonly [title: string, stats: keyof TraceReport])[] = [
  ["Input Length", "isl_stats"],
  ["Context Length", "context_length_stats"],
  ["Unique Prompt Length", "unique_prompt_length_stats"],
  ["Output Length", "osl_stats"],
  ["Theoretical Hit Rates", "hit_rate_stats"],
];

const COLUMNS: readonly (readonly [title: string, stat: keyof Stats])[] = [
  ["Mean", "mean"],
  ["Std Dev", "std_dev"],
  ["Min", "min"],
  ["P25", "p25"],
  ["Median", "median"],
  ["P75", "p75"],
  ["Max", "max"],
];

/** Two decimals, and commas between thousands. */
function decimals(value: number): string {
  const [whole, part] = value.toFixed(2).split(".");
  return `${grouped(Number(whole))}.${part}`;
}

function tableOf(report: TraceReport, name: string): Table {
  const counts = [
    `${report.total_requests} requests`,
    `${report.unique_prefixes} prefixes`,
    `${report.num_prefix_groups} prefix groups`,
    `${(100 * report.prefix_reuse_ratio).toFixed(1)} % of prefixes reused`,
  ];
  return {
    title: `${name}: ${counts.join(", ")}`,
    columns: [
      { title: "Metric", align: "right" },
      ...COLUMNS.map(([title]) => ({ title, align: "right" as const })),
    ],
    rows: ROWS.map(([title, key]) => {
      const stats = report[key] as Stats;
      const cells = COLUMNS.map(([, stat]): readonly CellLine[] => [decimals(stats[stat])]);
      return [[title], ...cells];
    }),
  };
}

function pictures(
  trace: Trace,
  { bySize, byTtl }: Limited,
  blockTokens: number,
  width: number,
): string {
  const inputs = lengthBars(trace.inputTokens);
  const outputs = lengthBars(trace.outputTokens);
  const arrivals = arrivalBars(trace);
  const most = (bars: readonly { readonly value: number }[]) =>
    Math.max(...bars.map(({ value }) => value));
  const size = (blocks: number) => `${shortCount(blocks * blockTokens)} tokens`;
  const charts = [
    { title: "Prompts by length, tokens", bars: inputs, full: most(inputs) },
    { title: "Replies by length, tokens", bars: outputs, full: most(outputs) },
    { title: "Requests over time", bars: arrivals, full: most(arrivals) },
    { title: "Hit rate of a cache by its size", bars: hitBars(bySize, size), full: 1 },
    { title: "Hit rate by how long blocks are kept", bars: hitBars(byTtl, seconds), full: 1 },
  ];
  return charts
    .filter(({ bars }) => bars.length > 0)
    .map(({ title, bars, full }) => `\n${drawBars(title, bars, full, width)}`)
    .join("\n");
}
