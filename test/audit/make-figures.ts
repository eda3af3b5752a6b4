// The figures of a run with nothing wrong about it: 100 slots, 1,000 requests of some 2 s.

import type { AuditFigures, Spread } from "#audit";

const MS = 1e6;

/** A spread whose p95 is a little below its p99. */
export function spreadMs(mean: number, p99: number, max: number, count = 2000): Spread {
  return {
    count,
    meanNs: mean * MS,
    p50Ns: mean * MS,
    p95Ns: 0.9 * p99 * MS,
    p99Ns: p99 * MS,
    maxNs: max * MS,
  };
}

export const CLEAN: AuditFigures = {
  loop: "closed",
  requests: { sent: 1000, ok: 990, failed: 7, cancelled: 2, inFlight: 1, unsent: undefined },
  concurrencyCap: undefined,
  inflated: { name: "TTFT", p99Ns: 210 * MS, maxNs: 230 * MS },
  concurrency: {
    asked: 100,
    mean: 99.97,
    heldPct: 99.97,
    emptyNs: 0.6 * MS,
    steadyNs: 17_500 * MS,
  },
  rate: undefined,
  startBurst: { requests: 100, tookNs: 9 * MS, phaseNs: 19_500 * MS },
  sendLag: spreadMs(0.6, 9, 10),
  slotRefill: spreadMs(0.05, 0.3, 1.2),
  departure: spreadMs(0.02, 0.9, 4),
  receiveWait: spreadMs(0.12, 0.6, 3),
  stalls: { longestNs: 12 * MS, totalNs: 40 * MS },
  threads: [
    { name: "main", cpuPct: 1, queuedPct: 0.1, preempted: 2 },
    { name: "worker 0", cpuPct: 24, queuedPct: 0.8, preempted: 31 },
    { name: "recorder 0", cpuPct: 17, queuedPct: 40, preempted: 90 },
  ],
  machine: { cores: 2, busyPct: 62, ownPct: 21, stealPct: 0.1, loadAverage: 1.2 },
  descriptors: { used: 140, limit: 1024 },
  ports: { used: 130, limit: 28_232 },
  connections: { opened: 100, reused: 900, broken: 0 },
  withoutDescriptor: 0,
  withoutPort: 0,
  lostFrames: 0,
  backlog: 3,
  records: { counted: 999, reported: 999 },
  outputTokens: { counted: 495_000, reported: 495_000 },
  lines: { counted: 999, reported: 999 },
  clocksAgree: true,
  incompleteReason: undefined,
};

/** An open loop with nothing wrong about it: 200 requests/s. */
export const OPEN: AuditFigures = {
  ...CLEAN,
  loop: "open",
  requests: { ...CLEAN.requests, unsent: 0 },
  concurrency: undefined,
  startBurst: undefined,
  slotRefill: undefined,
  rate: { askedPerS: 200, achievedPerS: 199.99, overrunNs: 0.3 * MS },
  sendLag: spreadMs(0.1, 0.4, 2),
};
