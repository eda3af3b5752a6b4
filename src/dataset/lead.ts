// What stands around the texts of any data set: the user's own system prompt, and markers that keep
// a prompt out of the server's prefix cache.

import { createHash } from "node:crypto";
import type { CacheBust, DatasetPlan } from "#config";
import { fail, type Session, type Turn } from "#core";

/** Sessions with the plan's system prompt before any that the data has. */
export function withSystemPrompt(
  sessions: readonly Session[],
  { systemPrompt }: Pick<DatasetPlan, "systemPrompt">,
): readonly Session[] {
  if (systemPrompt === undefined) return sessions;
  return sessions.map((session) => ({
    ...session,
    systemText: [systemPrompt, session.systemText]
      .filter((text) => text !== undefined)
      .join("\n\n"),
  }));
}

type Count = (text: string) => number;
type Place = "system-prefix" | "system-suffix" | "first-turn-prefix" | "first-turn-suffix";

/** Where a marker goes, and which sessions get one. */
const PLACES: {
  readonly [bust in CacheBust]?: { readonly place: Place; readonly warmup: boolean };
} = {
  "system-prefix": { place: "system-prefix", warmup: false },
  "system-suffix": { place: "system-suffix", warmup: false },
  "first-turn-prefix": { place: "first-turn-prefix", warmup: false },
  "first-turn-suffix": { place: "first-turn-suffix", warmup: false },
  "warmup-isolation-system": { place: "system-prefix", warmup: true },
  "warmup-isolation-first-turn": { place: "first-turn-prefix", warmup: true },
};

/**
 * Sessions with the markers that the plan wants: one of its own for each, or one for all that the
 * warm-up takes, which are the first ones.
 * @param runId makes the markers of each run others
 * @param count counts the tokens of a text
 * @throws E_FLAG_CONFLICT when nobody knows which sessions a warm-up will take
 */
export function withMarkers(
  sessions: readonly Session[],
  plan: DatasetPlan,
  runId: string,
  count: Count,
): readonly Session[] {
  const rule = PLACES[plan.cacheBust];
  if (rule === undefined) return sessions;
  if (!rule.warmup)
    return sessions.map((session, index) =>
      marked(session, rule.place, markerOf(runId, index), count),
    );
  if (plan.warmupSessions === undefined || plan.sampling !== "sequential") {
    const what = `--cache-bust ${plan.cacheBust} marks the sessions that the warm-up takes, of which there is no known number`;
    fail("E_FLAG_CONFLICT", what, "end the warm-up by --num-warmup-sessions");
  }
  const { warmupSessions } = plan;
  return sessions.map((session, index) =>
    index < warmupSessions ? marked(session, rule.place, "[warmup]", count) : session,
  );
}

function markerOf(runId: string, session: number): string {
  const hash = createHash("sha256").update(`${runId}:${session}`).digest("hex");
  return `[rid:${hash.slice(0, 12)}]`;
}

function marked(session: Session, place: Place, marker: string, count: Count): Session {
  if (place === "system-prefix" || place === "system-suffix") {
    const parts = [marker, session.systemText].filter((text) => text !== undefined);
    if (place === "system-suffix") parts.reverse();
    return { ...session, systemText: parts.join("\n\n") };
  }
  const [first, ...rest] = session.turns;
  return { ...session, turns: [withMarker(first!, place, marker, count), ...rest] };
}

/** The turn with a marker before or after its first text. */
function withMarker(turn: Turn, place: Place, marker: string, count: Count): Turn {
  const [group, ...groups] = turn.texts;
  const [text, ...contents] = group?.contents ?? [];
  if (group === undefined || text === undefined) return turn;
  const parts = place === "first-turn-prefix" ? [marker, text] : [text, marker];
  const { inputTokens } = turn;
  return {
    ...turn,
    // A text that is known by its pieces is not there to be counted anew.
    inputTokens: inputTokens === undefined ? undefined : inputTokens + count(`${marker}\n\n`),
    texts: [{ ...group, contents: [parts.join("\n\n"), ...contents] }, ...groups],
  };
}
