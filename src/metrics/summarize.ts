// From the columns of all recording threads to the figures that are reported: the warm-up apart
// from what is measured, failures grouped, and the window told on the wall clock.

import { type Epoch, type PhaseKind, wallNs } from "#core";
import { type MeasuredPlan, rowsFor } from "./catalogue.ts";
import type { CollectorSnapshot, PhaseData } from "./collector.ts";
import type { Window } from "./curve-stats.ts";
import { type ErrorGroup, ErrorTally } from "./errors.ts";
import { type Attainment, limitedRow, metTag, type Slo } from "./goodput.ts";
import { type HdrHistogram, hdrOf } from "./hdr.ts";
import { type MetricResult, resultsOf } from "./results.ts";
import { giveBack } from "./room.ts";
import type { MetricRow } from "./row.ts";
import { type Slice, slicesOf } from "./slices.ts";
import { pooledAcceptance } from "./speculation.ts";
import { PERCENTILES } from "./statistics.ts";
import { type Steady, steadyOf } from "./steady.ts";
import { lengthOf, present } from "./tables.ts";
import { type Trend, trendOf } from "./trend.ts";

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
  /** How often each limit was kept; empty without limits. */
  readonly slos: readonly Attainment[];
  /** Undefined when none were asked for. */
  readonly sliced: Sliced | undefined;
  /** The part of the run that had settled; undefined when there is none to speak of. */
  readonly steady: Steady | undefined;
  readonly hdr: readonly HdrHistogram[];
  /** Steps of speculative decoding by how many proposed tokens they took; empty without any. */
  readonly acceptance: readonly number[];
  /** Each phase by itself; empty when there was only one. */
  readonly phases: readonly PhaseSummary[];
  /** Turns monotonic times of this summary into those of the wall clock. */
  readonly epoch: Epoch;
}

/** The run in slices, and what happened from one to the next. */
export interface Sliced {
  readonly sliceNs: number;
  readonly slices: readonly Slice[];
  /** Of the time to first token, or of the request latency where there is none. */
  readonly trend: Trend & { readonly tag: string };
}

/** One phase of several. */
export interface PhaseSummary extends Window {
  readonly phaseIndex: number;
  readonly kind: PhaseKind;
  readonly okCount: number;
  readonly errorCount: number;
  readonly errors: readonly ErrorGroup[];
  readonly metrics: readonly MetricResult[];
  readonly acceptance: readonly number[];
}

export interface SummarizeOptions {
  readonly plan: MeasuredPlan;
  readonly epoch: Epoch;
  /** From the start of the profiling phase to the return of its last credit, grace included. */
  readonly window: Window;
  readonly warmupWindow?: Window | undefined;
  /**
   * The windows of all phases that began, by their index. They tell the phases apart, and where
   * several are measured, rates divide by what these lasted, without the pauses between them.
   */
  readonly phaseWindows?: readonly Window[];
  readonly experimental?: boolean;
  /** Percentiles beside the usual ones. */
  readonly percentiles?: readonly number[];
  /** Also summarise stretches of this length. */
  readonly sliceNs?: number | undefined;
  readonly networkRttNs?: number | undefined;
}

/** Summarises a run from the snapshots of all its collectors. */
export function summarize(
  snapshots: readonly CollectorSnapshot[],
  options: SummarizeOptions,
): Summary {
  const all = snapshots.flatMap((snapshot) => snapshot.phases);
  const of = (kind: PhaseKind): PhaseData[] => all.filter((phase) => phase.kind === kind);
  const rows = rowsFor(options.plan, options.experimental);
  const { window, warmupWindow, epoch, networkRttNs } = options;
  const percents = [...new Set([...PERCENTILES, ...(options.percentiles ?? [])])];
  const common = { rows, percents, networkRttNs };

  const [profiling, warmup] = [of("profiling"), of("warmup")];
  const lasting = (phases: readonly PhaseData[]) => lastingNs(phases, options.phaseWindows ?? []);
  const measured = { window, phasesNs: lasting(profiling), confident: true };
  const warm = warmupWindow && { window: warmupWindow, phasesNs: lasting(warmup) };
  const summary: Summary = {
    metrics: resultsOf(profiling, { ...common, ...measured }),
    warmupMetrics: warm === undefined ? [] : resultsOf(warmup, { ...common, ...warm }),
    errors: errorsOf(profiling),
    okCount: lengthOf(profiling, "ok"),
    errorCount: lengthOf(profiling, "error"),
    startWallNs: wallNs(epoch, window.startNs),
    endWallNs: wallNs(epoch, window.endNs),
    slos: (options.plan.slos ?? []).map((slo) => attainmentOf(slo, rows, profiling)),
    sliced:
      options.sliceNs === undefined
        ? undefined
        : slicedOf(rows, profiling, options.sliceNs, percents),
    steady: steadyOf(rows, profiling, window, percents),
    hdr: hdrOf(rows, profiling),
    acceptance: pooledAcceptance(profiling),
    phases: phaseSummaries(all, common, options.phaseWindows ?? []),
    epoch,
  };
  giveBack(summary.okCount + summary.errorCount);
  return summary;
}

/** The result of a metric by its tag; undefined when no request had it. */
export function metricOf(metrics: readonly MetricResult[], tag: string): MetricResult | undefined {
  return metrics.find((metric) => metric.tag === tag);
}

function errorsOf(phases: readonly PhaseData[]): readonly ErrorGroup[] {
  const errors = new ErrorTally();
  for (const { count, ...error } of phases.flatMap((p) => p.errors)) errors.add(error, count);
  return errors.groups();
}

function attainmentOf(
  slo: Slo,
  rows: readonly MetricRow[],
  phases: readonly PhaseData[],
): Attainment {
  const row = limitedRow(slo, rows);
  const met = present(phases.flatMap(({ ok }) => ok.columns[metTag(slo)] ?? []));
  return {
    ...slo,
    header: row.header,
    unit: row.displayUnit ?? row.unit,
    largerIsBetter: row.largerIsBetter ?? false,
    metCount: met.reduce((sum, value) => sum + value, 0),
    requestCount: lengthOf(phases, "ok") + lengthOf(phases, "error"),
  };
}

function slicedOf(
  rows: readonly MetricRow[],
  phases: readonly PhaseData[],
  sliceNs: number,
  percents: readonly number[],
): Sliced {
  const slices = slicesOf(rows, phases, sliceNs, percents);
  const tag = rows.some((row) => row.tag === "time_to_first_token")
    ? "time_to_first_token"
    : "request_latency";
  const complete = slices.filter(({ isComplete }) => isComplete);
  const samples = complete.map(({ values }) => values(tag));
  return { sliceNs, slices, trend: { ...trendOf(samples), tag } };
}

/** What several phases lasted together; undefined for one. */
function lastingNs(phases: readonly PhaseData[], windows: readonly Window[]): number | undefined {
  const lasted = [...new Set(phases.map(({ phaseIndex }) => phaseIndex))].flatMap(
    (index) => windows[index] ?? [],
  );
  if (lasted.length < 2) return undefined;
  return lasted.reduce((sum, { startNs, endNs }) => sum + endNs - startNs, 0);
}

function phaseSummaries(
  all: readonly PhaseData[],
  common: Omit<Parameters<typeof resultsOf>[1], "window">,
  windows: readonly Window[],
): readonly PhaseSummary[] {
  if (windows.length < 2) return [];
  return windows.flatMap((window, phaseIndex) => {
    const phases = all.filter((phase) => phase.phaseIndex === phaseIndex);
    const [first] = phases;
    if (first === undefined) return [];
    return {
      ...window,
      phaseIndex,
      kind: first.kind,
      okCount: lengthOf(phases, "ok"),
      errorCount: lengthOf(phases, "error"),
      errors: errorsOf(phases),
      metrics: resultsOf(phases, { ...common, window }),
      acceptance: pooledAcceptance(phases),
    };
  });
}
