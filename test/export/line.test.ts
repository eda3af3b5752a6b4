// Lines of profile_export.jsonl: keys and their order as AIPerf's, times exact to the nanosecond.

import { expect, test } from "bun:test";
import { type Line, lineMaker, lineSchema } from "#export";
import { createCollector, percentile } from "#metrics";
import { goldenLines, goldenText } from "../metrics/golden-records.ts";
import { makeFailure, makeRecord, ms, STREAMING } from "../metrics/make-record.ts";

const OPTIONS = {
  epoch: { monotonicNs: 0, wallNs: 1_795_508_309_754_007_806n },
  phases: [
    { name: "warmup", kind: "warmup" },
    { name: "profiling", kind: "profiling" },
  ],
} as const;

function lineOf(record = makeRecord({ phaseIndex: 1 })): string {
  return lineMaker(OPTIONS)(record, createCollector({ plan: STREAMING }).add(record));
}

const parsed = (text: string): Line => lineSchema.parse(JSON.parse(text));

test("a whole line, as it is on disk", () => {
  const line = lineOf(
    makeRecord({ phaseIndex: 1, credit: 7, turn: 2, worker: 3, recorder: 1, usage: undefined }),
  );
  expect(line.slice(0, line.indexOf("metrics"))).toBe(
    '{"metadata":{"session_num":7,"x_request_id":"11111111-1111-4111-8111-111111111111",' +
      '"x_correlation_id":"22222222-2222-4222-8222-222222222222",' +
      '"conversation_id":"session_000000","turn_index":2,' +
      '"credit_issued_ns":1795508310744007806,"request_start_ns":1795508310754007806,' +
      '"request_ack_ns":1795508310804007806,"request_end_ns":1795508310954007806,' +
      '"worker_id":"worker_3","record_processor_id":"record_processor_1",' +
      '"benchmark_phase":"profiling","phase_index":1,"profiling_index":0,' +
      '"phase_name":"profiling","phase_kind":"profiling","was_cancelled":false,' +
      '"context_overflow_skip":false,"agent_depth":0,' +
      '"root_correlation_id":"22222222-2222-4222-8222-222222222222"},"',
  );
  expect(parsed(line).metrics).toMatchObject({
    time_to_first_token: { value: 100, unit: "ms" },
    inter_chunk_latency: { value: [20, 30, 40], unit: "ms" },
    output_sequence_length: { value: 4, unit: "tokens" },
    http_req_data_sent: { value: 2, unit: "KB" },
  });
});

test.each(["stream", "errors"] as const)("%s: keys and their order are AIPerf's", (run) => {
  for (const theirs of goldenLines(run)) {
    const failed = theirs.error !== undefined;
    const record = failed ? makeFailure({ phaseIndex: 1, ackNs: Number.NaN }) : undefined;
    const usage = { promptTokens: 90, completionTokens: 4, totalTokens: 94 };
    const ours = parsed(
      lineOf(
        record ??
          makeRecord({
            phaseIndex: 1,
            usage: { ...usage, reasoningTokens: undefined, cacheReadTokens: undefined },
          }),
      ),
    );
    expect(Object.keys(ours)).toEqual(Object.keys(theirs));
    expect(Object.keys(ours.metadata)).toEqual(Object.keys(theirs.metadata));
    const units = (line: Line) =>
      Object.entries(line.metrics)
        .map(([tag, { unit }]) => `${tag} ${unit}`)
        .filter((text) => !text.startsWith("good_"))
        .sort();
    expect(units(ours)).toEqual(units(theirs));
    if (failed) expect(Object.keys(ours.error!)).toEqual(Object.keys(theirs.error!));
  }
});

test.each(["stream", "errors"] as const)("%s: the schema is true of AIPerf's lines", (run) => {
  const lines = goldenText(run, "profile_export.jsonl").trim().split("\n");
  expect(lines.map((line) => lineSchema.safeParse(JSON.parse(line)).error)).toEqual(
    lines.map(() => undefined),
  );
});

test("what is not known is not there", () => {
  const { metadata, metrics } = parsed(
    lineOf(makeRecord({ phase: "warmup", ackNs: Number.NaN, contentNs: ms(1100) })),
  );
  expect(metadata).toMatchObject({ benchmark_phase: "warmup", phase_name: "warmup" });
  for (const key of ["request_ack_ns", "cancellation_time_ns", "profiling_index"]) {
    expect(metadata).not.toHaveProperty(key);
  }
  expect(metrics).not.toHaveProperty("inter_chunk_latency");
  expect(metrics).not.toHaveProperty("time_to_second_token");
});

test("a failure carries what went wrong, whatever its text", () => {
  const message = 'she said "no"\n\u2028\u0000 ünïcode \\ end';
  const error = { code: 503, type: "Service Unavailable", message };
  expect(parsed(lineOf(makeFailure({ phaseIndex: 1, error })))).toMatchObject({
    metrics: { error_isl: { value: 100, unit: "tokens" } },
    error,
  });
  const refused = { ...error, code: undefined };
  expect(parsed(lineOf(makeFailure({ phaseIndex: 1, error: refused }))).error).not.toHaveProperty(
    "code",
  );
});

test("a cancelled request says when, one that was never sent is dated by its due time", () => {
  const error = { code: 499, type: "RequestCancellationError", message: "cancelled" };
  const cancelled = makeFailure({ phaseIndex: 1, error, cancelledNs: 1150e6 });
  expect(parsed(lineOf(cancelled)).metadata.was_cancelled).toBe(true);
  expect(lineOf(cancelled)).toContain('"cancellation_time_ns":1795508310904007806,');
  const never = { startNs: Number.NaN, sentNs: Number.NaN, endNs: Number.NaN };
  const line = lineOf(makeFailure({ phaseIndex: 1, error, ...never }));
  expect(line).toContain(
    '"request_start_ns":1795508310744007806,' +
      '"request_ack_ns":1795508310804007806,"request_end_ns":1795508310744007806,',
  );
});

test("P75 of the time to first token, from the file alone", () => {
  const collector = createCollector({ plan: STREAMING });
  const make = lineMaker(OPTIONS);
  const lines = Array.from({ length: 1000 }, (_, i) => {
    const contentNs = ms(1200 + ((i * 7) % 1000) * 0.25, 1900);
    const record = makeRecord({ phaseIndex: 1, credit: i, contentNs });
    return make(record, collector.add(record));
  });
  const values: number[] = lines.map((line) => JSON.parse(line).metrics.time_to_first_token.value);
  // 200, 200.25, … 449.75 in some order: place 749.25 of the sorted thousand.
  expect(percentile(Float64Array.from(values).sort(), 75)).toBeCloseTo(200 + 749.25 * 0.25, 9);
});
