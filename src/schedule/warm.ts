// How many connections a phase will want at once, to be opened before it begins.

import type { PhasePlan } from "#config";

/** Opening more than this for a rate would be a load of its own. */
const RATE_CONNECTIONS_MAX = 256;
/** Recordings have moments at which many requests come at once. */
const SCHEDULE_CONNECTIONS = 64;

/** The concurrency that was asked for; without one, as many as arrive in a second. */
export function connectionsWanted({ load }: PhasePlan): number {
  if (load.concurrency !== undefined) return load.concurrency.limit;
  if (load.kind === "users") return load.users;
  if (load.kind !== "rate") return SCHEDULE_CONNECTIONS;
  return Math.min(RATE_CONNECTIONS_MAX, Math.ceil(load.rate[0]?.perS ?? 0));
}
