// What a server says of its speculative decoding, in vLLM's words, which went from a field of the
// choice to one beside the choices. An account whose sums do not agree is none.

import type { Speculation } from "#core";
import { firstChoice, type Loose, looseObject } from "./reply.ts";

/** A model proposes some tokens a step; a histogram that has more places is no histogram. */
const DRAFT_MAX = 1024;

/** The account in one JSON object of a reply; undefined where there is none. */
export function readSpeculation(json: Loose): Speculation | undefined {
  const told =
    looseObject(looseObject(json.metrics)?.speculative_decoding) ??
    looseObject(firstChoice(json)?.speculative_decoding_stats);
  if (told === undefined) return undefined;
  const steps = countOf(told.num_spec_steps);
  const drafted = countOf(told.num_draft_tokens);
  const accepted = countOf(told.num_accepted_draft_tokens);
  if (steps === undefined || drafted === undefined || accepted === undefined) return undefined;
  if (accepted > drafted) return undefined;
  const given = told.acceptance_histogram;
  const histogram = histogramOf(given);
  if (given !== undefined && given !== null && histogram === undefined) return undefined;
  if (histogram !== undefined && !agrees(histogram, steps, accepted)) return undefined;
  return {
    engine: "vllm",
    steps,
    drafted,
    accepted,
    histogram,
    draftMax: countOf(told.num_spec_tokens),
    acceptedByStep: countsOf(told.per_step_accepted),
    draftedByStep: countsOf(told.per_step_drafted),
  };
}

function agrees(histogram: readonly number[], steps: number, accepted: number): boolean {
  const sum = (weight: (at: number) => number) =>
    histogram.reduce((total, count, at) => total + count * weight(at), 0);
  return sum(() => 1) === steps && sum((at) => at) === accepted;
}

/** Counts by their place, or an object that has the place as its key. */
function histogramOf(given: unknown): number[] | undefined {
  const listed = countsOf(given);
  const named = looseObject(given);
  if (listed !== undefined || named === undefined) return listed;
  const counts: number[] = [];
  for (const [key, value] of Object.entries(named)) {
    const at = /^\d{1,4}$/.test(key) ? Number(key) : DRAFT_MAX;
    const count = countOf(value);
    if (at >= DRAFT_MAX || count === undefined) return undefined;
    while (counts.length <= at) counts.push(0);
    counts[at] = count;
  }
  return counts;
}

function countsOf(given: unknown): number[] | undefined {
  if (!Array.isArray(given)) return undefined;
  const counts = given.map(countOf).filter((count) => count !== undefined);
  return counts.length === given.length ? counts : undefined;
}

function countOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
