// What the server says it counted, and how far that is from what we counted.

import type { RequestRecord, Usage } from "#core";
import type { MetricRow } from "./row.ts";
import { inputLength, outputLength } from "./tokens.ts";

const { NaN: NONE } = Number;

/** A reported count further than this from ours, in percent, is a discrepancy. */
export const DISCREPANCY_PCT = 10;

/** |theirs − ours| in percent of ours; NaN when either is missing or ours is zero. */
function differencePct(theirs: number | undefined, ours: number): number {
  return ours > 0 ? (100 * Math.abs((theirs ?? NONE) - ours)) / ours : NONE;
}

const promptPct = (r: RequestRecord): number =>
  differencePct(r.usage?.promptTokens, inputLength(r));
const completionPct = (r: RequestRecord): number =>
  differencePct(r.usage?.completionTokens, outputLength(r));
const reasoningPct = (r: RequestRecord): number =>
  differencePct(r.usage?.reasoningTokens, r.reasoningTokens ?? NONE);

/** 1 when any reported count is too far from ours, else 0; NaN unless both main ones compare. */
function isDiscrepancy(record: RequestRecord): number {
  const prompt = promptPct(record);
  const completion = completionPct(record);
  if (Number.isNaN(prompt + completion)) return NONE;
  const worst = Math.max(prompt, completion, reasoningPct(record) || 0);
  return worst > DISCREPANCY_PCT ? 1 : 0;
}

/** A count of the server's, per request and in total. */
function reported(
  field: keyof Usage,
  words: string,
  order: number,
  unit: "tokens" | "sec" = "tokens",
): MetricRow[] {
  const tag = `usage_${words.toLowerCase().replaceAll(" ", "_")}`;
  return [
    {
      kind: "record",
      scope: "ok",
      tag,
      header: `Usage ${words}`,
      unit,
      order,
      group: "usage",
      reads: "usage",
      of: (r) => r.usage?.[field] ?? NONE,
    },
    {
      kind: "derived",
      tag: `total_${tag}`,
      header: `Total Usage ${words}`,
      unit,
      order: order + 1000,
      group: "usage",
      of: (t) => t.of(tag),
    },
  ];
}

function difference(
  word: "Prompt" | "Completion" | "Reasoning",
  of: (record: RequestRecord) => number,
): MetricRow {
  return {
    kind: "record",
    scope: "ok",
    tag: `usage_${word.toLowerCase()}_tokens_diff_pct`,
    header: `Usage ${word} Diff %`,
    unit: "%",
    group: "none",
    needs: ["clientTokens"],
    reads: "usage",
    of,
  };
}

export const USAGE: readonly MetricRow[] = [
  ...reported("promptTokens", "Prompt Tokens", 1000),
  ...reported("cacheReadTokens", "Prompt Cache Read Tokens", 1010),
  ...reported("cacheWriteTokens", "Prompt Cache Write Tokens", 1015),
  ...reported("cacheMissTokens", "Prompt Cache Miss Tokens", 1017),
  ...reported("promptAudioTokens", "Prompt Audio Tokens", 1020),
  ...reported("toolUsePromptTokens", "Tool Use Prompt Tokens", 1030),
  ...reported("promptAudioS", "Prompt Audio Seconds", 1040, "sec"),
  ...reported("completionTokens", "Completion Tokens", 1100),
  ...reported("reasoningTokens", "Reasoning Tokens", 1110),
  ...reported("completionAudioTokens", "Completion Audio Tokens", 1120),
  ...reported("acceptedPredictionTokens", "Accepted Prediction Tokens", 1130),
  ...reported("rejectedPredictionTokens", "Rejected Prediction Tokens", 1140),
  ...reported("totalTokens", "Total Tokens", 1200),
  {
    kind: "derived",
    tag: "overall_usage_prompt_cache_read_pct",
    header: "Overall Usage Prompt Cache Read %",
    unit: "%",
    order: 2012,
    group: "usage",
    of: (t) => (100 * t.of("usage_prompt_cache_read_tokens")) / t.of("usage_prompt_tokens"),
  },
  difference("Prompt", promptPct),
  difference("Completion", completionPct),
  difference("Reasoning", reasoningPct),
  {
    kind: "aggregate",
    fold: "sum",
    scope: "ok",
    tag: "usage_discrepancy_count",
    header: "Usage Discrepancy Count",
    unit: "requests",
    group: "none",
    needs: ["clientTokens"],
    reads: "usage",
    of: isDiscrepancy,
  },
];
