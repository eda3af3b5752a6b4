import { expect, test } from "bun:test";
import { createCollector, metricOf, type Summary, summarize } from "#metrics";
import { makeFailure, makeRecord, ms, STREAMING } from "./make-record.ts";

const OPTIONS = {
  plan: STREAMING,
  epoch: { monotonicNs: 500, wallNs: 1_795_508_309_000_000_000n },
  window: { startNs: 1e9, endNs: 3e9 },
};

test("a record's numbers come back at once, NaN where it has none", () => {
  const collector = createCollector({ plan: STREAMING });
  const { rows, cells } = collector.add(makeRecord({ requestedTokens: undefined }));
  const at = (tag: string) => cells[rows.findIndex((row) => row.tag === tag)];
  expect(at("time_to_first_token")).toBe(100e6);
  expect(at("inter_chunk_latency")).toEqual(ms(20, 30, 40));
  expect(at("osl_mismatch_diff_pct")).toBeNaN();
  expect(at("request_count")).toBeUndefined();
});

test("a failed record has its input length and nothing else", () => {
  const collector = createCollector({ plan: STREAMING });
  const { rows, cells } = collector.add(makeFailure());
  expect(rows.map((row) => row.tag)).toEqual(["error_isl"]);
  expect(cells).toEqual([100]);
});

test("warm-up and profiling do not mix", () => {
  const collector = createCollector({ plan: STREAMING });
  collector.add(makeRecord({ phase: "warmup", phaseIndex: 0, contentNs: ms(1900) }));
  collector.add(makeFailure({ phase: "warmup", phaseIndex: 0 }));
  collector.add(makeRecord({ phaseIndex: 1 }));
  const snapshots = [collector.snapshot().data];
  const summary = summarize(snapshots, { ...OPTIONS, warmupWindow: { startNs: 0, endNs: 1e9 } });
  const ttft = (metrics: Summary["metrics"]) => metricOf(metrics, "time_to_first_token")?.stats.avg;
  expect([ttft(summary.metrics), ttft(summary.warmupMetrics)]).toEqual([100, 900]);
  expect(summary).toMatchObject({ okCount: 1, errorCount: 0, errors: [] });
  expect(metricOf(summary.warmupMetrics, "request_error_rate")?.stats.avg).toBe(50);
  expect(summarize(snapshots, OPTIONS).warmupMetrics).toEqual([]);
});

test("a snapshot crosses to another thread, and several make one summary", async () => {
  const source = `onmessage = ({ data }) => postMessage(data)`;
  const worker = new Worker(URL.createObjectURL(new Blob([source])));
  const collectors = [createCollector({ plan: STREAMING }), createCollector({ plan: STREAMING })];
  for (let i = 0; i < 1000; i++) {
    const contentNs = ms(1001 + i, 1002 + i);
    collectors[i % 2]!.add(makeRecord({ contentNs, firstOutputNs: contentNs[0]! }));
  }
  collectors[0]!.add(makeFailure());
  const { data, transfer } = collectors[0]!.snapshot();
  expect(transfer.length).toBeGreaterThan(0);
  const moved = await new Promise<typeof data>((resolve, reject) => {
    worker.onmessage = (event) => resolve(event.data);
    worker.onerror = reject;
    worker.postMessage(data, transfer);
  });
  worker.terminate();
  expect(transfer.every((buffer) => buffer.byteLength === 0)).toBe(true);

  const summary = summarize([moved, collectors[1]!.snapshot().data], OPTIONS);
  expect([summary.okCount, summary.errorCount]).toEqual([1000, 1]);
  expect(metricOf(summary.metrics, "time_to_first_token")?.stats).toMatchObject({
    ...{ count: 1000, min: 1, max: 1000, avg: 500.5, p50: 500.5 },
  });
  expect(metricOf(summary.metrics, "request_throughput")?.stats.avg).toBe(500);
  expect(metricOf(summary.metrics, "adj_time_to_first_token")?.stats.count).toBe(1001);
});

test("metrics come in the order of the tables, those without a place last", () => {
  const collector = createCollector({ plan: STREAMING });
  collector.add(makeRecord());
  const { metrics } = summarize([collector.snapshot().data], OPTIONS);
  const shown = metrics.filter((m) => m.group === "default").map((m) => m.tag);
  expect(shown).toEqual([
    "time_to_first_token",
    "time_to_second_token",
    "time_to_first_output_token",
    "request_latency",
    "decode_duration",
    "inter_token_latency",
    "output_token_throughput_per_user",
    "e2e_output_token_throughput",
    "output_sequence_length",
    "input_sequence_length",
    "output_token_throughput",
    "input_token_throughput",
    "request_throughput",
    "completed_request_count",
    "request_error_rate",
    "request_count",
  ]);
});

test("a run in which everything failed still has counts", () => {
  const collector = createCollector({ plan: STREAMING });
  collector.add(makeFailure());
  const { metrics } = summarize([collector.snapshot().data], OPTIONS);
  expect(metricOf(metrics, "request_error_rate")?.stats.avg).toBe(100);
  expect(metricOf(metrics, "error_request_count")?.stats.avg).toBe(1);
  expect(metricOf(metrics, "request_latency")).toBeUndefined();
  expect(metricOf(metrics, "request_throughput")).toBeUndefined();
});

test("the window is told on the wall clock", () => {
  const summary = summarize([createCollector({ plan: STREAMING }).snapshot().data], OPTIONS);
  expect(summary.startWallNs).toBe(1_795_508_309_999_999_500n);
  expect(summary.endWallNs - summary.startWallNs).toBe(2_000_000_000n);
  expect(summary.metrics).toEqual([]);
});

test("steps of speculative decoding add up over threads, failures and warm-up left out", () => {
  const speculation = { engine: "vllm", steps: 3, drafted: 6, accepted: 2 };
  const told = (histogram: number[]) => makeRecord({ speculation: { ...speculation, histogram } });
  const collectors = [0, 1].map(() => createCollector({ plan: STREAMING }));
  collectors[0]!.add(told([1, 2]));
  collectors[0]!.add(makeRecord());
  collectors[1]!.add(told([2, 0, 1]));
  collectors[1]!.add({ ...told([9]), phase: "warmup", phaseIndex: 1 });
  const snapshots = collectors.map((collector) => collector.snapshot().data);
  expect(summarize(snapshots, OPTIONS).acceptance).toEqual([3, 2, 1]);
});
