// Each reason by figures that are just bad enough for it, and by figures that are not.

import { expect, test } from "bun:test";
import { type AuditFigures, auditOf, limitsFrom, RULES } from "#audit";
import { CLEAN, OPEN, spreadMs } from "./make-figures.ts";

const MS = 1e6;
const LIMITS = limitsFrom({});

const held = (mean: number, emptyMs: number): Partial<AuditFigures> => ({
  concurrency: { ...CLEAN.concurrency!, mean, heldPct: mean, emptyNs: emptyMs * MS },
});
const rate = (achievedPerS: number, overrunMs: number): Partial<AuditFigures> => ({
  ...OPEN,
  rate: { askedPerS: 200, achievedPerS, overrunNs: overrunMs * MS },
});
const sent = (changes: Partial<AuditFigures["requests"]>): Partial<AuditFigures> => ({
  requests: { ...CLEAN.requests, ...changes },
});
const burst = (tookMs: number, phaseMs: number): Partial<AuditFigures> => ({
  startBurst: { requests: 100, tookNs: tookMs * MS, phaseNs: phaseMs * MS },
});
const stall = (longestMs: number): Partial<AuditFigures> => ({
  stalls: { longestNs: longestMs * MS, totalNs: longestMs * MS },
});

/** Good but for its p99, which is one sample or two. */
const hiccup = { ...spreadMs(0.2, 9, 9, 100), p95Ns: 0.5 * MS };

/** Code, the figures that differ from a clean run, and what the one reason says. */
const BAD: readonly (readonly [string, Partial<AuditFigures>, RegExp])[] = [
  ["concurrency_not_held", held(98.9, 22), /98\.90 of 100 requests.* 22\.0 ms between/],
  ["turnaround", held(98.9, 0.02), /the 20 µs between two requests are 1\.1 % of the load/],
  ["rate_not_reached", rate(197.5, 260), /197\.5 requests\/s were sent of 200\.0/],
  ["requests_not_sent", { ...OPEN, ...sent({ unsent: 11 }) }, /^11 requests \(1\.1 %\) came due/],
  ["slow_start", burst(1200, 19_500), /took 1200 ms until the first 100 requests/],
  [
    "send_lag",
    { ...OPEN, sendLag: spreadMs(1, 4.3, 9) },
    /up to 4\.3 ms after they were due \(p99\)/,
  ],
  ["slow_departure", { departure: spreadMs(1, 4.3, 9) }, /4\.3 ms of the p99 TTFT passed before/],
  ["receive_wait", { receiveWait: spreadMs(1, 4.3, 9) }, /up to 4\.3 ms of the p99 TTFT is this/],
  ["stall", stall(51), /stood still for 51\.0 ms/],
  ["out_of_descriptors", { withoutDescriptor: 4 }, /^4 requests found no file descriptor/],
  ["out_of_ports", { withoutPort: 3 }, /^3 requests found no local port/],
  ["frames_lost", { lostFrames: 1 }, /^1 pieces of replies were lost/],
  ["records_missing", { records: { counted: 999, reported: 998 } }, /998 of 999 requests/],
  ["requests_differ", sent({ ok: 989 }), /1000 requests were sent, and 989 succeeded/],
  [
    "tokens_differ",
    { outputTokens: { counted: 495_001, reported: 495_000 } },
    /records have 495001 output tokens, the totals 495000/,
  ],
  ["lines_differ", { lines: { counted: 999, reported: 990 } }, /990 of 999 lines/],
  ["clocks_differ", { clocksAgree: false }, /agree only to about 1 ms/],
  ["incomplete", { incompleteReason: "interrupted by the user" }, /interrupted by the user$/],
  ["nothing_measured", sent({ ok: 0, failed: 997 }), /no request succeeded/],
];

test.each(BAD)("%s: one reason, and what it is", (code, changes, words) => {
  const audit = auditOf({ ...CLEAN, ...changes }, LIMITS);
  expect(audit.reasons.map((reason) => reason.code)).toEqual([code]);
  const [reason] = audit.reasons;
  expect(reason!.message).toMatch(words);
  expect(reason!.value).toBeGreaterThan(reason!.limit);
  expect(audit.verdict).toBe(RULES.find((rule) => rule.code === code)!.severity);
});

test("every rule is tested", () => {
  expect([...new Set(BAD.map(([code]) => code))].sort()).toEqual(RULES.map((r) => r.code).sort());
});

test.each<readonly [string, Partial<AuditFigures>]>([
  ["a clean closed loop", {}],
  ["a clean open loop", OPEN],
  ["99 % held", held(99, 20)],
  ["no steady part", { concurrency: undefined, slotRefill: undefined }],
  ["a short schedule that ended 15 ms late", rate(190, 15)],
  ["a few that were not sent", { ...OPEN, ...sent({ unsent: 10 }) }],
  ["a quick start of a run of one wave", burst(99, 150)],
  ["a start within 5 % of the run", burst(900, 19_500)],
  ["lag below 2 % of the TTFT", { ...OPEN, sendLag: spreadMs(1, 4.1, 9) }],
  [
    "half a millisecond against a server that answers at once",
    {
      inflated: { name: "request latency", p99Ns: 2 * MS, maxNs: 4 * MS },
      receiveWait: spreadMs(0.1, 0.9, 2),
    },
  ],
  ["one hiccup in a short run", { receiveWait: hiccup }],
  ["one request of fifty that left late", { ...OPEN, sendLag: hiccup }],
  ["one connection of fifty that took its time", { departure: hiccup }],
  ["too few pulses to say anything", { receiveWait: spreadMs(9, 9, 9, 19) }],
  [
    "a stall of a tenth of the longest request",
    {
      inflated: { name: "TTFT", p99Ns: 900 * MS, maxNs: 1000 * MS },
      ...stall(100),
    },
  ],
  [
    "a system that tells nothing",
    {
      ...{ receiveWait: undefined, stalls: undefined, threads: undefined, machine: undefined },
      ...{ descriptors: undefined, ports: undefined, connections: undefined },
      ...{ outputTokens: undefined, lines: undefined },
    },
  ],
])("%s is valid", (_, changes) => {
  expect(auditOf({ ...CLEAN, ...changes }, LIMITS)).toMatchObject({
    verdict: "valid",
    reasons: [],
  });
});

test("the gravest reason comes first", () => {
  const audit = auditOf({ ...CLEAN, ...stall(80), ...held(90, 200) }, LIMITS);
  expect(audit.verdict).toBe("invalid");
  expect(audit.reasons.map(({ code }) => code)).toEqual(["concurrency_not_held", "stall"]);
});

const thread = (name: string, cpuPct: number, queuedPct: number) => ({
  ...{ name, cpuPct, queuedPct, preempted: 0 },
});

test.each<readonly [string, Partial<AuditFigures>, RegExp]>([
  [
    "a core that others had",
    { threads: [thread("worker 0", 20, 31)] },
    /worker 0 had to wait .* 31 %/,
  ],
  ["too much for one thread", { threads: [thread("worker 0", 97, 1)] }, /worker 0 was busy 97 %/],
  [
    "a hypervisor",
    { machine: { ...CLEAN.machine!, stealPct: 12 }, threads: [thread("worker 0", 97, 31)] },
    /hypervisor took 12 %/,
  ],
  [
    "a recorder that waits, which delays no stamp",
    { threads: [thread("recorder 0", 97, 31)] },
    /server$/,
  ],
  ["nothing that is known", { threads: undefined, machine: undefined }, /server$/],
])("the cause is named: %s", (_, changes, words) => {
  const audit = auditOf({ ...CLEAN, receiveWait: spreadMs(2, 9, 20), ...changes }, LIMITS);
  expect(audit.reasons[0]!.message).toMatch(words);
});

test("a cap that may be the reason is named", () => {
  const capped = { ...CLEAN, ...rate(150, 900), concurrencyCap: 8 };
  expect(auditOf(capped, LIMITS).reasons[0]!.message).toContain("no more than 8 may be in flight");
});

test("limits come from the environment, and nonsense is refused", () => {
  const doubtful = { ...CLEAN, ...held(98, 40) };
  expect(auditOf(doubtful, limitsFrom({ AIPERF_AUDIT_HELD_PCT: "97.5" })).verdict).toBe("valid");
  expect(auditOf(CLEAN, limitsFrom({ AIPERF_AUDIT_HELD_PCT: "99.98" })).verdict).toBe("invalid");
  expect(limitsFrom({ AIPERF_AUDIT_NOISE_MS: "" })).toEqual(LIMITS);
  expect(() => limitsFrom({ AIPERF_AUDIT_STALL_MS: "none" })).toThrow(
    'AIPERF_AUDIT_STALL_MS is "none"; give a number, 0 or more',
  );
});
