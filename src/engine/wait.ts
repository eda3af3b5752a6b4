// Waiting for due times. An alarm wakes the loop a little early, and the rest is spun away turn by
// turn: the sockets' events still get their turns in between.

import { type Clock, Heap } from "#core";
import { type Alarm, loopAlarm } from "./alarm.ts";

/** Acts that wait for their time; one of these serves a worker. */
export interface Waits {
  /** Calls `act` at `dueNs` or as soon after it as can be, and never before this call returns. */
  at(dueNs: number, act: () => void): void;
  /** Forgets all that waits. */
  clear(): void;
}

export interface Wait {
  readonly dueNs: number;
  /** Equal times are served in the order in which they were asked for. */
  readonly number: number;
  readonly act: () => void;
}

/** Waits that `alarm` wakes; the loop's own timers do when there is none. */
export function loopWaits(now: Clock, alarm: Alarm = loopAlarm(now)): Waits {
  const waits = new Heap<Wait>((a, b) =>
    a.dueNs === b.dueNs ? a.number < b.number : a.dueNs < b.dueNs,
  );
  let count = 0;
  /** What the alarm is set to; later waits need no new setting. */
  let alarmNs = Number.POSITIVE_INFINITY;
  let isSpinning = false;
  alarm.onRing(() => {
    alarmNs = Number.POSITIVE_INFINITY;
    arm();
  });

  /** Sees to it that `turn` comes in time for the first wait. */
  function arm(): void {
    const next = waits.peek();
    if (next === undefined || isSpinning) return;
    if (next.dueNs - now() <= alarm.earlyNs) {
      isSpinning = true;
      setImmediate(turn);
    } else if (next.dueNs < alarmNs) {
      alarmNs = next.dueNs;
      alarm.set(next.dueNs);
    }
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
      alarm.clear();
      alarmNs = Number.POSITIVE_INFINITY;
    },
  };
}
