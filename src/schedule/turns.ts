// When a session's next turn is due, once the reply to the one before has come or failed.

import type { LoadPlan } from "#config";
import { turnGapNs } from "./users.ts";

/** Times are on the run's clock. */
export interface TurnFacts {
  /** When the turn before ended. */
  readonly endNs: number;
  /** When the turn before was due. */
  readonly dueNs: number;
  /** The turn's own time on that clock; NaN when the data brings none. */
  readonly timestampNs: number;
  /** Its pause after the reply before it. */
  readonly delayNs: number;
}

/**
 * The moment from which the next turn may be sent.
 * - schedule: at its own time, or at once when that is past; without one after its delay
 * - users: one gap after the turn before was due; a reply that is later shifts its user for good
 * - else: after its delay
 */
export function turnDueNs(load: LoadPlan, turn: TurnFacts): number {
  if (load.kind === "users") return Math.max(turn.endNs, turn.dueNs + turnGapNs(load));
  if (load.kind === "schedule" && !Number.isNaN(turn.timestampNs))
    return Math.max(turn.endNs, turn.timestampNs);
  return turn.endNs + turn.delayNs;
}
