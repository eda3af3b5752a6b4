// Does things when they are due, on a thread that also serves sockets. A far due time is waited
// for inside the event loop, where a timer is right to about a millisecond; the last stretch in
// naps of a fraction of one, between which the sockets have their turn.
//
//   now ───── setTimeout (whole ms) ─────▶ nap ▶ sockets ▶ nap ▶ sockets ▶ due
//
// A timer alone would be late by 0.6 ms, and spinning would take a core from the client.

import type { Clock } from "#core";
import { type DueItem, dueHeap } from "./due-heap.ts";

/** Sleeps the thread for at most `ms`; sockets are not served meanwhile. */
export type Nap = (ms: number) => void;

const NEVER = new Int32Array(new SharedArrayBuffer(4));

/** The kernel adds some 60 µs to each nap: the default slack of its timers, and the wake-up. */
export const napInKernel: Nap = (ms) => {
  Atomics.wait(NEVER, 0, 0, ms);
};

/** Longest nap: a request that arrives during one is noticed that much later. */
const NAP_NS_MAX = 100_000;
const NAP_NS_MIN = 10_000;
const NAP_OVERSHOOT_NS = 60_000;
/** Below this a timer could sleep past the due time. */
const TIMER_NS_MIN = 1_300_000;
/** Items served in one turn, so that a burst cannot keep the sockets waiting. */
const ITEMS_PER_TURN = 16;

export interface Timetable<Item extends DueItem> {
  readonly add: (item: Item) => void;
  /** Does nothing for an item that is not waiting. */
  readonly remove: (item: Item) => void;
  /** Serves what is due by now, at most a turn's worth; called by itself as time goes on. */
  readonly serveDue: () => void;
  readonly stop: () => void;
}

export interface TimetableDeps<Item> {
  readonly now: Clock;
  readonly nap: Nap;
  /**
   * Called at or after `item.dueNs`; answers when the item is due next, Infinity for never again.
   * It may add and remove items, this one too.
   */
  readonly onDue: (item: Item) => number;
}

export function timetable<Item extends DueItem>(deps: TimetableDeps<Item>): Timetable<Item> {
  const { now, nap, onDue } = deps;
  const heap = dueHeap<Item>();
  let timer: Timer | undefined;
  let timerNs = Infinity;
  let turnIsNear = false;

  const serveDue = (): void => {
    for (let count = 0; count < ITEMS_PER_TURN; count++) {
      const item = heap.first();
      if (item === undefined || item.dueNs > now()) return;
      const nextNs = onDue(item);
      if (item.heapIndex === -1) continue;
      if (nextNs === Infinity) heap.remove(item);
      else {
        item.dueNs = nextNs;
        heap.moved(item);
      }
    }
  };

  const turn = (): void => {
    turnIsNear = false;
    const leftNs = (heap.first()?.dueNs ?? 0) - now();
    if (leftNs > 0) {
      const napNs = Math.min(NAP_NS_MAX, Math.max(NAP_NS_MIN, leftNs - NAP_OVERSHOOT_NS));
      nap(napNs / 1e6);
    }
    serveDue();
    waitOn();
  };

  const waitOn = (): void => {
    const first = heap.first();
    if (turnIsNear || first === undefined) return;
    const nowNs = now();
    const leftNs = first.dueNs - nowNs;
    if (leftNs < TIMER_NS_MIN) {
      turnIsNear = true;
      setImmediate(turn);
      return;
    }
    if (timer !== undefined && timerNs <= first.dueNs) return;
    clearTimeout(timer);
    const ms = Math.floor((leftNs - TIMER_NS_MIN) / 1e6) + 1;
    timerNs = first.dueNs;
    timer = setTimeout(ring, Math.min(ms, 1_000_000_000));
  };

  const ring = (): void => {
    timer = undefined;
    timerNs = Infinity;
    waitOn();
  };

  return {
    add(item) {
      heap.add(item);
      waitOn();
    },
    remove(item) {
      if (item.heapIndex !== -1) heap.remove(item);
    },
    serveDue,
    stop() {
      clearTimeout(timer);
      for (let item = heap.first(); item !== undefined; item = heap.first()) heap.remove(item);
    },
  };
}
