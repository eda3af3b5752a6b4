// How much was read and written: the token family. A count that nobody made is absent, which is
// not the same as a reply of no tokens.

import type { RequestRecord } from "#core";
import { type MetricRow, rowsLike } from "./row.ts";

const { NaN: NONE } = Number;

/** Visible and reasoning tokens of the reply; NaN when neither was counted. */
export function outputLength(record: RequestRecord): number {
  const { outputTokens, reasoningTokens } = record;
  if (outputTokens === undefined && reasoningTokens === undefined) return NONE;
  return (outputTokens ?? 0) + (reasoningTokens ?? 0);
}

/** Tokens of the request; NaN when they were not counted. */
export function inputLength(record: RequestRecord): number {
  return record.inputTokens ?? NONE;
}

function requestedLength(record: RequestRecord): number {
  return record.requestedTokens ?? NONE;
}

/** A reply may be off by this share of what was asked for, or this many tokens, if that is less. */
const MISMATCH_SHARE = 0.05;
const MISMATCH_TOKENS_MAX = 50;

/** 1 when the reply's length is too far from what was asked for, else 0. */
function isMismatch(record: RequestRecord): number {
  const requested = requestedLength(record);
  const off = Math.abs(outputLength(record) - requested);
  if (Number.isNaN(off)) return NONE;
  return off > Math.min(requested * MISMATCH_SHARE, MISMATCH_TOKENS_MAX) ? 1 : 0;
}

const length = rowsLike({
  kind: "record",
  scope: "ok",
  unit: "tokens",
  largerIsBetter: true,
});
const total = rowsLike({ kind: "derived", unit: "tokens", group: "none" });
const rate = rowsLike({ kind: "derived", unit: "tokens/sec", largerIsBetter: true });

export const TOKENS: readonly MetricRow[] = [
  length({
    tag: "output_sequence_length",
    header: "Output Sequence Length",
    shortHeader: "OSL",
    order: 600,
    group: "default",
    needs: ["producesTokens"],
    of: outputLength,
  }),
  length({
    tag: "input_sequence_length",
    header: "Input Sequence Length",
    shortHeader: "ISL",
    order: 700,
    group: "default",
    needs: ["tokenizesInput"],
    of: inputLength,
  }),
  length({
    tag: "error_isl",
    header: "Error Input Sequence Length",
    scope: "error",
    order: 700,
    group: "none",
    needs: ["tokenizesInput"],
    of: inputLength,
  }),
  length({
    tag: "output_token_count",
    header: "Output Token Count",
    group: "none",
    needs: ["producesTokens"],
    of: (r) => r.outputTokens || NONE,
  }),
  length({
    tag: "reasoning_token_count",
    header: "Reasoning Token Count",
    group: "none",
    needs: ["producesTokens"],
    of: (r) => r.reasoningTokens ?? NONE,
  }),
  length({
    tag: "requested_osl",
    header: "Requested OSL",
    group: "none",
    needs: ["producesTokens"],
    hidden: "internal",
    of: requestedLength,
  }),
  {
    kind: "record",
    scope: "ok",
    tag: "osl_mismatch_diff_pct",
    header: "OSL Mismatch Diff %",
    unit: "%",
    group: "none",
    needs: ["producesTokens"],
    of: (r) => (100 * (outputLength(r) - requestedLength(r))) / requestedLength(r),
  },
  {
    kind: "aggregate",
    fold: "sum",
    scope: "ok",
    tag: "osl_mismatch_count",
    header: "OSL Mismatch Count",
    unit: "requests",
    group: "none",
    needs: ["producesTokens"],
    of: isMismatch,
  },
  {
    kind: "record",
    scope: "ok",
    tag: "thinking_efficiency",
    header: "Thinking Efficiency",
    unit: "ratio",
    group: "default",
    needs: ["producesTokens"],
    hidden: "experimental",
    of: (r) => (r.outputTokens ? (r.reasoningTokens ?? NONE) / r.outputTokens : NONE),
  },
  total({
    tag: "total_isl",
    header: "Total Input Sequence Length",
    of: (t) => t.of("input_sequence_length"),
  }),
  total({
    tag: "total_osl",
    header: "Total Output Sequence Length",
    of: (t) => t.of("output_sequence_length"),
  }),
  total({
    tag: "total_output_tokens",
    header: "Total Output Tokens",
    of: (t) => t.of("output_token_count"),
  }),
  total({
    tag: "total_reasoning_tokens",
    header: "Total Reasoning Tokens",
    of: (t) => t.of("reasoning_token_count"),
  }),
  total({
    tag: "total_error_isl",
    header: "Total Error Input Sequence Length",
    of: (t) => t.of("error_isl"),
  }),
  {
    kind: "derived",
    tag: "overall_thinking_efficiency",
    header: "Overall Thinking Efficiency",
    unit: "ratio",
    group: "default",
    hidden: "experimental",
    of: (t) => t.of("reasoning_token_count") / t.of("output_token_count"),
  },
  rate({
    tag: "output_token_throughput",
    header: "Output Token Throughput",
    shortHeader: "Output TPS",
    order: 800,
    group: "default",
    of: (t) => t.of("output_sequence_length") / t.windowS,
  }),
  rate({
    tag: "input_token_throughput",
    header: "Input Token Throughput",
    shortHeader: "Input TPS",
    order: 805,
    group: "default",
    of: (t) => t.of("input_sequence_length") / t.windowS,
  }),
  rate({
    tag: "total_token_throughput",
    header: "Total Token Throughput",
    group: "none",
    of: (t) => (t.of("input_sequence_length") + t.of("output_sequence_length")) / t.windowS,
  }),
];
