// One time line for all threads. Bun's own clock is the cheapest to read but starts at another
// moment on every thread, so each thread learns once how far its origin is from the machine's.

import type { Clock, Epoch } from "#core";
import { libcFailure, monotonicNs, realtimeNs } from "./libc.ts";

/** Readings of which the tightest is believed; a thread can lose its core within any one of them. */
const READINGS = 32;

/** 2026-01-01 in ms since 1970: keeps times of the fallback clock small enough for a double. */
const FALLBACK_ORIGIN_MS = 1_767_225_600_000;

let clock: Clock | undefined;

/**
 * The clock of the calling thread, in nanoseconds: a time taken on one thread can be compared with
 * one of another. Without a C library its threads agree only to the millisecond or so; then
 * {@link clockFailure} says why.
 */
export function threadClock(): Clock {
  if (clock !== undefined) return clock;
  const readNs = Bun.nanoseconds;
  const offsetNs = offsetOf(readNs) ?? offsetOfPerformance(readNs);
  clock = () => readNs() + offsetNs;
  return clock;
}

/** Why {@link threadClock} is the less exact one; undefined when it is not. */
export function clockFailure(): string | undefined {
  return libcFailure();
}

/** This moment on both clocks. */
export function epochNow(): Epoch {
  const now = threadClock();
  let best: Epoch = { monotonicNs: now(), wallNs: wallNow() };
  let bestNs = Number.POSITIVE_INFINITY;
  for (let i = 0; i < READINGS; i++) {
    const beforeNs = now();
    const wallNs = wallNow();
    const tookNs = now() - beforeNs;
    if (tookNs < bestNs) {
      bestNs = tookNs;
      best = { monotonicNs: Math.round(beforeNs + tookNs / 2), wallNs };
    }
  }
  return best;
}

/** What to add to this thread's clock to get the machine's monotonic one. */
function offsetOf(readNs: Clock): number | undefined {
  let offsetNs: number | undefined;
  let bestNs = Number.POSITIVE_INFINITY;
  for (let i = 0; i < READINGS; i++) {
    const beforeNs = readNs();
    const machineNs = monotonicNs();
    const tookNs = readNs() - beforeNs;
    if (machineNs === undefined) return undefined;
    if (tookNs < bestNs) {
      bestNs = tookNs;
      offsetNs = Math.round(machineNs - beforeNs - tookNs / 2);
    }
  }
  return offsetNs;
}

/** The same against `performance`, whose origins are known to a fraction of a millisecond. */
function offsetOfPerformance(readNs: Clock): number {
  const sinceNs = (performance.timeOrigin - FALLBACK_ORIGIN_MS + performance.now()) * 1e6;
  return Math.round(sinceNs - readNs());
}

function wallNow(): bigint {
  return realtimeNs() ?? BigInt(Date.now()) * 1_000_000n;
}
