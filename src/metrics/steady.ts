// The part of a run in which the load was on and the server had settled, found from the run itself:
// the load is on while at least nine tenths of its usual concurrency are out (the usual one is the
// median over time); what precedes the server's settling is then cut off by MSER-5 (White, 1997),
// the truncation of a series that leaves the smallest standard error of its mean.

import type { PhaseData } from "./collector.ts";
import { flatten } from "./column.ts";
import type { Window } from "./curve-stats.ts";
import { END_COLUMN, START_COLUMN } from "./curves.ts";
import { ascendingOrder } from "./order.ts";
import { pickPhase, placesWhere } from "./pick.ts";
import { type MetricResult, resultsOf } from "./results.ts";
import { giveBack } from "./room.ts";
import type { MetricRow } from "./row.ts";
import { lengthOf, present } from "./tables.ts";

export const STEADY_METHOD = "concurrency-plateau-90pct+mser-5";

/** The steady window and its figures. */
export interface Steady extends Window {
  readonly okCount: number;
  readonly errorCount: number;
  readonly metrics: readonly MetricResult[];
}

const PLATEAU_SHARE = 0.9;
/** A window with fewer requests, or of less of the run, says less than the whole run does. */
const REQUESTS_MIN = 30;
const SHARE_MIN = 0.25;
const BATCH = 5;

/** The steady part of some phases; undefined when there is none to speak of. */
export function steadyOf(
  rows: readonly MetricRow[],
  phases: readonly PhaseData[],
  run: Window,
  percents: readonly number[],
): Steady | undefined {
  const plateau = plateauOf(phases, run);
  if (plateau === undefined) return undefined;
  giveBack(lengthOf(phases, "ok"));
  const window = { ...plateau, startNs: settledNs(phases, plateau) };
  giveBack(lengthOf(phases, "ok"));
  if (window.endNs - window.startNs < SHARE_MIN * (run.endNs - run.startNs)) return undefined;
  const isIn = (startNs: number): boolean => startNs > window.startNs && startNs <= window.endNs;
  const picked = phases.map((phase) =>
    pickPhase(
      phase,
      placesWhere(phase.ok, START_COLUMN, isIn),
      placesWhere(phase.error, START_COLUMN, isIn),
    ),
  );
  const okCount = lengthOf(picked, "ok");
  if (okCount < REQUESTS_MIN) return undefined;
  // What the tables show and what that stands on: the rest says little more of a part than of all.
  const shown = rows.filter(
    (row) =>
      row.kind === "aggregate" ||
      row.kind === "derived" ||
      (row.kind === "record" && row.group === "default"),
  );
  return {
    ...window,
    okCount,
    errorCount: lengthOf(picked, "error"),
    metrics: resultsOf(picked, { rows: shown, window, percents, curves: new Map() }),
  };
}

/** From the first moment at which most of the usual concurrency was out to the last. */
function plateauOf(phases: readonly PhaseData[], run: Window): Window | undefined {
  const tables = phases.flatMap(({ ok, error }) => [ok, error]);
  const column = (tag: string) => present(tables.flatMap((table) => table.columns[tag] ?? []));
  const starts = column(START_COLUMN);
  const ends = column(END_COLUMN);
  if (starts.length === 0 || starts.length !== ends.length) return undefined;
  starts.sort();
  ends.sort();
  const usual = usualConcurrency(starts, ends, run);
  let first: number | undefined;
  let last: number | undefined;
  walkConcurrency(starts, ends, (out, fromNs, toNs) => {
    if (toNs <= fromNs || out < PLATEAU_SHARE * usual) return;
    first ??= fromNs;
    last = toNs;
  });
  if (first === undefined || last === undefined) return undefined;
  return { startNs: Math.max(run.startNs, first), endNs: Math.min(run.endNs, last) };
}

/** Visits the stretches between sorted starts and ends with how many requests are out. */
function walkConcurrency(
  starts: Float64Array,
  ends: Float64Array,
  visit: (out: number, fromNs: number, toNs: number) => void,
): void {
  let out = 0;
  let at = starts[0]!;
  for (let started = 0, ended = 0; ended < ends.length; ) {
    const isStart = started < starts.length && starts[started]! < ends[ended]!;
    const ns = isStart ? starts[started++]! : ends[ended++]!;
    visit(out, at, ns);
    at = ns;
    out += isStart ? 1 : -1;
  }
}

/** The median over time of how many requests are out. */
function usualConcurrency(starts: Float64Array, ends: Float64Array, run: Window): number {
  const lasted: number[] = [];
  let total = 0;
  walkConcurrency(starts, ends, (out, fromNs, toNs) => {
    const ns = Math.min(toNs, run.endNs) - Math.max(fromNs, run.startNs);
    if (!(ns > 0)) return;
    lasted[out] = (lasted[out] ?? 0) + ns;
    total += ns;
  });
  let seen = 0;
  for (let out = 0; out < lasted.length; out++) {
    seen += lasted[out] ?? 0;
    if (seen >= total / 2) return out;
  }
  return 0;
}

/** When the server had settled: before that, means of five requests' latencies are not yet usual. */
function settledNs(phases: readonly PhaseData[], { startNs, endNs }: Window): number {
  const starts = flatten(phases.flatMap(({ ok }) => ok.columns[START_COLUMN] ?? []));
  const latencies = flatten(phases.flatMap(({ ok }) => ok.columns.request_latency ?? []));
  const inside = new Uint32Array(starts.length);
  let count = 0;
  for (let i = 0; i < starts.length; i++) {
    if (starts[i]! > startNs && starts[i]! <= endNs && latencies[i]! >= 0) inside[count++] = i;
  }
  const sinceNs = new Float64Array(count);
  for (let i = 0; i < count; i++) sinceNs[i] = starts[inside[i]!]! - startNs;
  const order = ascendingOrder(sinceNs);
  const means = new Float64Array(Math.floor(count / BATCH));
  for (let i = 0; i < means.length * BATCH; i++) {
    means[Math.floor(i / BATCH)]! += latencies[inside[order[i]!]!]! / BATCH;
  }
  const cut = mser(means);
  return cut === 0 ? startNs : startNs + sinceNs[order[cut * BATCH - 1]!]!;
}

/** How many leading values to leave out: where the rest has the smallest squared standard error. */
export function mser(values: Float64Array): number {
  let best = 0;
  let bestError = Number.POSITIVE_INFINITY;
  let sum = 0;
  let squares = 0;
  const origin = values.length === 0 ? 0 : values[values.length - 1]!;
  for (let cut = values.length - 1; cut >= 0; cut--) {
    const off = values[cut]! - origin;
    sum += off;
    squares += off * off;
    const count = values.length - cut;
    // Half of the series at most may be called a transient.
    if (cut > values.length / 2) continue;
    const error = (squares - (sum * sum) / count) / (count * count);
    if (error <= bestError) {
      bestError = error;
      best = cut;
    }
  }
  return best;
}
