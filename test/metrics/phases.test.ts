import { expect, test } from "bun:test";
import type { PhaseKind } from "#core";
import { createCollector, metricOf, type Summary, summarize } from "#metrics";
import { makeRecord, ms, STREAMING } from "./make-record.ts";

/** `count` requests of 100 ms, one after the other, from `fromMs` on. */
interface Phase {
  readonly kind: PhaseKind;
  readonly fromMs: number;
  readonly count: number;
  readonly lastedMs: number;
}

function summaryOf(phases: readonly Phase[]): Summary {
  const collector = createCollector({ plan: STREAMING });
  for (const [phaseIndex, { kind, fromMs, count }] of phases.entries()) {
    for (let i = 0; i < count; i++) {
      const start = fromMs + 100 * i;
      collector.add(
        makeRecord({
          ...{ phase: kind, phaseIndex, dueNs: start * 1e6, startNs: start * 1e6 },
          ...{ contentNs: ms(start + 50, start + 100), endNs: (start + 100) * 1e6 },
          ...{ firstOutputNs: (start + 50) * 1e6, outputTokens: 2 },
        }),
      );
    }
  }
  const windows = phases.map(({ fromMs, lastedMs }) => ({
    startNs: fromMs * 1e6,
    endNs: (fromMs + lastedMs) * 1e6,
  }));
  const spanOf = (kind: PhaseKind) => {
    const mine = windows.filter((_, i) => phases[i]!.kind === kind);
    return { startNs: mine[0]!.startNs, endNs: mine.at(-1)!.endNs };
  };
  return summarize([collector.snapshot().data], {
    plan: STREAMING,
    epoch: { monotonicNs: 0, wallNs: 0n },
    window: spanOf("profiling"),
    ...(phases.some(({ kind }) => kind === "warmup") ? { warmupWindow: spanOf("warmup") } : {}),
    phaseWindows: windows,
  });
}

const avg = (metrics: Summary["metrics"], tag: string) => metricOf(metrics, tag)?.stats.avg;

test("rates of several phases leave out the pauses between them", () => {
  // 10 requests in 1 s, 4 s of nothing, 5 requests in 2 s.
  const { metrics, phases } = summaryOf([
    { kind: "profiling", fromMs: 0, count: 10, lastedMs: 1000 },
    { kind: "profiling", fromMs: 5000, count: 5, lastedMs: 2000 },
  ]);
  expect(avg(metrics, "request_throughput")).toBe(15 / 3);
  expect(avg(metrics, "output_token_throughput")).toBe(30 / 3);
  expect(avg(metrics, "benchmark_duration")).toBe(3);
  expect(phases.map((phase) => avg(phase.metrics, "request_throughput"))).toEqual([10, 2.5]);
});

test("one phase has its window, and lasts from its first start to its last content", () => {
  const { metrics, warmupMetrics } = summaryOf([
    { kind: "warmup", fromMs: 0, count: 5, lastedMs: 1000 },
    { kind: "warmup", fromMs: 4000, count: 5, lastedMs: 1000 },
    { kind: "profiling", fromMs: 8000, count: 5, lastedMs: 2000 },
  ]);
  expect(avg(metrics, "request_throughput")).toBe(2.5);
  expect(avg(metrics, "benchmark_duration")).toBe(0.5);
  expect(avg(warmupMetrics, "request_throughput")).toBe(5);
});
