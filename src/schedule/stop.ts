// When a phase stops sending, and how long it waits for what is still missing. Counts are enforced
// where they are taken, by shared counters; what is left are the clock and the user.

import type { PhasePlan } from "#config";

/** When a phase's time is over, ns after its start: nothing is sent at this moment or later. */
export function deadlineNs(phase: PhasePlan): number {
  return phase.durationNs ?? Number.POSITIVE_INFINITY;
}

/** When replies that are still missing are given up, ns after the phase's start. */
export function giveUpNs(phase: PhasePlan): number {
  return deadlineNs(phase) + phase.graceNs;
}

/** Fewer records than this say nothing about a server. */
const RECORDS_MIN = 10;

/** Whether so many of a phase's requests have failed that going on is pointless. */
export function failsTooOften(phase: PhasePlan, records: number, failed: number): boolean {
  if (phase.failedShareMax === undefined) return false;
  const enough = Math.max(phase.load.concurrency?.limit ?? 1, RECORDS_MIN);
  return records >= enough && failed / records > phase.failedShareMax;
}
