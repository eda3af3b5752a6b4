// Every row of the catalogue against a value worked out by hand from the literal times of
// makeRecord. The windows here are one second long, so that rates equal sums.

import { expect, test } from "bun:test";
import { isSecretName, type RequestRecord } from "#core";
import { CATALOGUE, createCollector, metricOf, rowsFor, summarize } from "#metrics";
import { makeFailure, makeRecord, ms, STREAMING } from "./make-record.ts";

const USAGE = {
  promptTokens: 120,
  completionTokens: 5,
  totalTokens: 125,
  reasoningTokens: 2,
  cacheReadTokens: 30,
  ...{ cacheWriteTokens: 12, cacheMissTokens: 90, promptAudioTokens: 8, promptAudioS: 1.5 },
  ...{ toolUsePromptTokens: 6, completionAudioTokens: 3 },
  ...{ acceptedPredictionTokens: 4, rejectedPredictionTokens: 1 },
};

/** Fifteen steps proposed 60 tokens, of which 30 were taken; ten proposed 40, of which 10 were. */
const SPECULATION = [
  { engine: "vllm", steps: 15, drafted: 60, accepted: 30 },
  { engine: "vllm", steps: 10, drafted: 40, accepted: 10 },
] as const;

/** Two requests: OSL 4 of 4 within 190 ms, and OSL 9 (3 of them reasoning) of 4 within 400 ms. */
const FIRST = makeRecord({
  usage: USAGE,
  media: { images: 2, audioS: 19, videoInferenceS: 1.25, videoPeakMemoryMb: 512 },
  speculation: SPECULATION[0],
});
const SECOND = makeRecord({
  startNs: 1300e6,
  dueNs: 1300e6,
  ackNs: 1310e6,
  contentNs: ms(1500, 1700),
  firstOutputNs: 1700e6,
  endNs: 1750e6,
  outputTokens: 6,
  reasoningTokens: 3,
  usage: { ...USAGE, promptTokens: 100, completionTokens: 10, reasoningTokens: 3 },
  media: { images: 4, audioS: 8, videoInferenceS: 0.5, videoPeakMemoryMb: 256 },
  speculation: SPECULATION[1],
  http: {
    dnsNs: 0,
    connectNs: 0,
    reused: true,
    bytesSent: 1024,
    bytesReceived: 1024,
    chunksReceived: 2,
    firstByteNs: 1499e6,
    lastByteNs: 1749e6,
  },
  sentNs: 1301e6,
});
const FAILED = makeFailure({ inputTokens: 70, endNs: 1010e6 });
const OVERFLOW = makeFailure({
  inputTokens: 50,
  endNs: 1010e6,
  error: { code: 400, type: "Bad Request", message: "maximum context length is 128 tokens" },
});

/** What each metric is of FIRST and of SECOND, or of all four together, in display units. */
const EXPECTED: { readonly [tag: string]: readonly [number, number] | number } = {
  time_to_first_token: [100, 200],
  // FIRST was due 10 ms before it started, SECOND started when it was due.
  time_to_first_token_from_due: [110, 200],
  request_latency_from_due: [200, 400],
  time_to_second_token: [20, 200],
  time_to_first_output_token: [100, 400],
  request_latency: [190, 400],
  decode_duration: [90, 200],
  inter_token_latency: [90 / 3, 200 / 8],
  output_token_throughput_per_user: [1000 / 30, 1000 / 25],
  e2e_output_token_throughput: [4 / 0.19, 9 / 0.4],
  prefill_throughput_per_user: [100 / 0.1, 100 / 0.2],
  stream_setup_latency: [50, 10],
  stream_prefill_latency: [50, 190],
  output_sequence_length: [4, 9],
  input_sequence_length: [100, 100],
  output_token_count: [4, 6],
  osl_mismatch_diff_pct: [0, 125],
  usage_prompt_tokens: [120, 100],
  usage_prompt_cache_read_tokens: [30, 30],
  usage_completion_tokens: [5, 10],
  usage_reasoning_tokens: [2, 3],
  usage_total_tokens: [125, 125],
  usage_prompt_tokens_diff_pct: [20, 0],
  usage_completion_tokens_diff_pct: [25, 100 / 9],
  http_req_blocked: [0, 0],
  http_req_dns_lookup: [2, 0],
  http_req_connecting: [3, 0],
  http_req_sending: [1, 1],
  http_req_waiting: [84, 198],
  http_req_receiving: [105, 250],
  http_req_connection_reused: [0, 1],
  http_req_data_sent: [2, 1],
  http_req_chunks_sent: [1, 1],
  http_req_data_received: [5, 1],
  http_req_chunks_received: [6, 2],
  http_req_connection_overhead: [5, 0],
  http_req_duration: [190, 449],
  http_req_total: [195, 449],
  usage_prompt_cache_write_tokens: [12, 12],
  usage_prompt_cache_miss_tokens: [90, 90],
  usage_prompt_audio_tokens: [8, 8],
  usage_prompt_audio_seconds: [1.5, 1.5],
  usage_tool_use_prompt_tokens: [6, 6],
  usage_completion_audio_tokens: [3, 3],
  usage_accepted_prediction_tokens: [4, 4],
  usage_rejected_prediction_tokens: [1, 1],
  // A round trip of 150 ms is longer than the first TTFT, which is then none.
  network_rtt: [150, 150],
  network_adjusted_time_to_first_token: [0, 50],
  network_adjusted_time_to_first_output_token: [0, 250],
  network_adjusted_request_latency: [40, 250],
  // Two images in 190 ms, four in 400; 19 s of sound in 190 ms, 8 s in 400.
  num_images: [2, 4],
  image_throughput: [2 / 0.19, 10],
  image_latency: [95, 100],
  audio_duration: [19, 8],
  rtfx: [100, 20],
  video_inference_time: [1250, 500],
  video_peak_memory: [512, 256],
  spec_decode_acceptance_length: [1 + 30 / 15, 1 + 10 / 10],
  spec_decode_draft_acceptance_rate: [50, 25],
  spec_decode_accepted_per_verified: [45 / 75, 20 / 50],
  spec_decode_steps: [15, 10],
  spec_decode_accepted_draft_tokens: [30, 10],
  spec_decode_draft_tokens: [60, 40],
  spec_decode_token_weighted_acceptance_length: 1 + 40 / 25,
  spec_decode_overall_draft_acceptance_rate: 40,
  total_spec_decode_steps: 25,
  total_accepted_draft_tokens: 40,
  total_draft_tokens: 100,
  total_usage_prompt_cache_write_tokens: 24,
  total_usage_prompt_cache_miss_tokens: 180,
  total_usage_prompt_audio_tokens: 16,
  total_usage_prompt_audio_seconds: 3,
  total_usage_tool_use_prompt_tokens: 12,
  total_usage_completion_audio_tokens: 6,
  total_usage_accepted_prediction_tokens: 8,
  total_usage_rejected_prediction_tokens: 2,
  // Lateness of 10, 0, 10 and 10 ms: places 1.5, 2.7 and 2.97 of 0, 10, 10, 10.
  replay_sched_lag_p50: 10,
  replay_sched_lag_p90: 10,
  replay_sched_lag_p99: 10,
  replay_sched_degraded: 0,
  // Of SECOND alone, because FIRST did not count its reasoning.
  reasoning_token_count: 3,
  thinking_efficiency: 3 / 6,
  usage_reasoning_tokens_diff_pct: 0,
  // Gaps of 20, 30, 40 and of 200 ms.
  inter_chunk_latency: 290 / 4,
  // Failures count too: waits of 10 (three times) and 0, ends 210, 450, 20 and 20 after due.
  credit_to_start_latency: 30 / 4,
  effective_latency: 700 / 4,
  error_isl: (70 + 50) / 2,
  osl_mismatch_count: 1,
  total_isl: 200,
  total_osl: 13,
  total_output_tokens: 10,
  total_reasoning_tokens: 3,
  total_error_isl: 120,
  overall_thinking_efficiency: 3 / 10,
  output_token_throughput: 13,
  input_token_throughput: 200,
  total_token_throughput: 213,
  request_count: 2,
  error_request_count: 2,
  context_overflow_count: 1,
  request_throughput: 2,
  completed_request_count: 4,
  request_error_rate: 50,
  benchmark_duration: 0.7,
  usage_discrepancy_count: 2,
  overall_usage_prompt_cache_read_pct: (100 * 60) / 220,
  total_usage_prompt_tokens: 220,
  total_usage_prompt_cache_read_tokens: 60,
  total_usage_completion_tokens: 15,
  total_usage_reasoning_tokens: 5,
  total_usage_total_tokens: 250,
};

/**
 * Over time, in ms: twice the same request (prefill 100 to 200, a chunk at 200, 300 and 400), one
 * with prefill 200 to 400, chunks at 400 and 600, end 700, and one that failed, 700 to 900.
 */
const TWIN = makeRecord({
  ...{ dueNs: 100e6, startNs: 100e6, endNs: 400e6, contentNs: ms(200, 300, 400) },
  ...{ inputTokens: 50, outputTokens: 3 },
});
const SLOW = makeRecord({
  ...{ dueNs: 200e6, startNs: 200e6, endNs: 700e6, contentNs: ms(400, 600) },
  ...{ inputTokens: 100, outputTokens: 5 },
});
const BROKEN = makeFailure({ dueNs: 700e6, startNs: 700e6, endNs: 900e6 });

/** The averages of curves over 1,000 ms: sums of value × how many ms it held. */
const EXPECTED_CURVES: { readonly [tag: string]: number } = {
  effective_concurrency: (2 * 100 + 3 * 200 + 1 * 500) / 1000,
  effective_decode_concurrency: (2 * 200 + 1 * 300) / 1000,
  effective_prefill_concurrency: (2 * 100 + 1 * 200) / 1000,
  // A twin's gap of 100 ms carries a token, the slow one's of 200 ms four.
  effective_decode_throughput: (2 * 10 * 200 + 20 * 200) / 1000,
  effective_prefill_throughput: (2 * 500 * 100 + 500 * 200) / 1000,
  // Here replies come evenly: two tokens in 200 ms, four in 300.
  effective_total_throughput: (1000 * 100 + 500 * 200 + 20 * 200 + (40 / 3) * 300) / 1000,
  effective_decode_throughput_per_user: (10 * 200 + 20 * 200) / 1000,
  effective_prefill_throughput_per_user: (500 * 300) / 1000,
  tokens_in_flight: (100 * 100 + 202 * 100 + 204 * 100 + 101 * 200 + 105 * 100) / 1000,
  active_decode_throughput: 8000 / 500,
  active_prefill_throughput: 200_000 / 300,
  active_decode_throughput_per_user: 6000 / 500,
  active_prefill_throughput_per_user: 500,
  active_total_throughput: 208_000 / 800,
};

/** Serve others and are reported nowhere; benchmark_duration and the mismatches prove them. */
const INTERNAL = [
  "requested_osl",
  "min_request_timestamp",
  "max_response_timestamp",
  "request_start",
  "request_end",
  "request_sent",
  "request_turn",
];

/** A plan whose run has every metric. */
const EVERYTHING = { ...STREAMING, replays: true, adjustsForNetwork: true };

function metricsOf(records: readonly RequestRecord[], startNs = 1e9, plan = EVERYTHING) {
  const collector = createCollector({ plan, experimental: true });
  for (const record of records) collector.add(record);
  return summarize([collector.snapshot().data], {
    plan,
    epoch: { monotonicNs: 0, wallNs: 0n },
    window: { startNs, endNs: startNs + 1e9 },
    experimental: true,
    networkRttNs: 150e6,
  }).metrics;
}

const together = metricsOf([FIRST, SECOND, FAILED, OVERFLOW]);

test.each(Object.entries(EXPECTED))("%s", (tag, expected) => {
  const stats = metricOf(together, tag)?.stats;
  if (typeof expected === "number") {
    expect(stats?.avg).toBeCloseTo(expected, 9);
    return;
  }
  expect(metricOf(metricsOf([FIRST]), tag)?.stats.avg).toBeCloseTo(expected[0], 9);
  expect(metricOf(metricsOf([SECOND]), tag)?.stats.avg).toBeCloseTo(expected[1], 9);
  expect(stats?.count).toBe(2);
  expect(stats?.sum).toBeCloseTo(expected[0] + expected[1], 9);
});

const overTime = metricsOf([TWIN, TWIN, SLOW, BROKEN], 0);

test.each(Object.entries(EXPECTED_CURVES))("%s over time", (tag, expected) => {
  expect(metricOf(overTime, tag)?.stats.avg).toBeCloseTo(expected, 9);
});

test("statistics of a curve weigh by time", () => {
  // None 200 ms, one 500 ms, two 100 ms, three 200 ms.
  const stats = metricOf(overTime, "effective_concurrency")?.stats;
  expect(stats).toMatchObject({ min: 0, p50: 1, p90: 3, p95: 3, p99: 3, max: 3 });
  expect(stats?.std).toBeCloseTo(Math.sqrt(0.5 * 1 + 0.1 * 4 + 0.2 * 9 - 1.3 ** 2), 9);
  expect(stats).not.toHaveProperty("sum");
});

test("every row of the catalogue is tested", () => {
  const tags = CATALOGUE.map((row) => row.tag);
  expect(new Set(tags).size).toBe(tags.length);
  expect([EXPECTED, EXPECTED_CURVES].flatMap(Object.keys).concat(INTERNAL).sort()).toEqual(
    tags.sort(),
  );
});

test("internal metrics are reported nowhere", () => {
  for (const tag of INTERNAL) expect(metricOf(together, tag)).toBeUndefined();
});

test.each([
  ["a reply of one chunk has no second token", "time_to_second_token", { contentNs: ms(1100) }],
  ["a reply of one chunk has no gaps", "inter_chunk_latency", { contentNs: ms(1100) }],
  ["a single token has no time between tokens", "inter_token_latency", { outputTokens: 1 }],
  [
    "tokens that came at once have no speed",
    "output_token_throughput_per_user",
    { contentNs: ms(1100, 1100) },
  ],
  [
    "nothing visible is no output count",
    "output_token_count",
    { outputTokens: 0, reasoningTokens: 4 },
  ],
  ["a length that nobody counted is absent", "output_sequence_length", { outputTokens: undefined }],
  ["reasoning that nobody counted is absent", "reasoning_token_count", {}],
  [
    "only reasoning has no first output",
    "time_to_first_output_token",
    { firstOutputNs: Number.NaN },
  ],
  ["without a limit there is no mismatch", "osl_mismatch_count", { requestedTokens: undefined }],
  ["without usage there is no discrepancy", "usage_discrepancy_count", {}],
  ["a run without failures has no error count", "error_request_count", {}],
])("%s", (_, tag, changes) => {
  expect(metricOf(metricsOf([makeRecord(changes)]), tag)).toBeUndefined();
});

test.each([
  [1000, 1050, 0], // 5 % would be 50 as well
  [1000, 1051, 1],
  [10_000, 10_051, 1], // 0.51 %, but more than 50 tokens
  [100, 95, 0],
  [100, 94, 1],
])("asked for %d and got %d: mismatch %d", (requestedTokens, outputTokens, expected) => {
  const metrics = metricsOf([makeRecord({ requestedTokens, outputTokens })]);
  expect(metricOf(metrics, "osl_mismatch_count")?.stats.avg).toBe(expected);
});

test.each([
  [110, 4, 0], // exactly 10 % is not more than 10 %
  [111, 4, 1],
  [100, 5, 1],
])("usage of %d and %d tokens: discrepancy %d", (promptTokens, completionTokens, expected) => {
  const usage = { ...USAGE, promptTokens, completionTokens };
  const metrics = metricsOf([makeRecord({ usage })]);
  expect(metricOf(metrics, "usage_discrepancy_count")?.stats.avg).toBe(expected);
});

test("a run without streaming has no metric that needs it", () => {
  const plan = { endpoint: { streaming: false, useServerTokenCount: false } };
  const tags = rowsFor(plan).map((row) => row.tag);
  expect(tags).toContain("request_latency");
  expect(tags).not.toContain("time_to_first_token");
  expect(tags).not.toContain("inter_chunk_latency");
});

test("counts of the server's own are not compared with themselves", () => {
  const plan = { endpoint: { streaming: true, useServerTokenCount: true } };
  const tags = rowsFor(plan).map((row) => row.tag);
  expect(tags).toContain("usage_prompt_tokens");
  expect(tags.filter((tag) => tag.includes("diff_pct"))).toEqual(["osl_mismatch_diff_pct"]);
  expect(tags).not.toContain("usage_discrepancy_count");
});

test("no metric's name is taken for a secret's: limits on it stay in the results", () => {
  const names = CATALOGUE.flatMap(({ tag }) => [tag, `adj_${tag}`]);
  expect(names.filter(isSecretName)).toEqual([]);
});
