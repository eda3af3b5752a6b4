// What wakes a worker for a due time. The kernel's timer comes some 50 µs late, so it is set that
// much early and the rest is spun away; a timer of the loop comes up to milliseconds late.

import type { Pacing } from "#config";
import { type Clock, NS_PER_MS, NS_PER_US } from "#core";
import { type KernelTimer, openKernelTimer } from "#ffi";

export interface Alarm {
  /** Rings some `earlyNs` before `dueNs`; replaces an earlier setting. */
  set(dueNs: number): void;
  clear(): void;
  /** Takes down who is to be woken. */
  onRing(ring: () => void): void;
  /** How long before its time whoever waits is to be awake. */
  readonly earlyNs: number;
  close(): void;
}

/** How early the kernel's timer is set: its own lateness, or a span that covers a busy loop too. */
export const SPUN_NS: { readonly [pacing in Pacing]: number } = {
  relaxed: 60 * NS_PER_US,
  precise: 500 * NS_PER_US,
};
/** How much too late a timer of the loop may come. */
const LOOP_EARLY_NS = 1.2 * NS_PER_MS;
/** A timer of the loop cannot be set further ahead. */
const TIMER_MS_MAX = 1e9;

/** The best alarm that the system has. Nothing is opened before the first setting. */
export function openAlarm(now: Clock, pacing: Pacing): Alarm {
  let ring = () => {};
  let kernel: KernelTimer | undefined;
  let isTried = false;
  const fallback = loopAlarm(now);
  const earlyNs = SPUN_NS[pacing];

  const timer = (): KernelTimer | undefined => {
    if (!isTried) kernel = openKernelTimer(() => ring());
    isTried = true;
    return kernel;
  };
  return {
    get earlyNs() {
      return timer() === undefined ? fallback.earlyNs : earlyNs;
    },
    set(dueNs) {
      const opened = timer();
      if (opened === undefined) fallback.set(dueNs);
      else opened.setNs(dueNs - earlyNs);
    },
    clear() {
      fallback.clear();
    },
    onRing(act) {
      ring = act;
      fallback.onRing(act);
    },
    close() {
      kernel?.close();
      fallback.clear();
    },
  };
}

/** An alarm of the event loop's own timers, for any clock. */
export function loopAlarm(now: Clock): Alarm {
  let ring = () => {};
  let timer: Timer | undefined;
  return {
    earlyNs: LOOP_EARLY_NS,
    set(dueNs) {
      clearTimeout(timer);
      const aheadMs = (dueNs - now() - LOOP_EARLY_NS) / NS_PER_MS;
      timer = setTimeout(() => ring(), Math.min(Math.max(0, aheadMs), TIMER_MS_MAX));
    },
    clear() {
      clearTimeout(timer);
    },
    onRing(act) {
      ring = act;
    },
    close() {
      clearTimeout(timer);
    },
  };
}
