// What a run was asked to do, kept beside its records from its first moment on: with it, and the
// records as far as they came, the figures can be made again after a crash or with other limits.

import { z } from "zod";
import type { Epoch } from "#core";
import { exactJson } from "./exact-json.ts";

const wall = z.string().regex(/^\d+$/).describe("nanoseconds since 1970");

export const runFileSchema = z.object({
  schema_version: z.literal(1),
  benchmark_id: z.string(),
  title: z.string().describe("of the main table"),
  streaming: z.boolean(),
  use_server_token_count: z.boolean(),
  replays: z.boolean(),
  slos: z.array(z.object({ tag: z.string(), limit: z.number() })),
  slice_duration_ns: z.number().optional(),
  percentiles: z.array(z.number()),
  network_rtt_ns: z.number().optional(),
  random_seed: z.int().optional(),
  cli_command: z.string(),
  input_config: z.record(z.string(), z.unknown()),
  phases: z.array(z.object({ name: z.string(), kind: z.enum(["warmup", "profiling"]) })),
  windows: z
    .array(z.object({ start_ns: wall, end_ns: wall }))
    .optional()
    .describe("of the phases that began; absent while the run goes, and after a crash"),
  was_cancelled: z.boolean(),
  incomplete_reason: z.string().optional(),
  notes: z.array(z.string()),
});

export type RunFile = z.infer<typeof runFileSchema>;

/** The text of the file. */
export function runFileJson(run: RunFile): string {
  return exactJson(run);
}

/** A window on the wall clock as monotonic time. */
export function monotonicWindow(
  epoch: Epoch,
  window: { readonly start_ns: string; readonly end_ns: string },
): { readonly startNs: number; readonly endNs: number } {
  const at = (ns: string): number => Number(BigInt(ns) - epoch.wallNs) + epoch.monotonicNs;
  return { startNs: at(window.start_ns), endNs: at(window.end_ns) };
}
