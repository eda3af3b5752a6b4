// The loop of a worker whose sockets are the native core's. It waits in the kernel for whatever
// comes first, bytes or the next due time, and lets Bun's own loop have a turn now and then.
//
//   serve what is due ─▶ wait for sockets until the next due time ─▶ …  a slice of milliseconds
//        ▲                                                                  │
//        └────────────── Bun's loop: messages, timers, promises ◀───────────┘

import { type Clock, Heap, NS_PER_MS } from "#core";
import type { Wait, Waits } from "./wait.ts";

/** Whatever the pump turns. */
export interface Turns {
  /** Handles one event, waiting for it until `untilNs`; false when there was none. */
  turn(untilNs: number): boolean;
  /** Somebody wants this thread's own loop. */
  readonly hasRung: boolean;
}

export interface PumpOptions {
  readonly now: Clock;
  /** How long before its time a wait is spun for; 0 leaves all of it to the kernel. */
  readonly earlyNs: number;
  /** How long Bun's loop may have to wait. */
  readonly sliceNs?: number;
  /** Is told by how much a beat came too late. */
  readonly late?: (lateNs: number) => void;
}

/** A turn of Bun's loop costs more than one of ours, and whoever wants one rings. */
const SLICE_NS = 20 * NS_PER_MS;
/** So often the clock is looked at, in a pause too: a standstill that is longer is seen. */
const BEAT_NS = 5 * NS_PER_MS;
/** How long the sockets may have to wait while many things are due at once. */
const SERVE_NS = 0.3 * NS_PER_MS;

export class Pump implements Waits {
  readonly #options: PumpOptions;
  readonly #waits = new Heap<Wait>((a, b) =>
    a.dueNs === b.dueNs ? a.number < b.number : a.dueNs < b.dueNs,
  );
  #count = 0;
  /** What is being served, and how far. */
  #due: Wait[] = [];
  #served = 0;
  #turns: Turns | undefined;
  #isScheduled = false;
  #hasTurned = false;

  constructor(options: PumpOptions) {
    this.#options = options;
  }

  at(dueNs: number, act: () => void): void {
    this.#waits.push({ dueNs, number: this.#count++, act });
  }

  clear(): void {
    this.#waits.drain();
    this.#due = [];
    this.#served = 0;
  }

  /** Begins to turn. */
  start(turns: Turns): void {
    this.#turns = turns;
    this.#hasTurned = false;
    this.#schedule();
  }

  stop(): void {
    this.#turns = undefined;
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(this.#slice);
  }

  readonly #slice = (): void => {
    this.#isScheduled = false;
    const { now, earlyNs, sliceNs = SLICE_NS, late } = this.#options;
    let nowNs = now();
    const endNs = nowNs + sliceNs;
    let beatNs = Math.min(endNs, nowNs + BEAT_NS);
    this.#catchUp(endNs);
    do {
      if (this.#turns !== undefined) this.#serve();
      const turns = this.#turns;
      if (turns === undefined) return;
      const isBehind = this.#served < this.#due.length;
      const next = this.#waits.peek();
      const wakeNs = next === undefined ? beatNs : Math.min(beatNs, next.dueNs - earlyNs);
      let hasMore = turns.turn(isBehind ? 0 : wakeNs);
      while (isBehind && hasMore && now() < endNs) hasMore = turns.turn(0);
      nowNs = now();
      if (nowNs >= beatNs) {
        late?.(nowNs - beatNs);
        beatNs = Math.min(endNs, nowNs + BEAT_NS);
      }
      if (!hasMore && turns.hasRung) break;
    } while (nowNs < endNs);
    if (this.#turns !== undefined) this.#schedule();
  };

  /** What happened while nobody looked comes first: idle connections may have been closed. */
  #catchUp(endNs: number): void {
    if (this.#hasTurned) return;
    this.#hasTurned = true;
    while (this.#turns?.turn(0) && this.#options.now() < endNs);
  }

  /** Does what is due by now: what starts together leaves together, as far as the sockets can wait. */
  #serve(): void {
    const nowNs = this.#options.now();
    if (this.#served === this.#due.length && !this.#collect(nowNs)) return;
    // In one go with the clock: whatever these acts ask for comes after the sockets have had a turn.
    for (let atNs = nowNs; this.#served < this.#due.length && atNs <= nowNs + SERVE_NS; ) {
      this.#due[this.#served++]!.act();
      atNs = this.#options.now();
    }
  }

  /** Takes everything that is due; false when there is nothing. */
  #collect(nowNs: number): boolean {
    this.#due.length = this.#served = 0;
    for (let wait = this.#waits.peek(); wait && wait.dueNs <= nowNs; wait = this.#waits.peek()) {
      this.#waits.pop();
      this.#due.push(wait);
    }
    return this.#due.length > 0;
  }
}
