// What a reader gets of an audit: a line, a section, a block with a schema.

import { expect, test } from "bun:test";
import {
  type AuditFigures,
  auditBlock,
  auditLines,
  auditOf,
  auditSchema,
  limitsFrom,
  verdictLine,
} from "#audit";
import { CLEAN, OPEN, spreadMs } from "./make-figures.ts";

const LIMITS = limitsFrom({});
const of = (changes: Partial<AuditFigures>) => auditOf({ ...CLEAN, ...changes }, LIMITS);

const SILENT: Partial<AuditFigures> = {
  ...{ inflated: undefined, concurrency: undefined, startBurst: undefined, sendLag: undefined },
  ...{
    slotRefill: undefined,
    departure: undefined,
    receiveWait: undefined,
    stalls: undefined,
    threads: undefined,
  },
  ...{ machine: undefined, descriptors: undefined, ports: undefined, connections: undefined },
  ...{ outputTokens: undefined, lines: undefined },
};

test("one line says the verdict and what it stands on", () => {
  expect(verdictLine(of({}))).toBe(
    "Audit: valid (99.97 of 100 held, slot refill p99 0.300 ms, receive wait p99 0.600 ms)",
  );
  expect(verdictLine(auditOf(OPEN, LIMITS))).toBe(
    "Audit: valid (200.0 of 200.0 requests/s, send lag p99 0.400 ms, receive wait p99 0.600 ms)",
  );
  expect(verdictLine(of(SILENT))).toBe("Audit: valid");
  expect(verdictLine(of({ receiveWait: spreadMs(1, 9.4, 20) }))).toBe(
    "Audit: DOUBTFUL: up to 9.4 ms of the p99 TTFT is this machine, not the server",
  );
  expect(verdictLine(of({ lostFrames: 3, withoutPort: 2 }))).toEndWith("(and 1 more: see the log)");
});

test("the log has every reason and every figure, and none that was not measured", () => {
  const text = auditLines(of({ lostFrames: 3, clocksAgree: false })).join("\n");
  expect(text).toContain("audit: invalid, frames_lost: 3 pieces");
  expect(text).toContain("audit: doubtful, clocks_differ: ");
  expect(text).toContain("audit: held: 99.970 of 100 (99.97 %) over 17500.0 ms");
  expect(text).toContain(
    "audit: thread worker 0: 24.0 % busy, 0.8 % waiting for a core, preempted 31 times",
  );
  expect(text).toContain("audit: connections: 100 opened, 900 times reused, 0 broken");
  const silent = auditLines(of(SILENT));
  expect(silent.length).toBe(3);
  for (const line of [...silent, ...text.split("\n")]) expect(line).not.toMatch(/undefined|NaN/);
});

test.each<readonly [string, Partial<AuditFigures>]>([
  ["everything", {}],
  ["an open loop", OPEN],
  ["a silent system", SILENT],
  ["reasons", { lostFrames: 3, incompleteReason: "interrupted by the user" }],
])("the block has its schema: %s", (_, changes) => {
  const block = JSON.parse(JSON.stringify(auditBlock(of(changes))));
  expect(auditSchema.parse(block)).toEqual(block);
});

test("the block has ms, underscores and only what is known", () => {
  const block = auditSchema.parse(auditBlock(of({ machine: undefined })));
  expect(block.figures.slot_refill).toMatchObject({ mean_ms: 0.05, p99_ms: 0.3 });
  expect(block.figures.requests.in_flight).toBe(1);
  expect(block.figures.concurrency).toMatchObject({ held_pct: 99.97, empty_ms: 0.6 });
  expect(block.limits).toMatchObject({ held_pct: 99, noise_ms: 1 });
  expect(block.figures).not.toHaveProperty("machine");
});
