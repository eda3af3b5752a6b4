// Speculative decoding: how many of the tokens that a small model proposed the large one took. The
// server's own account, which only some replies carry.

import type { RequestRecord, Speculation } from "#core";
import { type MetricRow, rowsLike } from "./row.ts";

const { NaN: NONE } = Number;

function of(read: (spec: Speculation) => number): (record: RequestRecord) => number {
  return (record) => (record.speculation === undefined ? NONE : read(record.speculation));
}

const common = { kind: "record", scope: "ok", reads: "speculation" } as const;
const figure = rowsLike({ ...common, unit: "ratio", group: "speculation" });
const count = rowsLike({ ...common, unit: "count", group: "none" });
const overall = rowsLike({ kind: "derived", group: "speculation" });
const total = rowsLike({ kind: "derived", unit: "count", group: "none" });

export const SPECULATION: readonly MetricRow[] = [
  figure({
    tag: "spec_decode_acceptance_length",
    header: "Acceptance Length",
    order: 5000,
    largerIsBetter: true,
    of: of(({ steps, accepted }) => (steps > 0 ? 1 + accepted / steps : NONE)),
  }),
  overall({
    tag: "spec_decode_token_weighted_acceptance_length",
    header: "Token-Weighted Acceptance Length",
    unit: "ratio",
    order: 5010,
    largerIsBetter: true,
    of: (t) => 1 + t.of("spec_decode_accepted_draft_tokens") / t.of("spec_decode_steps"),
  }),
  figure({
    tag: "spec_decode_draft_acceptance_rate",
    header: "Draft Acceptance Rate",
    unit: "%",
    order: 5020,
    largerIsBetter: true,
    of: of(({ accepted, drafted }) => (drafted > 0 ? (100 * accepted) / drafted : NONE)),
  }),
  overall({
    tag: "spec_decode_overall_draft_acceptance_rate",
    header: "Overall Draft Acceptance Rate",
    unit: "%",
    order: 5025,
    largerIsBetter: true,
    of: (t) => (100 * t.of("spec_decode_accepted_draft_tokens")) / t.of("spec_decode_draft_tokens"),
  }),
  figure({
    tag: "spec_decode_accepted_per_verified",
    header: "Accepted per Verified Token",
    order: 5030,
    largerIsBetter: true,
    of: of(({ accepted, steps, drafted }) => (accepted + steps) / (drafted + steps)),
  }),
  figure({
    tag: "spec_decode_steps",
    header: "Decode Steps",
    unit: "count",
    order: 5040,
    of: of(({ steps }) => steps),
  }),
  count({
    tag: "spec_decode_accepted_draft_tokens",
    header: "Accepted Draft Tokens",
    of: of(({ accepted }) => accepted),
  }),
  count({
    tag: "spec_decode_draft_tokens",
    header: "Draft Tokens",
    of: of(({ drafted }) => drafted),
  }),
  total({
    tag: "total_spec_decode_steps",
    header: "Total Decode Steps",
    of: (t) => t.of("spec_decode_steps"),
  }),
  total({
    tag: "total_accepted_draft_tokens",
    header: "Total Accepted Draft Tokens",
    of: (t) => t.of("spec_decode_accepted_draft_tokens"),
  }),
  total({
    tag: "total_draft_tokens",
    header: "Total Draft Tokens",
    of: (t) => t.of("spec_decode_draft_tokens"),
  }),
];

/** Adds counts to others, place by place. */
export function addCounts(to: number[], counts: readonly number[]): void {
  for (const [at, count] of counts.entries()) to[at] = (to[at] ?? 0) + count;
}

/** Steps of several phases by how many proposed tokens they took. */
export function pooledAcceptance(phases: readonly { readonly acceptance: readonly number[] }[]) {
  const pooled: number[] = [];
  for (const { acceptance } of phases) addCounts(pooled, acceptance);
  return pooled;
}
