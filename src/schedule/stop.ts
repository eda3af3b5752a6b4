// When a phase stops sending. Every condition is asked at each request, before it is sent.

import type { PhasePlan } from "#config";

/** What the shared counters and the clock say at the moment a slot is free. */
export interface Progress {
  readonly nowNs: number;
  readonly startNs: number;
  readonly stopped: boolean;
}

/** True while time and the user allow another request. Counts are enforced where they are taken. */
export function maySend(phase: PhasePlan, progress: Progress): boolean {
  if (progress.stopped) return false;
  return phase.durationNs === undefined || progress.nowNs - progress.startNs < phase.durationNs;
}

/** True when number `taken` of a count, from 0, is still within its limit. */
export function withinCount(limit: number | undefined, taken: number): boolean {
  return limit === undefined || taken < limit;
}

/** When replies that are still missing are given up, ns after the phase's start. */
export function giveUpNs(phase: PhasePlan): number {
  return phase.durationNs === undefined
    ? Number.POSITIVE_INFINITY
    : phase.durationNs + phase.graceNs;
}
