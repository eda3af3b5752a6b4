// Counters that all threads of a run share: the right to send is taken here by one atomic
// addition, wherever a slot is free, so no limit is exceeded by one and no thread asks another.

/** What a phase's counters count. */
export const COUNTERS = [
  /** Credits taken: the number of the next one. May pass the limit by one per slot at the end. */
  "credits",
  /** Sessions taken, likewise. */
  "sessions",
  /** Requests that were begun. */
  "sent",
  /** Requests that ended, in whatever way. */
  "ended",
  /** Records made, of them those with a result and those with an error. */
  "recorded",
  "failed",
  /** 1: no further request may begin. */
  "stopped",
] as const;

export type Counter = (typeof COUNTERS)[number];

const PHASE_WORDS = 16;
const TIMES = 4;

export type ControlMemory = {
  readonly counters: SharedArrayBuffer;
  readonly times: SharedArrayBuffer;
  /** Rung when a ring is filling faster than it is read. */
  readonly bell: SharedArrayBuffer;
};

export function createControl(phases: number): ControlMemory {
  return {
    counters: new SharedArrayBuffer(phases * PHASE_WORDS * 4),
    times: new SharedArrayBuffer(phases * TIMES * 8),
    bell: new SharedArrayBuffer(4),
  };
}

/** One phase's counters, and the moment it began. */
export interface PhaseControl {
  add(counter: Counter, amount: number): number;
  get(counter: Counter): number;
  set(counter: Counter, value: number): void;
  /** When the phase began, monotonic ns; NaN before it did. */
  startNs: number;
}

export function phaseControl(memory: ControlMemory, phase: number): PhaseControl {
  const counters = new Int32Array(memory.counters, phase * PHASE_WORDS * 4, PHASE_WORDS);
  const times = new Float64Array(memory.times, phase * TIMES * 8, TIMES);
  const index = Object.fromEntries(COUNTERS.map((name, i) => [name, i])) as Record<Counter, number>;
  return {
    add: (counter, amount) => Atomics.add(counters, index[counter], amount),
    get: (counter) => Atomics.load(counters, index[counter]),
    set: (counter, value) => {
      Atomics.store(counters, index[counter], value);
    },
    get startNs() {
      return times[0]!;
    },
    set startNs(value: number) {
      times[0] = value;
    },
  };
}
