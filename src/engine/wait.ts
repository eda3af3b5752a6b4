// Waiting for due times. A timer of the loop comes up to milliseconds late, so it is set early and
// the rest is spun away turn by turn: the sockets' events still get their turns in between.

import { type Clock, Heap, NS_PER_MS } from "#core";

/** Acts that wait for their time; one of these serves a worker. */
export interface Waits {
  /** Calls `act` at `dueNs` or as soon after it as can be, and never before this call returns. */
  at(dueNs: number, act: () => void): void;
  /** Forgets all that waits. */
  clear(): void;
}

interface Wait {
  readonly dueNs: number;
  /** Equal times are served in the order in which they were asked for. */
  readonly number: number;
  readonly act: () => void;
}

/** How much too late a timer of the loop may come. */
const SPIN_NS = 1.2 * NS_PER_MS;
/** A timer cannot be set further ahead. */
const TIMER_MS_MAX = 1e9;

export function loopWaits(now: Clock): Waits {
  const waits = new Heap<Wait>((a, b) =>
    a.dueNs === b.dueNs ? a.number < b.number : a.dueNs < b.dueNs,
  );
  let count = 0;
  let timer: Timer | undefined;
  let timerNs = Number.POSITIVE_INFINITY;
  let isSpinning = false;

  /** Sees to it that `turn` comes in time for the first wait. */
  function arm(): void {
    const next = waits.peek();
    if (next === undefined || isSpinning) return;
    const aheadNs = next.dueNs - now() - SPIN_NS;
    if (aheadNs <= 0) {
      isSpinning = true;
      setImmediate(turn);
    } else if (next.dueNs < timerNs) {
      clearTimeout(timer);
      timerNs = next.dueNs;
      timer = setTimeout(ring, Math.min(aheadNs / NS_PER_MS, TIMER_MS_MAX));
    }
  }

  function ring(): void {
    timer = undefined;
    timerNs = Number.POSITIVE_INFINITY;
    arm();
  }

  /** One act a turn of the loop: each then has its connection's events to itself. */
  function turn(): void {
    isSpinning = false;
    const next = waits.peek();
    if (next === undefined) return;
    if (next.dueNs <= now()) {
      waits.pop();
      next.act();
    }
    arm();
  }

  return {
    at(dueNs, act) {
      waits.push({ dueNs, number: count++, act });
      arm();
    },
    clear() {
      waits.drain();
      clearTimeout(timer);
      timer = undefined;
      timerNs = Number.POSITIVE_INFINITY;
    },
  };
}
