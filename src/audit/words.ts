// The audit in words: one line for the terminal, a section for the log.

import { NS_PER_MS } from "#core";
import type { Audit } from "./audit.ts";
import type { AuditFigures, Held } from "./figures.ts";
import { type Spread, tailOf } from "./spread.ts";

/** One line: the verdict, and what it stands on. */
export function verdictLine(audit: Audit): string {
  const [first, ...others] = audit.reasons;
  if (first === undefined) return `Audit: valid${evidence(audit.figures)}`;
  const more = others.length === 0 ? "" : ` (and ${others.length} more: see the log)`;
  return `Audit: ${audit.verdict.toUpperCase()}: ${first.message}${more}`;
}

function evidence(figures: AuditFigures): string {
  const { concurrency, rate, receiveWait, slotRefill, sendLag, loop } = figures;
  const lag = loop === "open" ? sendLag : slotRefill;
  const parts = [
    concurrency && `${concurrency.mean.toFixed(2)} of ${slots(concurrency)} held`,
    rate && `${rate.achievedPerS.toFixed(1)} of ${rate.askedPerS.toFixed(1)} requests/s`,
    lag && `${loop === "open" ? "send lag" : "slot refill"} ${tail(lag)}`,
    receiveWait && `receive wait ${tail(receiveWait)}`,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? "" : ` (${parts.join(", ")})`;
}

/** What was found and all that it stands on, for the log. */
export function auditLines(audit: Audit): readonly string[] {
  const { figures: f } = audit;
  const { requests: r, connections: c, machine: m } = f;
  return [
    `audit: ${audit.verdict}`,
    ...audit.reasons.map(
      (reason) => `audit: ${reason.severity}, ${reason.code}: ${reason.message}`,
    ),
    `audit: requests: ${r.sent} sent, ${r.ok} ok, ${r.failed} failed, ${r.cancelled} cancelled, ${r.inFlight} in flight${r.unsent === undefined ? "" : `, ${r.unsent} due and not sent`}`,
    ...line(
      "held",
      f.concurrency,
      (h) =>
        `${h.mean.toFixed(3)} of ${slots(h)} (${h.heldPct.toFixed(2)} %) over ${ms(h.steadyNs)}`,
    ),
    ...line(
      "rate",
      f.rate,
      (x) => `${x.achievedPerS.toFixed(2)} of ${x.askedPerS.toFixed(2)} requests/s`,
    ),
    ...line(
      "start",
      f.startBurst,
      (s) => `first ${s.requests} requests out within ${ms(s.tookNs)}`,
    ),
    ...line("send lag", f.sendLag, spread),
    ...line("slot refill", f.slotRefill, spread),
    ...line("departure", f.departure, spread),
    ...line("receive wait", f.receiveWait, spread),
    ...line("stalls", f.stalls, (s) => `longest ${ms(s.longestNs)}, ${ms(s.totalNs)} in all`),
    ...(f.threads ?? []).map(
      (t) =>
        `audit: thread ${t.name}: ${pct(t.cpuPct)} busy${t.queuedPct === undefined ? "" : `, ${pct(t.queuedPct)} waiting for a core`}${t.preempted === undefined ? "" : `, preempted ${t.preempted} times`}`,
    ),
    ...line(
      "machine",
      m,
      (x) =>
        `${x.cores} cores ${pct(x.busyPct)} busy, ${pct(x.ownPct)} by this program, ${pct(x.stealPct)} stolen, load average ${x.loadAverage}`,
    ),
    ...line("descriptors", f.descriptors, (u) => `${u.used} of ${u.limit}`),
    ...line("ports", f.ports, (u) => `${u.used} of ${u.limit}`),
    ...line(
      "connections",
      c,
      (x) => `${x.opened} opened, ${x.reused} times reused, ${x.broken} broken`,
    ),
    `audit: ${f.lostFrames} frames lost, ${f.backlog} records behind at the end of the load, ${f.records.reported} of ${f.records.counted} recorded`,
    ...line(
      "output tokens",
      f.outputTokens,
      (a) => `${a.counted} in records, ${a.reported} in totals`,
    ),
    ...line("lines", f.lines, (a) => `${a.reported} of ${a.counted} written`),
  ];
}

function line<Figure>(
  name: string,
  figure: Figure | undefined,
  text: (figure: Figure) => string,
): readonly string[] {
  return figure === undefined ? [] : [`audit: ${name}: ${text(figure)}`];
}

function slots({ asked }: Held): string {
  return Number.isInteger(asked) ? String(asked) : asked.toFixed(2);
}

function spread({ count, meanNs, p50Ns, p99Ns, maxNs }: Spread): string {
  return `mean ${ms(meanNs)}, p50 ${ms(p50Ns)}, p99 ${ms(p99Ns)}, max ${ms(maxNs)} (${count})`;
}

function tail(spread: Spread): string {
  const { name, ns } = tailOf(spread);
  return `${name} ${ms(ns)}`;
}

function ms(ns: number): string {
  const value = ns / NS_PER_MS;
  return `${value.toFixed(value < 10 ? 3 : 1)} ms`;
}

function pct(value: number): string {
  return `${value.toFixed(1)} %`;
}
