// Counters that all threads of a run share: the right to send is taken here by one atomic
// operation, wherever a slot is free, so no limit is exceeded by one and no thread asks another.

import { ringWireBell } from "#ffi";

/** What a phase's counters count. */
export const COUNTERS = [
  /** Credits taken: the number of the next request. */
  "credits",
  /** Sessions taken: the number of the next one. */
  "sessions",
  /** Arrivals of an open loop taken: the number of the next one. */
  "arrivals",
  /** Requests that were begun. */
  "sent",
  /** Requests that ended, in whatever way. */
  "ended",
  /** Records made, of them those with a result and those with an error. */
  "recorded",
  "failed",
  /** 1: no further request may begin. */
  "stopped",
  /** Sessions that asked to be opened under a cap, and those that have been closed. */
  "openAsked",
  "openFreed",
  /** Requests that asked to be in their prefill, and those that have left it. */
  "prefillAsked",
  "prefillFreed",
] as const;

export type Counter = (typeof COUNTERS)[number];

const PHASE_WORDS = 16;
const TIMES = 4;
const START = 0;
const FIRST_DRAW = 1;

export type ControlMemory = {
  readonly counters: SharedArrayBuffer;
  readonly times: SharedArrayBuffer;
  /** Rung when a ring is filling faster than it is read. */
  readonly bell: SharedArrayBuffer;
  /** Bells of the workers that wait where no notification reaches them: descriptors, 0 for none. */
  readonly workerBells: SharedArrayBuffer;
};

export function createControl(phases: number, workers = 1): ControlMemory {
  return {
    counters: new SharedArrayBuffer(phases * PHASE_WORDS * 4),
    times: new SharedArrayBuffer(phases * TIMES * 8),
    bell: new SharedArrayBuffer(4),
    workerBells: new SharedArrayBuffer(workers * 4),
  };
}

/** One phase's counters, and the moment it began. */
export interface PhaseControl {
  /** Adds, and answers what the counter was before. */
  add(counter: Counter, amount: number): number;
  /** Takes the next number below `limit`; -1 when there is none. */
  take(counter: Counter, limit: number): number;
  get(counter: Counter): number;
  set(counter: Counter, value: number): void;
  /** Wakes all threads that watch a counter. */
  announce(counter: Counter): void;
  /**
   * Calls `look` now and after each announcement of `counter`, for as long as it answers true.
   */
  watch(counter: Counter, look: () => boolean): void;
  /** When the phase began, monotonic ns; 0 before it did. */
  startNs: number;
  /** Draws of conversations that the phases before have used up. */
  firstDraw: number;
}

/** Has workers look at their messages, and at the counters that they watch. */
export function wakeWorkers({ workerBells }: ControlMemory): void {
  for (const bell of new Int32Array(workerBells)) if (bell > 0) ringWireBell(bell);
}

export function phaseControl(memory: ControlMemory, phase: number): PhaseControl {
  const counters = new Int32Array(memory.counters, phase * PHASE_WORDS * 4, PHASE_WORDS);
  const times = new Float64Array(memory.times, phase * TIMES * 8, TIMES);
  const index = Object.fromEntries(COUNTERS.map((name, i) => [name, i])) as Record<Counter, number>;

  return {
    add: (counter, amount) => Atomics.add(counters, index[counter], amount),
    take(counter, limit) {
      const at = index[counter];
      for (let taken = Atomics.load(counters, at); taken < limit; ) {
        const found = Atomics.compareExchange(counters, at, taken, taken + 1);
        if (found === taken) return taken;
        taken = found;
      }
      return -1;
    },
    get: (counter) => Atomics.load(counters, index[counter]),
    set(counter, value) {
      Atomics.store(counters, index[counter], value);
    },
    announce(counter) {
      Atomics.notify(counters, index[counter]);
      wakeWorkers(memory);
    },
    watch(counter, look) {
      const at = index[counter];
      const next = (): void => {
        // Read before looking: a change in between is then seen at once.
        const seen = Atomics.load(counters, at);
        if (!look()) return;
        const wait = Atomics.waitAsync(counters, at, seen);
        if (wait.async) void wait.value.then(next);
        else queueMicrotask(next);
      };
      next();
    },
    get startNs() {
      return times[START]!;
    },
    set startNs(value: number) {
      times[START] = value;
    },
    get firstDraw() {
      return times[FIRST_DRAW]!;
    },
    set firstDraw(value: number) {
      times[FIRST_DRAW] = value;
    },
  };
}
