// The part of a recording that is replayed, with its times counted from the start of the replay.

import type { LoadPlan } from "#config";
import { fail, NS_PER_MS, type Session, type Turn } from "#core";

type Schedule = Extract<LoadPlan, { kind: "schedule" }>;

/**
 * The sessions with the turns that were recorded within the schedule's bounds.
 * @param sessions their first turns have recorded times
 * @throws E_SCHEDULE_EMPTY when nothing is left
 */
export function scheduleExcerpt(
  { zeroNs, fromNs, untilNs }: Schedule,
  sessions: readonly Session[],
): readonly Session[] {
  const kept = sessions
    .map((session) => ({ ...session, turns: turnsWithin(session.turns, fromNs, untilNs) }))
    .filter(({ turns }) => turns.length > 0);
  if (kept.length === 0) {
    const what = `no request was recorded between ${fromNs / NS_PER_MS} and ${untilNs / NS_PER_MS} ms`;
    fail("E_SCHEDULE_EMPTY", what, "move --fixed-schedule-start-offset and -end-offset");
  }
  const firstNs = kept.reduce(
    (least, { turns }) => Math.min(least, turns[0]!.timestampNs!),
    Infinity,
  );
  const startNs = zeroNs === "first" ? firstNs : zeroNs;
  return kept.map((session) => ({
    ...session,
    turns: session.turns.map((turn) =>
      turn.timestampNs === undefined ? turn : { ...turn, timestampNs: turn.timestampNs - startNs },
    ),
  }));
}

/** A turn without a time of its own belongs to the one before it. */
function turnsWithin(turns: readonly Turn[], fromNs: number, untilNs: number): readonly Turn[] {
  let isWithin = false;
  return turns.filter(({ timestampNs }) => {
    if (timestampNs !== undefined) isWithin = timestampNs >= fromNs && timestampNs <= untilNs;
    return isWithin;
  });
}
