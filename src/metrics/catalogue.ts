// All metrics, in families. Every exporter, table and schema reads these rows; a new metric is a
// row in its family and nothing else.

import { endpointFacts, type Plan } from "#config";
import { COUNTS } from "./counts.ts";
import { CURVES } from "./curves.ts";
import { goodputRows, type Slo } from "./goodput.ts";
import { HTTP } from "./http.ts";
import { MEDIA } from "./media.ts";
import { NETWORK } from "./network.ts";
import { REPLAY } from "./replay.ts";
import type { LineRow, MetricRow, Need } from "./row.ts";
import { SPECULATION } from "./speculation.ts";
import { TIMING } from "./timing.ts";
import { TOKENS } from "./tokens.ts";
import { USAGE } from "./usage.ts";

export const CATALOGUE: readonly MetricRow[] = [
  ...TIMING,
  ...TOKENS,
  ...COUNTS,
  ...USAGE,
  ...HTTP,
  ...CURVES,
  ...NETWORK,
  ...MEDIA,
  ...SPECULATION,
  ...REPLAY,
];

/** The part of a plan that decides which metrics there are. */
export interface MeasuredPlan {
  readonly endpoint: Pick<Plan["endpoint"], "streaming" | "useServerTokenCount"> &
    Partial<Pick<Plan["endpoint"], "kind">>;
  readonly slos?: readonly Slo[];
  /** A recording's times are replayed. */
  readonly replays?: boolean;
  /** The way to the server is taken off the latencies. */
  readonly adjustsForNetwork?: boolean;
}

/** What a plan offers to the metrics. */
function offersOf(plan: MeasuredPlan): ReadonlySet<Need> {
  const { streaming, useServerTokenCount, kind = "chat" } = plan.endpoint;
  const { producesTokens, tokenizesInput } = endpointFacts(kind);
  const offers = new Set<Need>();
  if (producesTokens) offers.add("producesTokens");
  if (tokenizesInput) offers.add("tokenizesInput");
  if (streaming) offers.add("streaming");
  if (!useServerTokenCount) offers.add("clientTokens");
  if (plan.replays) offers.add("schedule");
  if (plan.adjustsForNetwork) offers.add("networkRtt");
  return offers;
}

/**
 * The rows that a run computes, in the catalogue's order.
 * @param experimental also those that are collected only when asked for
 * @throws E_GOODPUT for a limit on something that no request of such a run has
 */
export function rowsFor(plan: MeasuredPlan, experimental = false): readonly MetricRow[] {
  const offers = offersOf(plan);
  const rows = CATALOGUE.filter(
    (row) =>
      (experimental || row.hidden !== "experimental") &&
      (row.needs ?? []).every((need) => offers.has(need)),
  );
  return [...rows, ...goodputRows(plan.slos ?? [], rows)];
}

/** The rows that appear for every request in the per-request file. */
export function lineRows(rows: readonly MetricRow[]): readonly LineRow[] {
  return rows.filter((row): row is LineRow => {
    if (row.hidden !== undefined) return false;
    if (row.kind === "record") return !row.summaryOnly;
    return row.kind === "list" || (row.kind === "aggregate" && row.inLines === true);
  });
}
