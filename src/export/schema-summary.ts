// The shapes of profile_export_aiperf.json, of its table form, and of inputs.json. A key of the
// summary that is not one of the run's facts is a metric.

import { z } from "zod";
import { errorSchema } from "./schema-line.ts";

const stat = z.number().optional();

/** One metric, in its display unit. Statistics that make no sense for it are absent. */
export const metricSchema = z
  .object({
    unit: z.string(),
    avg: stat,
    p1: stat,
    p5: stat,
    p10: stat,
    p25: stat,
    p50: stat,
    p75: stat,
    p90: stat,
    p95: stat,
    p99: stat,
    min: stat,
    max: stat,
    std: stat,
    count: z.int().nonnegative().optional(),
    sum: stat,
  })
  .catchall(z.number())
  .refine((metric) => Object.keys(metric).every((key) => key in USUAL || /^p\d/.test(key)), {
    message: "a metric has statistics, and percentiles that were asked for",
  });

const USUAL = {
  ...{ unit: 1, avg: 1, min: 1, max: 1, std: 1, count: 1, sum: 1 },
} as const;

const interval = z.object({ low: z.number().optional(), high: z.number().optional() });

/** Blocks that AIPerf's files have not. */
const blocks = {
  slo_attainment: z
    .array(
      z.object({
        tag: z.string(),
        unit: z.string(),
        at_most: z.number().optional(),
        at_least: z.number().optional(),
        met_count: z.int().nonnegative(),
        missed_count: z.int().nonnegative(),
        met_fraction: z.number().min(0).max(1),
      }),
    )
    .optional()
    .describe("how often each limit of --goodput was kept, failed requests included"),
  confidence: z
    .object({
      level: z.number(),
      method: z.literal("order-statistics"),
      metrics: z.record(
        z.string(),
        z.object({ unit: z.string(), p50: interval, p90: interval, p99: interval }),
      ),
    })
    .optional()
    .describe("between which values percentiles lie; an end is absent where requests are too few"),
  steady_state: z
    .object({
      method: z.string(),
      start_ns: z.number(),
      end_ns: z.number(),
      successful_request_count: z.int(),
      error_request_count: z.int(),
      metrics: z.record(z.string(), metricSchema),
    })
    .optional()
    .describe("the requests between ramp-up and drain, after the server had settled"),
  trend: z
    .object({
      finding: z.enum(["warm-up", "degradation", "improvement", "steady", "unknown"]),
      p: z.number().optional(),
      test: z.enum(["Mann-Whitney", "Mann-Kendall"]).optional(),
      change: z.number(),
      tag: z.string(),
      slice_duration_sec: z.number(),
    })
    .optional(),
  hdr: z
    .record(z.string(), z.object({ unit: z.literal("ns"), count: z.int(), encoded: z.base64() }))
    .optional()
    .describe("latencies in HdrHistogram's V2 compressed encoding"),
};

const facts = z.record(z.string(), z.unknown());

/** Local time with microseconds and without a zone. */
const localTime = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?$/);

export const summarySchema = z
  .object({
    schema_version: z.literal("1.4"),
    aiperf_version: z.string(),
    benchmark_id: z.string().regex(/^[0-9a-f]{12}$/),
    telemetry_data: facts.optional(),
    input_config: facts,
    run_info: z.object({
      benchmark_id: z.string(),
      sweep_id: z.string().optional(),
      random_seed: z.int().optional(),
      trial: z.int().nonnegative(),
      run_label: z.string().optional(),
      variation_label: z.string().optional(),
      variation_index: z.int().optional(),
      variation_values: facts.optional(),
      cli_command: z.string(),
    }),
    was_cancelled: z.boolean(),
    is_complete: z.boolean(),
    incomplete_reason: z.string().optional(),
    error_summary: z.array(z.object({ error_details: errorSchema, count: z.int().positive() })),
    start_time: localTime,
    end_time: localTime,
    branch_stats: facts.optional(),
    warmup_metrics: z.record(z.string(), metricSchema).optional(),
    pooled_spec_decode_acceptance_histogram: z
      .record(z.string(), z.int().positive())
      .optional()
      .describe("steps of speculative decoding by how many proposed tokens they took"),
    ...blocks,
    audit: facts.optional().describe("see the schema of the audit"),
    metadata: z.object({ notes: z.array(z.string()) }).optional(),
  })
  .catchall(metricSchema);

const number = z.string().regex(/^(-?\d+(\.\d\d)?)?$/);

/** The cells of profile_export_aiperf.csv, line by line; the tables are apart by an empty line. */
export const csvSchema = z.object({
  spread: z
    .tuple([z.tuple([z.literal("Metric")]).rest(z.string().regex(/^(avg|min|max|sum|std|p\d.*)$/))])
    .rest(z.tuple([z.string()]).rest(number)),
  single: z
    .tuple([z.tuple([z.literal("Metric"), z.literal("Value")])])
    .rest(z.tuple([z.string(), number])),
});

export const inputsSchema = z.strictObject({
  data: z.array(
    z.strictObject({
      session_id: z.string(),
      payloads: z.array(z.record(z.string(), z.unknown())).nonempty(),
    }),
  ),
});
