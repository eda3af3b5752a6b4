// The shape of a line of profile_export.jsonl. Strict: a key that is not named here is a mistake.

import { z } from "zod";

/** Nanoseconds since 1970. Nineteen digits: a reader of doubles sees them to 256 ns. */
const wallNs = z.number().positive();
const index = z.int().nonnegative();

export const metadataSchema = z.strictObject({
  session_num: index.describe("number of the request within its phase"),
  x_request_id: z.string(),
  x_correlation_id: z.string().optional(),
  conversation_id: z.string().optional(),
  turn_index: index.optional(),
  source_trace_id: z.string().optional(),
  source_outer_idx: index.optional(),
  source_inner_idx: index.optional(),
  source_kind: z.string().optional(),
  credit_issued_ns: wallNs.optional(),
  request_start_ns: wallNs,
  request_ack_ns: wallNs.optional().describe("arrival of the response's headers"),
  request_end_ns: wallNs,
  worker_id: z.string(),
  record_processor_id: z.string(),
  benchmark_phase: z.enum(["warmup", "profiling"]),
  phase_index: index.optional(),
  profiling_index: index.optional(),
  phase_name: z.string().optional(),
  phase_kind: z.enum(["warmup", "profiling"]).optional(),
  was_cancelled: z.boolean(),
  cancellation_time_ns: wallNs.optional(),
  context_overflow_skip: z.boolean().optional(),
  agent_depth: index.optional(),
  parent_correlation_id: z.string().optional(),
  root_correlation_id: z.string().optional(),
});

export const metricValueSchema = z.strictObject({
  value: z.union([z.number(), z.array(z.number())]),
  unit: z.string(),
});

/** What a server says of its speculative decoding. */
export const speculationSchema = z.object({
  engine: z.string(),
  mean_acceptance_length: z.number(),
  draft_acceptance_rate: z.number(),
  acceptance_histogram: z
    .record(z.string().regex(/^\d{1,4}$/), index)
    .describe("steps by how many proposed tokens they took"),
  num_accepted_draft_tokens: index,
  num_draft_tokens: index,
  num_spec_steps: index,
  num_spec_tokens: index.optional(),
  completion_tokens: z.number().optional(),
  per_step_accepted: z.array(index).optional(),
  per_step_drafted: z.array(index).optional(),
});

export const errorSchema = z.object({
  code: z.int().optional(),
  type: z.string(),
  message: z.string(),
});

const spanNs = z.int().nonnegative();
const chunks = z.array(z.tuple([wallNs, index])).describe("time and bytes of each piece of a body");

/** What the socket saw of a request, with `--export-http-trace`. */
export const traceSchema = z.strictObject({
  trace_type: z.literal("aiperf"),
  request_send_start_ns: wallNs.optional(),
  request_headers: z.record(z.string(), z.string()),
  request_headers_sent_ns: wallNs.optional(),
  request_chunks: chunks,
  request_send_end_ns: wallNs.optional(),
  request_chunks_count: index,
  request_bytes_total: index,
  response_status_code: z.int().optional(),
  response_reason: z.string().optional(),
  response_headers: z.record(z.string(), z.string()).optional(),
  response_headers_received_ns: wallNs.optional(),
  response_receive_start_ns: wallNs.optional(),
  response_receive_end_ns: wallNs.optional(),
  response_chunks: chunks,
  response_chunks_count: index,
  response_bytes_total: index,
  connection_reused_ns: wallNs.optional(),
  tcp_connect_start_ns: wallNs.optional(),
  tcp_connect_end_ns: wallNs.optional(),
  dns_lookup_start_ns: wallNs.optional(),
  dns_lookup_end_ns: wallNs.optional(),
  blocked_ns: spanNs.optional(),
  dns_lookup_ns: spanNs.optional(),
  connecting_ns: spanNs.optional(),
  sending_ns: spanNs.optional(),
  waiting_ns: spanNs.optional(),
  receiving_ns: spanNs.optional(),
  duration_ns: spanNs.optional(),
});

/** One finished request: succeeded, failed or cancelled, warm-up included. */
export const lineSchema = z.strictObject({
  metadata: metadataSchema,
  metrics: z.record(z.string(), metricValueSchema),
  trace_data: traceSchema.optional(),
  spec_decode_acceptance: speculationSchema.optional(),
  error: errorSchema.optional(),
});

export type Line = z.infer<typeof lineSchema>;
