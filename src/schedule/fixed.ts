// Replay of recorded times: each conversation begins once, at its first turn's time.

import type { Conversations, Opening } from "./opening.ts";

/** The openings in order of time; those of one moment in the order of the recording. */
export function fixedOpenings(conversations: Conversations): readonly Opening[] {
  const openings = Array.from({ length: conversations.count }, (_, conversation) => ({
    conversation,
    dueNs: conversations.firstNs(conversation),
    turns: conversations.turnsOf(conversation),
  }));
  return openings.sort((a, b) => a.dueNs - b.dueNs);
}
