// Gathers what the audit judges: from the requests' columns, the threads' farewells, the machine.

import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import {
  type Agreement,
  type Audit,
  type AuditFigures,
  achievedRate,
  auditOf,
  type Connections,
  departure,
  heldConcurrency,
  type Inflated,
  type Limits,
  sendLag,
  slotRefill,
  spreadOf,
  startBurst,
} from "#audit";
import type { PhasePlan } from "#config";
import { rngStream } from "#core";
import { clockFailure, descriptorLimit } from "#ffi";
import { giveBack, metricOf, requestTimes, type Summary } from "#metrics";
import { dueWithin } from "#schedule";
import { machineFigures, threadFigures } from "./machine.ts";
import type { RunOutcome } from "./run.ts";

export interface AuditInputs {
  readonly phases: readonly PhasePlan[];
  readonly outcome: RunOutcome;
  readonly summary: Summary;
  /** The file of records; undefined when none is written. */
  readonly linesPath: string | undefined;
  readonly limits: Limits;
  /** Of the run's draws. */
  readonly seed: number;
  /** Some turns wait after the reply to the one before. */
  readonly hasPauses: boolean;
}

/** Judges a run that has ended. */
export function auditRun(inputs: AuditInputs): Audit {
  return auditOf(figuresOf(inputs), inputs.limits);
}

function figuresOf(inputs: AuditInputs): AuditFigures {
  const { outcome, summary, linesPath } = inputs;
  const { watched, windows } = outcome;
  const threads = watched && threadFigures(watched.before, watched.after, process.pid);
  return {
    ...loadFigures(inputs),
    requests: requestCounts(inputs),
    inflated: inflatedOf(summary),
    receiveWait: spreadOf(joined(outcome.farewells.map(({ pulse }) => pulse.waitsNs))),
    stalls: stallsOf(outcome),
    threads,
    machine: watched && machineFigures(watched.before, watched.after, threads),
    descriptors: usedOf(watched?.after.descriptors, descriptorLimit()?.soft),
    ports: usedOf(watched?.after.ports, watched?.after.portsMax),
    connections: connectionsOf(outcome),
    withoutDescriptor: failuresOf(summary, "DescriptorLimit"),
    withoutPort: failuresOf(summary, "PortsExhausted"),
    lostFrames: outcome.lostFrames,
    backlog: watched?.backlog ?? 0,
    records: {
      counted: total(outcome.counters.slice(0, windows.length).map(({ ended }) => ended)),
      reported: total(outcome.counters.slice(0, windows.length).map(({ recorded }) => recorded)),
    },
    outputTokens: {
      counted: total(outcome.tallies.map((tally) => tally.outputTokens)),
      reported: metricOf(summary.metrics, "total_output_tokens")?.stats.avg ?? 0,
    },
    lines: linesPath === undefined ? undefined : linesOf(linesPath, outcome),
    clocksAgree: clockFailure() === undefined,
    incompleteReason: outcome.incompleteReason,
  };
}

type LoadFigures = Pick<
  AuditFigures,
  | "loop"
  | "concurrencyCap"
  | "concurrency"
  | "rate"
  | "startBurst"
  | "sendLag"
  | "departure"
  | "slotRefill"
>;

/** The load of the last profiling phase that was begun: the one that the figures are of. */
function loadFigures({ phases, outcome, hasPauses }: AuditInputs): LoadFigures {
  const index = phases.findLastIndex(
    (phase, i) => phase.kind === "profiling" && outcome.windows[i],
  );
  const phase = phases[index];
  const times = requestTimes(outcome.snapshots, index);
  const lag = { sendLag: sendLag(times), departure: departure(times) };
  giveBack(times.startNs.length);
  const none = { concurrency: undefined, rate: undefined, startBurst: undefined };
  if (phase?.load.kind !== "concurrency") {
    return {
      loop: "open",
      ...none,
      rate: achievedRate(times),
      ...lag,
      slotRefill: undefined,
      concurrencyCap: phase?.load.concurrency?.limit,
    };
  }
  const { limit, rampNs } = phase.load.concurrency;
  const startNs = outcome.windows[index]!.startNs;
  return {
    loop: "closed",
    concurrencyCap: undefined,
    // Requests that wait for others' first tokens leave slots empty on purpose.
    concurrency: phase.prefill
      ? undefined
      : heldConcurrency(times, {
          asked: limit,
          fullFromNs: startNs + rampNs,
          hasPauses,
          endsBySessions: phase.sessionCount !== undefined,
        }),
    rate: undefined,
    startBurst: rampNs > 0 || phase.prefill ? undefined : startBurst(times, limit),
    ...lag,
    slotRefill: slotRefill(times, limit),
  };
}

function requestCounts(inputs: AuditInputs): AuditFigures["requests"] {
  const { phases, outcome, summary } = inputs;
  const profiling = outcome.counters.filter((_, i) => phases[i]!.kind === "profiling");
  const cancelled = failuresOf(summary, "RequestCancellationError");
  const sent = total(profiling.map((phase) => phase.sent));
  return {
    sent,
    ok: summary.okCount,
    failed: summary.errorCount - cancelled,
    cancelled,
    inFlight: sent - total(profiling.map((phase) => phase.ended)),
    unsent: unsentOf(inputs, sent),
  };
}

/** Arrivals that came due while the phase lasted, less what was sent; undefined without a rate. */
function unsentOf({ phases, outcome, seed }: AuditInputs, sent: number): number | undefined {
  const profiling = phases.filter(({ kind }) => kind === "profiling");
  const [phase] = profiling;
  // Sessions that are used up let moments pass, and so does a user who ends the run.
  if (phase?.load.kind !== "rate" || profiling.length > 1 || phase.sessionCount !== undefined)
    return undefined;
  if (phase.durationNs === undefined || outcome.incompleteReason !== undefined) return undefined;
  const stream = `timing.request.arrival:${phases.indexOf(phase)}`;
  const due = dueWithin(phase.load, rngStream(seed, stream), phase.durationNs);
  return Math.max(0, Math.min(due, phase.requestCount ?? due) - sent);
}

/** The latency that a late stamp shows in most: TTFT where there is one. */
function inflatedOf({ metrics }: Summary): Inflated | undefined {
  const tags = { time_to_first_token: "TTFT", request_latency: "request latency" } as const;
  for (const [tag, name] of Object.entries(tags)) {
    const { p99, max } = metricOf(metrics, tag)?.stats ?? {};
    if (p99 !== undefined && max !== undefined) return { name, p99Ns: p99 * 1e6, maxNs: max * 1e6 };
  }
  return undefined;
}

function stallsOf({ farewells }: RunOutcome): AuditFigures["stalls"] {
  if (farewells.length === 0) return undefined;
  const longest = farewells.map(({ pulse }) => pulse.longestStallNs);
  return {
    longestNs: Math.max(...longest),
    totalNs: total(farewells.map(({ pulse }) => pulse.stalledNs)),
  };
}

function connectionsOf({ farewells }: RunOutcome): Connections | undefined {
  if (farewells.length === 0) return undefined;
  const of = (key: keyof Connections) => total(farewells.map(({ counts }) => counts[key]));
  return { opened: of("opened"), reused: of("reused"), broken: of("broken") };
}

function usedOf(used: number | undefined, limit: number | undefined): AuditFigures["ports"] {
  if (used === undefined || limit === undefined || !Number.isFinite(limit)) return undefined;
  return { used, limit };
}

function failuresOf({ errors }: Summary, type: string): number {
  return total(errors.filter((error) => error.type === type).map(({ count }) => count));
}

/** A larger file is not read again; the recorders' own count stands for it. */
const READ_BACK_BYTES_MAX = 64 * 2 ** 20;

function linesOf(path: string, outcome: RunOutcome): Agreement {
  const counted = total(outcome.counters.map(({ recorded }) => recorded));
  const written = total(outcome.tallies.map(({ lines }) => lines));
  return { counted, reported: linesIn(path, READ_BACK_BYTES_MAX) ?? written };
}

/** Line ends in a file; undefined when it is too large or cannot be read. */
export function linesIn(path: string, bytesMax: number): number | undefined {
  let file: number | undefined;
  try {
    file = openSync(path, "r");
    if (fstatSync(file).size > bytesMax) return undefined;
    const piece = Buffer.allocUnsafe(1 << 20);
    let lines = 0;
    for (let bytes = 1; bytes > 0; ) {
      bytes = readSync(file, piece);
      const text = piece.subarray(0, bytes);
      for (let at = text.indexOf(10); at !== -1; at = text.indexOf(10, at + 1)) lines++;
    }
    return lines;
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function joined(parts: readonly Float64Array[]): Float64Array {
  const whole = new Float64Array(total(parts.map(({ length }) => length)));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
