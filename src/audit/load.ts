// Was the load what was asked? From when each request was due, started, left and ended; all times
// are monotonic ns, and the same place in each column is the same request.

import { NS_PER_S } from "#core";
import type { Held, Rate, StartBurst } from "./figures.ts";
import { type Spread, spreadOf } from "./spread.ts";

/** Columns of all requests of a phase, those that failed included. */
export interface RequestTimes {
  readonly dueNs: Float64Array;
  readonly startNs: Float64Array;
  /** When the last byte had left; NaN when it never did. */
  readonly sentNs: Float64Array;
  readonly endNs: Float64Array;
  /** How long it took to connect, 0 on a connection that was there; NaN where that is not known. */
  readonly connectNs: Float64Array;
  /** Place in its session, from 0. */
  readonly turn: Float64Array;
}

export interface HeldOptions {
  /** Slots. */
  readonly asked: number;
  /** When all slots were to be in use, later than the phase's start in a ramp. */
  readonly fullFromNs: number;
  /** Sessions pause between turns: slots that wait for a due time are not asked for. */
  readonly hasPauses?: boolean;
  /** The phase has so many sessions and no more: a slot whose session ends late stays empty. */
  readonly endsBySessions?: boolean;
}

/** The concurrency that was held in the steady part; undefined where there is none. */
export function heldConcurrency(
  times: RequestTimes,
  { asked, fullFromNs, hasPauses = false, endsBySessions = false }: HeldOptions,
): Held | undefined {
  const starts = times.startNs.toSorted();
  if (starts.length <= asked) return undefined;
  const fromNs = Math.max(starts[asked - 1]!, fullFromNs);
  const toNs = endsBySessions ? firstTurnsNs(times).at(-1)! : starts[starts.length - 1]!;
  const steadyNs = toNs - fromNs;
  if (!(steadyNs > 0)) return undefined;

  let busyNs = 0;
  let lateNs = 0;
  let turns = 0;
  for (let i = 0; i < times.startNs.length; i++) {
    const start = times.startNs[i]!;
    busyNs += Math.max(0, Math.min(times.endNs[i]!, toNs) - Math.max(start, fromNs));
    lateNs += Math.max(0, Math.min(start, toNs) - Math.max(times.dueNs[i]!, fromNs));
    if (start > fromNs) turns++;
  }
  const mean = busyNs / steadyNs;
  const wanted = hasPauses ? mean + lateNs / steadyNs : asked;
  return {
    asked: wanted,
    mean,
    heldPct: (100 * mean) / wanted,
    // Little's law, on the empty slots.
    emptyNs: Math.max(0, ((wanted - mean) * steadyNs) / turns),
    steadyNs,
  };
}

/** The rate of an open loop; undefined of fewer than two requests, or when all were due at once. */
export function achievedRate({ dueNs, startNs }: RequestTimes): Rate | undefined {
  const plannedNs = extent(dueNs);
  const tookNs = extent(startNs);
  const gaps = startNs.length - 1;
  if (!(plannedNs > 0) || !(tookNs > 0)) return undefined;
  return {
    askedPerS: (gaps * NS_PER_S) / plannedNs,
    achievedPerS: (gaps * NS_PER_S) / tookNs,
    overrunNs: Math.max(0, tookNs - plannedNs),
  };
}

/** How long the first requests of `slots` slots took to leave; undefined of fewer than two. */
export function startBurst(times: RequestTimes, slots: number): StartBurst | undefined {
  // Where sessions are fewer than slots, their second turns are no part of it.
  const starts = firstTurnsNs(times);
  const last = starts[Math.min(slots, starts.length) - 1];
  const left = times.sentNs.filter((sent, i) => sent >= 0 && times.startNs[i]! <= last!);
  if (left.length < 2) return undefined;
  const phaseNs = times.endNs.reduce((a, b) => Math.max(a, b), 0) - starts[0]!;
  return { requests: left.length, tookNs: extent(left), phaseNs };
}

/**
 * From a request's start until it had left, less what connecting takes at its quickest: what many
 * connections at once take longer is a wait of our making, and part of every latency.
 */
export function departure({ startNs, sentNs, connectNs }: RequestTimes): Spread | undefined {
  let quickest = Number.POSITIVE_INFINITY;
  for (const took of connectNs) if (took > 0 && took < quickest) quickest = took;
  return spreadOf(sentNs.map((sent, i) => sent - startNs[i]! - Math.min(connectNs[i]!, quickest)));
}

/** Start − due of all requests. */
export function sendLag(times: RequestTimes): Spread | undefined {
  return spreadOf(times.startNs.map((start, i) => start - times.dueNs[i]!));
}

/** Start − due of all requests but the first of each slot. */
export function slotRefill(times: RequestTimes, slots: number): Spread | undefined {
  const last = times.startNs.toSorted()[Math.min(slots, times.startNs.length) - 1] ?? 0;
  const lags = times.startNs.map((start, i) =>
    start > last ? start - times.dueNs[i]! : Number.NaN,
  );
  return spreadOf(lags);
}

/** When sessions began, ascending. */
function firstTurnsNs({ startNs, turn }: RequestTimes): Float64Array {
  return startNs.filter((_, i) => turn[i] === 0).sort();
}

function extent(values: Float64Array): number {
  let least = Number.POSITIVE_INFINITY;
  let greatest = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  return greatest - least;
}
