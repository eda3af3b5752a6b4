// Two figures of one thing stand in the table only when they tell the reader something.

import { expect, test } from "bun:test";
import { createCollector, summarize } from "#metrics";
import { renderReport } from "#report";
import { makeRecord, STREAMING } from "../metrics/make-record.ts";

/** The report of one request, TTFT 100 ms and latency 190 ms, that went out `lateMs` late. */
function reportOf(lateMs: number): string {
  const collector = createCollector({ plan: STREAMING });
  const { startNs } = makeRecord();
  collector.add(makeRecord({ dueNs: startNs - lateMs * 1e6 }));
  const summary = summarize([collector.snapshot().data], {
    plan: STREAMING,
    epoch: { monotonicNs: 0, wallNs: 0n },
    window: { startNs: 0, endNs: 2e9 },
  });
  const none = { notes: [], wasCancelled: false, incompleteReason: undefined, files: [] };
  return renderReport(summary, { ...none, width: 140, color: false, title: "LLM Metrics" });
}

test.each([
  [0, false, false],
  [0.9, false, false],
  [1.5, true, false],
  [2.5, true, true],
])("%d ms late: TTFT from due is shown: %p, latency from due: %p", (lateMs, ttft, latency) => {
  const text = reportOf(lateMs);
  expect(text.includes("Time to First Token from Due (ms)")).toBe(ttft);
  expect(text.includes("Request Latency from Due (ms)")).toBe(latency);
});

test("each stands below the figure that it belongs to", () => {
  const rows = reportOf(50)
    .split("\n")
    .filter((line) => line.startsWith("│"))
    .map((line) => line.split("│")[1]!.trim());
  const at = rows.indexOf("Time to First Token (ms)");
  expect(rows[at + 1]).toBe("Time to First Token from Due (ms)");
  expect(rows[rows.indexOf("Request Latency (ms)") + 1]).toBe("Request Latency from Due (ms)");
});
