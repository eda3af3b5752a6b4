// Rows of a file that an endpoint which ranks can send, and yet not as they are: what is left out of
// them is said once.

import type { EndpointKind } from "#config";
import type { ContentGroup, Session } from "#core";

/** One line for each thing that is amiss; none for endpoints that rank nothing. */
export function rankingNotes(kind: EndpointKind, sessions: readonly Session[]): readonly string[] {
  if (!kind.endsWith("-rankings")) return [];
  let withoutPassages = 0;
  let manyQueries = 0;
  for (const { texts } of sessions.flatMap(({ turns }) => turns)) {
    if (!texts.some(isNamed("passages", "passage"))) withoutPassages++;
    const queries = texts.filter(isNamed("query", "queries"));
    if (queries.flatMap(({ contents }) => contents).length > 1) manyQueries++;
  }
  const notes: string[] = [];
  if (withoutPassages > 0)
    notes.push(`${turns(withoutPassages)} no text group named passages: there is nothing to rank`);
  if (manyQueries > 0)
    notes.push(`${turns(manyQueries)} several queries: only the first of them is sent`);
  return notes;
}

function isNamed(...names: readonly string[]): (group: ContentGroup) => boolean {
  return ({ name }) => names.includes(name);
}

function turns(count: number): string {
  return count === 1 ? "1 turn of the file has" : `${count} turns of the file have`;
}
