// What a server says of its tokens, under whatever names it has for them. The first name that is
// there counts; a server that speaks of none of them has said nothing.

import type { Usage } from "#core";
import { type Loose, looseObject } from "./reply.ts";

type Filled = { -readonly [field in keyof Usage]: number | undefined };

/** Names of each count, the one that is believed first. */
const NAMES: { readonly [field in keyof Usage]-?: readonly string[] } = {
  promptTokens: [
    "prompt_tokens",
    "input_tokens",
    "promptTokenCount",
    "inputTokens",
    "input_token_count",
  ],
  completionTokens: [
    "completion_tokens",
    "output_tokens",
    "candidatesTokenCount",
    "outputTokens",
    "generated_token_count",
  ],
  totalTokens: ["total_tokens", "totalTokenCount", "totalTokens"],
  reasoningTokens: ["completion.reasoning_tokens", "thoughtsTokenCount"],
  cacheReadTokens: [
    "prompt.cached_tokens",
    "cache_read_input_tokens",
    "prompt_cache_hit_tokens",
    "cachedContentTokenCount",
    "cacheReadInputTokens",
    "cached_tokens",
  ],
  cacheWriteTokens: ["cache_creation_input_tokens", "cacheWriteInputTokens"],
  cacheMissTokens: ["prompt_cache_miss_tokens"],
  promptAudioTokens: ["prompt.audio_tokens"],
  promptAudioS: ["prompt_audio_seconds"],
  toolUsePromptTokens: ["toolUsePromptTokenCount"],
  completionAudioTokens: ["completion.audio_tokens"],
  acceptedPredictionTokens: ["completion.accepted_prediction_tokens"],
  rejectedPredictionTokens: ["completion.rejected_prediction_tokens"],
};

/** Objects inside of a usage, and what their names begin with above. */
const INNER: { readonly [key: string]: string } = {
  prompt_tokens_details: "prompt.",
  input_tokens_details: "prompt.",
  completion_tokens_details: "completion.",
  output_tokens_details: "completion.",
};

const FIELDS = Object.keys(NAMES) as (keyof Usage)[];

/** A field, its number, and the rank of a name among the field's names. */
interface Place {
  readonly field: keyof Usage;
  readonly at: number;
  readonly rank: number;
}

type Places = ReadonlyMap<string, Place>;

const PLACES: readonly (readonly [name: string, place: Place])[] = FIELDS.flatMap((field, at) =>
  NAMES[field].map((name, rank) => [name, { field, at, rank }] as const),
);
const OUTER: Places = new Map(PLACES.filter(([name]) => !name.includes(".")));
const INSIDE: ReadonlyMap<string, Places> = new Map(
  Object.entries(INNER).map(([key, start]) => [
    key,
    new Map(
      PLACES.filter(([name]) => name.startsWith(start)).map(([name, place]) => [
        name.slice(start.length),
        place,
      ]),
    ),
  ]),
);
/** Of the names whose counts were taken; only those that were are looked at. */
const ranks = new Int8Array(FIELDS.length);

/** Names as the last usage had them, with their places: a server's next one has the same. */
const usualNames: string[] = [];
const usualPlaces: (Place | undefined)[] = [];

/** Servers that count what their cache took on apart from the rest of a prompt. */
const APART = [
  ["input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"],
  ["inputTokens", "cacheReadInputTokens", "cacheWriteInputTokens"],
] as const;

/** What a JSON object says of tokens, if it says anything. */
export function readUsage(json: Loose): Usage | undefined {
  const usage = envelopeOf(json);
  if (usage === undefined) return undefined;
  const found: Filled = {
    promptTokens: undefined,
    completionTokens: undefined,
    totalTokens: undefined,
    reasoningTokens: undefined,
    cacheReadTokens: undefined,
  };
  // A usage is read by what it has, which is less than what it could have.
  let any = false;
  let number = 0;
  for (const key in usage) {
    const value = usage[key];
    const place = usualNames[number] === key ? usualPlaces[number] : placeOf(key, number);
    number++;
    if (place !== undefined) any = take(place, value, found) || any;
    else if (typeof value === "object" && value !== null) {
      const inside = INSIDE.get(key);
      if (inside === undefined) continue;
      for (const inner in value) {
        const deep = inside.get(inner);
        if (deep !== undefined) any = take(deep, (value as Loose)[inner], found) || any;
      }
    }
  }
  if (!any) return undefined;
  if (found.promptTokens !== undefined && usage.prompt_tokens === undefined)
    found.promptTokens += countedApart(usage);
  return found;
}

/** Where the `number`-th name's count belongs; undefined when it is none of ours. */
function placeOf(name: string, number: number): Place | undefined {
  const place = OUTER.get(name);
  // A reply can have any number of names: those of a usage are few.
  if (number < 16) {
    usualNames[number] = name;
    usualPlaces[number] = place;
  }
  return place;
}

/** Takes a count; false when it is none. */
function take({ field, at, rank }: Place, value: unknown, found: Filled): boolean {
  if (typeof value !== "number" || !Number.isFinite(value)) return false;
  if (found[field] === undefined || rank <= ranks[at]!) {
    ranks[at] = rank;
    found[field] = value;
  }
  return true;
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
    if (countAt(usage, prompt) !== undefined)
      return cached.reduce((sum, key) => sum + (countAt(usage, key) ?? 0), 0);
  }
  return 0;
}

function countAt(counts: Loose, key: string): number | undefined {
  const value = counts[key];
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

/** The later counts over the earlier ones, where a stream tells them in parts. */
export function gatheredUsage(earlier: Usage | undefined, later: Usage): Usage {
  if (earlier === undefined) return later;
  const told = Object.entries(later).filter(([, count]) => count !== undefined);
  return { ...earlier, ...Object.fromEntries(told) };
}
