// From the columns of all recording threads to the figures that are reported: the warm-up apart
// from what is measured, failures grouped, and the window told on the wall clock.

import { type Epoch, type PhaseKind, wallNs } from "#core";
import { type MeasuredPlan, rowsFor } from "./catalogue.ts";
import type { CollectorSnapshot, PhaseData } from "./collector.ts";
import type { Window } from "./curve-stats.ts";
import { type ErrorGroup, ErrorTally } from "./errors.ts";
import { type MetricResult, resultsOf } from "./results.ts";
import { lengthOf } from "./tables.ts";

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
}

export interface SummarizeOptions {
  readonly plan: MeasuredPlan;
  readonly epoch: Epoch;
  /** From the start of the profiling phase to the return of its last credit, grace included. */
  readonly window: Window;
  readonly warmupWindow?: Window | undefined;
  readonly experimental?: boolean;
}

/** Summarises a run from the snapshots of all its collectors. */
export function summarize(
  snapshots: readonly CollectorSnapshot[],
  options: SummarizeOptions,
): Summary {
  const phases = snapshots.flatMap((snapshot) => snapshot.phases);
  const of = (kind: PhaseKind): PhaseData[] => phases.filter((phase) => phase.kind === kind);
  const rows = rowsFor(options.plan, options.experimental);
  const { window, warmupWindow, epoch } = options;

  const profiling = of("profiling");
  const errors = new ErrorTally();
  for (const { count, ...error } of profiling.flatMap((p) => p.errors)) errors.add(error, count);
  return {
    metrics: resultsOf(rows, profiling, window),
    warmupMetrics: warmupWindow === undefined ? [] : resultsOf(rows, of("warmup"), warmupWindow),
    errors: errors.groups(),
    okCount: lengthOf(profiling, "ok"),
    errorCount: lengthOf(profiling, "error"),
    startWallNs: wallNs(epoch, window.startNs),
    endWallNs: wallNs(epoch, window.endNs),
  };
}

/** The result of a metric by its tag; undefined when no request had it. */
export function metricOf(metrics: readonly MetricResult[], tag: string): MetricResult | undefined {
  return metrics.find((metric) => metric.tag === tag);
}
