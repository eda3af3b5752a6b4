// The eyes on the generator itself while it profiles: the machine before and after, and a pulse in
// between. All of it from the main thread, which has nothing else to do.

import { type PulseReport, startPulses, type TransportCounts } from "#engine";
import { clockFailure, threadClock } from "#ffi";
import { type MachineReading, readMachine } from "./proc.ts";

/** What was seen of a run's profiling phases. */
export interface Watched {
  readonly before: MachineReading;
  readonly after: MachineReading;
  /** Requests that had ended, and records that were still to be made, when the last reply came. */
  readonly backlog: number;
}

/** What a worker says of itself when it leaves. */
export interface Farewell {
  readonly counts: TransportCounts;
  readonly pulse: PulseReport;
}

/** What a recorder counted beside what it collected. */
export interface Tally {
  readonly outputTokens: number;
  readonly lines: number;
}

export interface Watch {
  /** Before the first request. May be called for several phases; the first call counts. */
  begin(): Promise<void>;
  /** After the last reply. The last call counts. */
  end(backlog: number): void;
  readonly watched: Watched | undefined;
}

/**
 * Watches the threads that await pulses at `ports`.
 * Without clocks that agree there are no pulses: they would measure the disagreement.
 */
export function createWatch(ports: readonly number[]): Watch {
  const now = threadClock();
  let before: MachineReading | undefined;
  let watched: Watched | undefined;
  let pulses: Awaited<ReturnType<typeof startPulses>>;
  return {
    async begin() {
      before ??= readMachine(now());
      pulses = clockFailure() === undefined ? await startPulses(ports, now) : undefined;
    },
    end(backlog) {
      pulses?.stop();
      pulses = undefined;
      if (before !== undefined) watched = { before, after: readMachine(now()), backlog };
    },
    get watched() {
      return watched;
    },
  };
}
