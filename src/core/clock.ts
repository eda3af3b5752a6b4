// One time line for all threads: nanoseconds of the machine's monotonic clock, as a number.
// A double holds them exactly for the first 104 days of a machine's uptime, and to 2 ns after.

import { assert } from "./errors.ts";

/** Reads the monotonic time in nanoseconds; equal on every thread of the process. */
export type Clock = () => number;

/** A clock that a test moves by hand. */
export interface FakeClock {
  readonly now: Clock;
  advance(ns: number): void;
}

export function fakeClock(startNs = 0): FakeClock {
  let nowNs = startNs;
  return {
    now: () => nowNs,
    advance(ns) {
      assert(ns >= 0, "time runs forward");
      nowNs += ns;
    },
  };
}

/** A moment on both clocks, which turns monotonic times into wall-clock ones. */
export interface Epoch {
  readonly monotonicNs: number;
  readonly wallNs: bigint;
}

/** The wall-clock time of a monotonic one, in nanoseconds since 1970. */
export function wallNs(epoch: Epoch, monotonicNs: number): bigint {
  return epoch.wallNs + BigInt(Math.round(monotonicNs - epoch.monotonicNs));
}
