// Speculative decoding in the artifacts, under AIPerf's keys: of each request what its server said,
// of a run how many steps took how many of the tokens that were proposed.

import type { RequestRecord, Speculation } from "#core";
import type { Line } from "./schema-line.ts";

/** Steps by the number of tokens they took, those that were none left out. */
export function acceptanceObject(counts: readonly number[]): { readonly [taken: string]: number } {
  return Object.fromEntries(counts.entries().filter(([, count]) => count > 0));
}

/** The field of a request's line, with a comma in front; empty where its server said nothing. */
export function speculationText({ speculation, usage }: RequestRecord): string {
  if (speculation === undefined) return "";
  const { engine, steps, drafted, accepted, histogram = [] } = speculation;
  const told = {
    engine,
    mean_acceptance_length: steps === 0 ? 1 : 1 + accepted / steps,
    draft_acceptance_rate: drafted === 0 ? 0 : accepted / drafted,
    acceptance_histogram: acceptanceObject(histogram),
    num_accepted_draft_tokens: accepted,
    num_draft_tokens: drafted,
    num_spec_steps: steps,
    num_spec_tokens: speculation.draftMax,
    completion_tokens: usage?.completionTokens,
    per_step_accepted: speculation.acceptedByStep,
    per_step_drafted: speculation.draftedByStep,
  };
  return `,"spec_decode_acceptance":${JSON.stringify(told)}`;
}

/** What a line says, as it was read from the server. */
export function speculationOf(told: Line["spec_decode_acceptance"]): Speculation | undefined {
  if (told === undefined) return undefined;
  const histogram: number[] = [];
  for (const [taken, count] of Object.entries(told.acceptance_histogram)) {
    while (histogram.length <= Number(taken)) histogram.push(0);
    histogram[Number(taken)] = count;
  }
  return {
    engine: told.engine,
    steps: told.num_spec_steps,
    drafted: told.num_draft_tokens,
    accepted: told.num_accepted_draft_tokens,
    histogram: histogram.length === 0 ? undefined : histogram,
    draftMax: told.num_spec_tokens,
    acceptedByStep: told.per_step_accepted,
    draftedByStep: told.per_step_drafted,
  };
}
