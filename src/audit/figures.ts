// What is gathered about the generator itself. What a system does not tell is undefined, never 0:
// an instrument that cannot see an error must not report that there is none.

import type { Spread } from "./spread.ts";

/** Requests of the profiling phases, by what came of them. */
export interface RequestCounts {
  readonly sent: number;
  readonly ok: number;
  readonly failed: number;
  readonly cancelled: number;
  /** Begun and never ended. */
  readonly inFlight: number;
  /** Requests that came due and were never sent; undefined where nothing becomes due. */
  readonly unsent: number | undefined;
}

/** Concurrency in the steady part: from the start of the last of the first slots to the last start. */
export interface Held {
  /** Slots; less those that paused on purpose, where turns have pauses between them. */
  readonly asked: number;
  /** Weighted by time. */
  readonly mean: number;
  /** The mean as a share of what was asked. */
  readonly heldPct: number;
  /** How long a slot stood empty between two requests, on average. */
  readonly emptyNs: number;
  readonly steadyNs: number;
}

export interface Rate {
  /** By the due times of what was sent, and by the times at which it was. */
  readonly askedPerS: number;
  readonly achievedPerS: number;
  /** By how much the sending took longer than was planned. */
  readonly overrunNs: number;
}

export interface StartBurst {
  /** The first requests, one for each slot. */
  readonly requests: number;
  /** From the moment the first of them had left to the moment the last had. */
  readonly tookNs: number;
  /** From the start of the phase to its end. */
  readonly phaseNs: number;
}

/** The figures of the run that an error of ours would be part of. */
export interface Inflated {
  readonly name: "TTFT" | "request latency";
  readonly p99Ns: number;
  readonly maxNs: number;
}

export interface ThreadFigures {
  /** Threads of a kind that share a name are one. */
  readonly name: string;
  readonly cpuPct: number;
  /** Share of the time in which it could have run and had no core. */
  readonly queuedPct: number | undefined;
  /** How often it lost its core to another thread. */
  readonly preempted: number | undefined;
}

export interface MachineFigures {
  readonly cores: number;
  /** Of all cores together. */
  readonly busyPct: number;
  /** Of all cores together, by this process. */
  readonly ownPct: number;
  readonly stealPct: number;
  /** Processes that ran or wanted to, over the last minute. */
  readonly loadAverage: number;
}

export interface Used {
  readonly used: number;
  readonly limit: number;
}

export interface Connections {
  readonly opened: number;
  readonly reused: number;
  /** Ended while a request was on them. */
  readonly broken: number;
}

/** Two ways to one number. */
export interface Agreement {
  readonly counted: number;
  readonly reported: number;
}

export interface AuditFigures {
  /** In a closed loop a request is due when its slot comes free; in an open one the schedule says. */
  readonly loop: "closed" | "open";
  readonly requests: RequestCounts;
  /** Requests that may be in flight at once in an open loop; undefined where nothing says so. */
  readonly concurrencyCap: number | undefined;
  readonly inflated: Inflated | undefined;
  readonly concurrency: Held | undefined;
  readonly rate: Rate | undefined;
  readonly startBurst: StartBurst | undefined;
  /** Start − due. */
  readonly sendLag: Spread | undefined;
  /** The same of a closed loop, but for the first request of each slot. */
  readonly slotRefill: Spread | undefined;
  /** Start to last byte out, less the quickest connect. */
  readonly departure: Spread | undefined;
  /** How long bytes waited in this process before they were stamped. */
  readonly receiveWait: Spread | undefined;
  /** When a loop that stamps stood still. */
  readonly stalls: { readonly longestNs: number; readonly totalNs: number } | undefined;
  readonly threads: readonly ThreadFigures[] | undefined;
  readonly machine: MachineFigures | undefined;
  readonly descriptors: Used | undefined;
  readonly ports: Used | undefined;
  readonly connections: Connections | undefined;
  /** Requests that failed because this machine had no descriptor or port left. */
  readonly withoutDescriptor: number;
  readonly withoutPort: number;
  readonly lostFrames: number;
  /** Records that were still to be made when the last reply had come. */
  readonly backlog: number;
  /** Requests that ended, and records that were made of them. */
  readonly records: Agreement;
  readonly outputTokens: Agreement | undefined;
  /** Records, and lines of their file. */
  readonly lines: Agreement | undefined;
  /** Times of different threads can be compared to the microsecond. */
  readonly clocksAgree: boolean;
  /** Why the run is not complete; undefined when it is. */
  readonly incompleteReason: string | undefined;
}
