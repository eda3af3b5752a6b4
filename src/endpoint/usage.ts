// What a server says of its tokens, under whatever names it has for them. The first name that is
// there counts; a server that speaks of none of them has said nothing.

import type { Speculation, Usage } from "#core";
import { type Loose, looseObject } from "./reply.ts";

/** Where a count may stand: a key, or a key of an object under a key. */
type Place = string | readonly [outer: string, inner: string];
type Filled = { -readonly [field in keyof Usage]?: number };

const PROMPT_DETAILS = ["prompt_tokens_details", "input_tokens_details"] as const;
const COMPLETION_DETAILS = ["completion_tokens_details", "output_tokens_details"] as const;

function inEither(outers: readonly string[], inner: string): Place[] {
  return outers.map((outer) => [outer, inner] as const);
}

const PLACES: readonly (readonly [field: keyof Usage, places: readonly Place[]])[] = [
  [
    "promptTokens",
    ["prompt_tokens", "input_tokens", "promptTokenCount", "inputTokens", "input_token_count"],
  ],
  [
    "completionTokens",
    [
      "completion_tokens",
      "output_tokens",
      "candidatesTokenCount",
      "outputTokens",
      "generated_token_count",
    ],
  ],
  ["totalTokens", ["total_tokens", "totalTokenCount", "totalTokens"]],
  ["reasoningTokens", [...inEither(COMPLETION_DETAILS, "reasoning_tokens"), "thoughtsTokenCount"]],
  [
    "cacheReadTokens",
    [
      ...inEither(PROMPT_DETAILS, "cached_tokens"),
      "cache_read_input_tokens",
      "prompt_cache_hit_tokens",
      "cachedContentTokenCount",
      "cacheReadInputTokens",
      "cached_tokens",
    ],
  ],
  ["cacheWriteTokens", ["cache_creation_input_tokens", "cacheWriteInputTokens"]],
  ["cacheMissTokens", ["prompt_cache_miss_tokens"]],
  ["promptAudioTokens", inEither(PROMPT_DETAILS, "audio_tokens")],
  ["promptAudioS", ["prompt_audio_seconds"]],
  ["toolUsePromptTokens", ["toolUsePromptTokenCount"]],
  ["completionAudioTokens", inEither(COMPLETION_DETAILS, "audio_tokens")],
  ["acceptedPredictionTokens", inEither(COMPLETION_DETAILS, "accepted_prediction_tokens")],
  ["rejectedPredictionTokens", inEither(COMPLETION_DETAILS, "rejected_prediction_tokens")],
];

/** Servers that count what their cache took on apart from the rest of a prompt. */
const APART = [
  ["input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"],
  ["inputTokens", "cacheReadInputTokens", "cacheWriteInputTokens"],
] as const;

/** What a JSON object says of tokens, if it says anything. */
export function readUsage(json: Loose): Usage | undefined {
  const usage = envelopeOf(json);
  if (usage === undefined) return undefined;
  const found: Filled = {};
  let any = false;
  for (const [field, places] of PLACES) {
    for (const place of places) {
      const count = countAt(usage, place);
      if (count === undefined) continue;
      found[field] = count;
      any = true;
      break;
    }
  }
  if (!any) return undefined;
  const {
    promptTokens = undefined,
    completionTokens = undefined,
    totalTokens = undefined,
    reasoningTokens = undefined,
    cacheReadTokens = undefined,
  } = found;
  return {
    ...found,
    promptTokens: promptTokens === undefined ? undefined : promptTokens + countedApart(usage),
    completionTokens,
    totalTokens,
    reasoningTokens,
    cacheReadTokens,
  };
}

function envelopeOf(json: Loose): Loose | undefined {
  return (
    looseObject(json.usage) ??
    looseObject(json.usageMetadata) ??
    looseObject(looseObject(json.meta)?.tokens) ??
    looseObject(json.tokens)
  );
}

/** Prompt tokens that a cache gave or took, where the prompt's own count leaves them out. */
function countedApart(usage: Loose): number {
  for (const [prompt, ...cached] of APART) {
    if (usage.prompt_tokens === undefined && countAt(usage, prompt) !== undefined)
      return cached.reduce((sum, key) => sum + (countAt(usage, key) ?? 0), 0);
  }
  return 0;
}

function countAt(usage: Loose, place: Place): number | undefined {
  const value = typeof place === "string" ? usage[place] : looseObject(usage[place[0]])?.[place[1]];
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

/** The later counts over the earlier ones, where a stream tells them in parts. */
export function gatheredUsage(earlier: Usage | undefined, later: Usage): Usage {
  if (earlier === undefined) return later;
  const told = Object.entries(later).filter(([, count]) => count !== undefined);
  return { ...earlier, ...Object.fromEntries(told) };
}

/** What a reply says of speculative decoding, as vLLM does; undefined when its sums do not agree. */
export function readSpeculation(json: Loose): Speculation | undefined {
  const told = looseObject(looseObject(json.metrics)?.speculative_decoding);
  if (told === undefined) return undefined;
  const steps = countAt(told, "num_spec_steps");
  const drafted = countAt(told, "num_draft_tokens");
  const accepted = countAt(told, "num_accepted_draft_tokens");
  if (steps === undefined || drafted === undefined || accepted === undefined) return undefined;
  if (!(steps > 0 && accepted >= 0 && accepted <= drafted)) return undefined;
  const { acceptance_histogram: histogram } = told;
  if (!Array.isArray(histogram)) return { steps, drafted, accepted };
  const sum = (weight: (at: number) => number) =>
    histogram.reduce<number>((total, count, at) => total + Number(count) * weight(at), 0);
  const agrees = sum(() => 1) === steps && sum((at) => at) === accepted;
  return agrees ? { steps, drafted, accepted } : undefined;
}
