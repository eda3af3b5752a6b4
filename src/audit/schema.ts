// The shape of `audit` in profile_export_aiperf.json. Times are ms, shares are percent; a figure
// that the system did not tell is absent.

import { z } from "zod";
import { LIMITS } from "./limits.ts";
import { RULES } from "./rules.ts";

const count = z.int().nonnegative();
const amount = z.number().nonnegative();
const used = z.strictObject({ used: count, limit: amount });
const agreement = z.strictObject({ counted: count, reported: count });
const spread = z.strictObject({
  count,
  mean_ms: z.number(),
  p50_ms: z.number(),
  p95_ms: z.number(),
  p99_ms: z.number(),
  max_ms: z.number(),
});

const figures = z.strictObject({
  loop: z.enum(["closed", "open"]),
  requests: z.strictObject({
    sent: count,
    ok: count,
    failed: count,
    cancelled: count,
    in_flight: count,
    unsent: count.optional(),
  }),
  concurrency_cap: count.optional(),
  inflated: z.strictObject({ name: z.string(), p99_ms: amount, max_ms: amount }).optional(),
  concurrency: z
    .strictObject({
      asked: amount,
      mean: amount,
      held_pct: amount,
      empty_ms: amount,
      steady_ms: amount,
    })
    .optional()
    .describe("in the steady part: from the start of the last first request to the last start"),
  rate: z
    .strictObject({ asked_per_s: amount, achieved_per_s: amount, overrun_ms: amount })
    .optional(),
  start_burst: z.strictObject({ requests: count, took_ms: amount, phase_ms: amount }).optional(),
  send_lag: spread.optional().describe("start − due"),
  slot_refill: spread.optional().describe("end of a reply to the start of the slot's next request"),
  departure: spread.optional().describe("start to last byte out, less the quickest connect"),
  receive_wait: spread.optional().describe("how long bytes waited here before they were stamped"),
  stalls: z.strictObject({ longest_ms: amount, total_ms: amount }).optional(),
  threads: z
    .array(
      z.strictObject({
        name: z.string(),
        cpu_pct: amount,
        queued_pct: amount.optional(),
        preempted: count.optional(),
      }),
    )
    .optional(),
  machine: z
    .strictObject({
      cores: count,
      busy_pct: amount,
      own_pct: amount,
      steal_pct: amount,
      load_average: amount,
    })
    .optional(),
  descriptors: used.optional(),
  ports: used.optional(),
  connections: z.strictObject({ opened: count, reused: count, broken: count }).optional(),
  without_descriptor: count,
  without_port: count,
  lost_frames: count,
  backlog: count,
  records: agreement,
  output_tokens: agreement.optional(),
  lines: agreement.optional(),
  clocks_agree: z.boolean(),
  incomplete_reason: z.string().optional(),
});

const LIMIT_NAMES = LIMITS.map(({ env }) => env.replace("AIPERF_AUDIT_", "").toLowerCase());

/** The block `audit` of the JSON export. */
export const auditSchema = z.strictObject({
  verdict: z.enum(["valid", "doubtful", "invalid"]),
  reasons: z.array(
    z.strictObject({
      code: z.enum(RULES.map((rule) => rule.code)),
      severity: z.enum(["doubtful", "invalid"]),
      message: z.string(),
      value: z.number(),
      limit: z.number(),
      unit: z.enum(["%", "ms", "count"]),
    }),
  ),
  figures,
  limits: z.record(z.enum(LIMIT_NAMES), amount),
});
