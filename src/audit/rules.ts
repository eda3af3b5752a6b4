// What makes a run doubtful or invalid: one row a reason. Doubtful means that figures contain an
// error of ours of about the size that is named; invalid, that the load was not what was asked.

import { NS_PER_MS } from "#core";
import { causeOf } from "./cause.ts";
import type { Agreement, AuditFigures } from "./figures.ts";
import type { Limits } from "./limits.ts";
import { type Spread, tailOf } from "./spread.ts";

export type Severity = "doubtful" | "invalid";

export interface Rule {
  readonly code: string;
  readonly severity: Severity;
  readonly unit: "%" | "ms" | "count";
  /** What is judged; undefined when it was not measured or cannot matter. */
  readonly of: (figures: AuditFigures, limits: Limits) => number | undefined;
  /** The most that it may be; 0 when it is not given. */
  readonly limit?: (limits: Limits, figures: AuditFigures) => number;
  /** What a reader should know, with the value as `size` such as `3.1 ms`; no full stop. */
  readonly message: (figures: AuditFigures, size: string) => string;
}

/** With fewer pulses, nothing is said. */
const PULSES_MIN = 20;
/** A schedule that ends this much later than planned was kept. */
const OVERRUN_MS = 20;

export const RULES: readonly Rule[] = [
  {
    code: "nothing_measured",
    severity: "invalid",
    unit: "count",
    of: ({ requests }) => (requests.ok === 0 ? 1 : 0),
    message: () => "no request succeeded, so nothing was measured",
  },
  {
    code: "concurrency_not_held",
    severity: "invalid",
    unit: "%",
    of: (f, l) => (emptyMs(f) > l.refillMs ? shortOf(f) : undefined),
    limit: (l) => 100 - l.heldPct,
    message: (f) =>
      `${f.concurrency!.mean.toFixed(2)} of ${round(f.concurrency!.asked)} requests were in flight on average: ` +
      `a slot stood empty for ${emptyMs(f).toFixed(1)} ms between two requests${failures(f)}${causeOf(f)}`,
  },
  {
    code: "turnaround",
    severity: "doubtful",
    unit: "%",
    of: (f, l) => (emptyMs(f) > l.refillMs ? undefined : shortOf(f)),
    limit: (l) => 100 - l.heldPct,
    message: (f, size) =>
      `replies are so short that the ${(1000 * emptyMs(f)).toFixed(0)} µs between two requests are ${size} of the load`,
  },
  {
    code: "rate_not_reached",
    severity: "invalid",
    unit: "%",
    of: ({ rate }) =>
      rate === undefined || rate.overrunNs < OVERRUN_MS * NS_PER_MS
        ? undefined
        : 100 - (100 * rate.achievedPerS) / rate.askedPerS,
    limit: (l) => 100 - l.ratePct,
    message: (f) =>
      `${f.rate!.achievedPerS.toFixed(1)} requests/s were sent of ${f.rate!.askedPerS.toFixed(1)} that were due${cap(f)}${causeOf(f)}`,
  },
  {
    code: "requests_not_sent",
    severity: "invalid",
    unit: "%",
    of: ({ requests: { sent, unsent } }) =>
      unsent === undefined ? undefined : (100 * unsent) / Math.max(1, sent + unsent),
    limit: (l) => 100 - l.ratePct,
    message: (f, size) =>
      `${f.requests.unsent} requests (${size}) came due and were never sent${cap(f)}${causeOf(f)}`,
  },
  {
    code: "slow_start",
    severity: "doubtful",
    unit: "ms",
    of: ({ startBurst }) => startBurst && startBurst.tookNs / NS_PER_MS,
    limit: (l, f) => Math.max(l.burstMs, share(l.burstPct, f.startBurst?.phaseNs)),
    message: (f, size) =>
      `it took ${size} until the first ${f.startBurst!.requests} requests had left, so the load came on slowly`,
  },
  {
    code: "send_lag",
    severity: "doubtful",
    unit: "ms",
    of: (f) => (f.loop === "open" ? tailMs(f.sendLag) : undefined),
    limit: (l, f) => errorLimit(l, f),
    message: (f, size) =>
      `requests left up to ${size} after they were due (${tailOf(f.sendLag!).name}), which is in the figures from the due time and changes what the server saw${cap(f)}${causeOf(f)}`,
  },
  {
    code: "slow_departure",
    severity: "doubtful",
    unit: "ms",
    of: ({ departure }) => tailMs(departure),
    limit: (l, f) => errorLimit(l, f),
    message: (f, size) =>
      `up to ${size} of the p99 ${f.inflated?.name ?? "latency"} passed before the requests had left${connecting(f)}${causeOf(f)}`,
  },
  {
    code: "receive_wait",
    severity: "doubtful",
    unit: "ms",
    of: ({ receiveWait }) =>
      receiveWait && receiveWait.count < PULSES_MIN ? undefined : tailMs(receiveWait),
    limit: (l, f) => errorLimit(l, f),
    message: (f, size) =>
      `up to ${size} of the p99 ${f.inflated?.name ?? "latency"} is this machine, not the server${causeOf(f)}`,
  },
  {
    code: "stall",
    severity: "doubtful",
    unit: "ms",
    of: ({ stalls }) => stalls && stalls.longestNs / NS_PER_MS,
    limit: (l, f) => Math.max(l.stallMs, share(l.stallPct, f.inflated?.maxNs)),
    message: (f, size) =>
      `this program stood still for ${size} at a stretch, which is in the maxima${causeOf(f)}`,
  },
  {
    code: "out_of_descriptors",
    severity: "invalid",
    unit: "count",
    of: (f) => f.withoutDescriptor,
    message: (_, size) =>
      `${size} requests found no file descriptor on this machine: raise the limit (ulimit -n)`,
  },
  {
    code: "out_of_ports",
    severity: "invalid",
    unit: "count",
    of: (f) => f.withoutPort,
    message: (_, size) =>
      `${size} requests found no local port on this machine: reuse connections, or use more source addresses`,
  },
  {
    code: "frames_lost",
    severity: "invalid",
    unit: "count",
    of: (f) => f.lostFrames,
    message: (_, size) => `${size} pieces of replies were lost inside this program`,
  },
  {
    code: "records_missing",
    severity: "invalid",
    unit: "count",
    of: (f) => differs(f.records),
    message: (f) =>
      `${f.records.reported} of ${f.records.counted} requests that ended have a record`,
  },
  {
    code: "requests_differ",
    severity: "invalid",
    unit: "count",
    of: ({ requests: { sent, ok, failed, cancelled, inFlight } }) =>
      Math.abs(sent - ok - failed - cancelled - inFlight),
    message: ({ requests: r }) =>
      `${r.sent} requests were sent, and ${r.ok} succeeded, ${r.failed} failed, ${r.cancelled} were cancelled, ${r.inFlight} never ended`,
  },
  {
    code: "tokens_differ",
    severity: "invalid",
    unit: "count",
    of: (f) => f.outputTokens && differs(f.outputTokens),
    message: (f) =>
      `the records have ${f.outputTokens!.counted} output tokens, the totals ${f.outputTokens!.reported}`,
  },
  {
    code: "lines_differ",
    severity: "doubtful",
    unit: "count",
    of: (f) => f.lines && differs(f.lines),
    message: (f) =>
      `the file of records is not whole: ${f.lines!.reported} of ${f.lines!.counted} lines were written`,
  },
  {
    code: "clocks_differ",
    severity: "doubtful",
    unit: "count",
    of: (f) => (f.clocksAgree ? 0 : 1),
    message: () => "times of different threads agree only to about 1 ms on this system",
  },
  {
    code: "incomplete",
    severity: "doubtful",
    unit: "count",
    of: (f) => (f.incompleteReason === undefined ? 0 : 1),
    message: (f) => `the run is not complete: ${f.incompleteReason}`,
  },
];

function shortOf({ concurrency }: AuditFigures): number | undefined {
  return concurrency && 100 - concurrency.heldPct;
}

function emptyMs({ concurrency }: AuditFigures): number {
  return (concurrency?.emptyNs ?? 0) / NS_PER_MS;
}

function tailMs(spread: Spread | undefined): number | undefined {
  return spread && tailOf(spread).ns / NS_PER_MS;
}

/** A share of a time, in ms; 0 where the time is not known. */
function share(percent: number, ofNs: number | undefined): number {
  return ((percent / 100) * (ofNs ?? 0)) / NS_PER_MS;
}

function errorLimit(limits: Limits, { inflated }: AuditFigures): number {
  return Math.max(limits.noiseMs, share(limits.errorPct, inflated?.p99Ns));
}

function round(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(2);
}

function differs({ counted, reported }: Agreement): number {
  return Math.abs(counted - reported);
}

function connecting({ connections }: AuditFigures): string {
  if (connections === undefined || connections.opened < 2) return "";
  return ` (${connections.opened} connections were opened: see --warm-connections)`;
}

function cap({ concurrencyCap }: AuditFigures): string {
  if (concurrencyCap === undefined) return "";
  return ` (no more than ${concurrencyCap} may be in flight, which can hold others back)`;
}

function failures({ requests: { sent, failed } }: AuditFigures): string {
  return failed > 0.01 * sent ? `; ${failed} of ${sent} requests failed` : "";
}
