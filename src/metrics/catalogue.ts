// All metrics, in families. Every exporter, table and schema reads these rows; a new metric is a
// row in its family and nothing else.

import type { Plan } from "#config";
import { COUNTS } from "./counts.ts";
import { CURVES } from "./curves.ts";
import { HTTP } from "./http.ts";
import type { ListRow, MetricRow, Need, RecordRow } from "./row.ts";
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
];

/** The part of a plan that decides which metrics there are. */
export interface MeasuredPlan {
  readonly endpoint: Pick<Plan["endpoint"], "streaming" | "useServerTokenCount">;
}

/** What a plan offers to the metrics. */
function offersOf(plan: MeasuredPlan): ReadonlySet<Need> {
  const { streaming, useServerTokenCount } = plan.endpoint;
  const offers = new Set<Need>(["producesTokens", "tokenizesInput"]);
  if (streaming) offers.add("streaming");
  if (!useServerTokenCount) offers.add("clientTokens");
  return offers;
}

/**
 * The rows that a run computes, in the catalogue's order.
 * @param experimental also those that are collected only when asked for
 */
export function rowsFor(plan: MeasuredPlan, experimental = false): readonly MetricRow[] {
  const offers = offersOf(plan);
  return CATALOGUE.filter(
    (row) =>
      (experimental || row.hidden !== "experimental") &&
      (row.needs ?? []).every((need) => offers.has(need)),
  );
}

/** The rows that appear for every request in the per-request file. */
export function lineRows(rows: readonly MetricRow[]): readonly (RecordRow | ListRow)[] {
  return rows.filter(
    (row) =>
      row.hidden === undefined &&
      (row.kind === "list" || (row.kind === "record" && !row.summaryOnly)),
  ) as readonly (RecordRow | ListRow)[];
}
