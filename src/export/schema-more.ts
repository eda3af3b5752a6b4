// The shapes of the artifacts beside the summary and the records.

import { z } from "zod";
import { errorSchema, metadataSchema, metricValueSchema } from "./schema-line.ts";
import { metricSchema } from "./schema-summary.ts";

const wallNs = z.number().positive();

export const timeslicesSchema = z.object({
  timeslices: z.array(
    z
      .object({ start_ns: wallNs, end_ns: wallNs, is_complete: z.literal(false).optional() })
      .catchall(metricSchema),
  ),
  input_config: z.record(z.string(), z.unknown()),
});

const digits = z.string().regex(/^\d+$/);
const fixed2 = z.string().regex(/^-?\d+(\.\d\d)?$/);

/** The cells of profile_export_aiperf_timeslices.csv, line by line: slice, its bounds, one figure. */
export const timeslicesCsvSchema = z
  .tuple([
    z.tuple([
      z.literal("Timeslice"),
      z.literal("Start_NS"),
      z.literal("End_NS"),
      z.literal("Metric"),
      z.literal("Unit"),
      z.literal("Stat"),
      z.literal("Value"),
    ]),
  ])
  .rest(z.tuple([digits, digits, digits, z.string(), z.string(), z.string(), fixed2]));

export const manifestSchema = z.strictObject({
  phases: z.array(
    z.strictObject({
      phase_index: z.int().nonnegative(),
      profiling_index: z.int().nonnegative().nullable(),
      phase_name: z.string(),
      phase_kind: z.enum(["warmup", "profiling"]),
      start_ns: wallNs,
      end_ns: wallNs,
      was_cancelled: z.boolean(),
      successful_request_count: z.int().nonnegative(),
      error_request_count: z.int().nonnegative(),
      total_request_count: z.int().nonnegative(),
      error_summary: z.array(z.object({ error_details: errorSchema, count: z.int().positive() })),
      metrics_json: z.string(),
      metrics_csv: z.string(),
      gpu_telemetry_json: z.string().optional(),
      server_metrics_json: z.string().optional(),
    }),
  ),
  schema_version: z.literal(1),
});

const packet = z.strictObject({ name: z.string(), value: z.string() });

/** What was sent and what came back, a line a request. */
export const rawLineSchema = z.strictObject({
  metadata: metadataSchema,
  start_perf_ns: z.number(),
  request_headers: z.record(z.string(), z.string()),
  status: z.int().optional(),
  responses: z.array(
    z.union([
      z.strictObject({ perf_ns: z.number(), packets: z.array(packet) }),
      z.strictObject({ perf_ns: z.number(), text: z.string(), content_type: z.string() }),
    ]),
  ),
  error: errorSchema.optional(),
  payload: z.unknown().optional(),
});

export const outputsSchema = z.strictObject({
  schema_version: z.literal("1.0"),
  data: z.array(
    z.strictObject({
      session_num: z.int().nonnegative(),
      conversation_id: z.string(),
      turn_index: z.int().nonnegative(),
      x_request_id: z.string(),
      request_start_ns: wallNs,
      request_end_ns: wallNs,
      metrics: z.record(z.string(), metricValueSchema),
      response_text: z.string(),
    }),
  ),
});

export const readySchema = z.strictObject({
  ready: z.boolean(),
  was_cancelled: z.boolean(),
  partial: z.boolean(),
});

/** The round trips that were measured, a line each. */
export const networkLineSchema = z.strictObject({
  timestamp_ns: wallNs,
  target_url: z.string(),
  target_host: z.string(),
  target_port: z.int(),
  probe_type: z.literal("tcp_connect"),
  rtt_ns: z.int().optional(),
  success: z.boolean(),
  error: z.strictObject({ type: z.string(), message: z.string() }).optional(),
});
