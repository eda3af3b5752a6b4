// When things came back: the latency family. A content response is a chunk that carries text,
// reasoning or a tool call, so neither a role chunk nor a trailing usage chunk is ever timed.

import { NS_PER_S, type RequestRecord } from "#core";
import { type MetricRow, rowsLike } from "./row.ts";
import { inputLength, outputLength } from "./tokens.ts";

const { NaN: NEVER } = Number;

/** First content response − start, in nanoseconds. */
export function firstTokenNs(record: RequestRecord): number {
  return (record.contentNs[0] ?? NEVER) - record.startNs;
}

/** Last content response − start, in nanoseconds. */
export function requestLatencyNs(record: RequestRecord): number {
  return (record.contentNs[record.contentNs.length - 1] ?? NEVER) - record.startNs;
}

/** How late a request went out. The generator's own, and part of what a user would have waited. */
function lagNs(record: RequestRecord): number {
  return Math.max(0, record.startNs - record.dueNs);
}

/**
 * Mean time between tokens after the first content response, in nanoseconds. That response is one
 * token where nobody says how many were in it.
 */
export function interTokenNs(record: RequestRecord): number {
  const tokens = outputLength(record);
  if (!(tokens >= 2)) return NEVER;
  const first = record.firstTokens ?? 1;
  const later = first > 0 && tokens - first >= 1 ? tokens - first : tokens - 1;
  return (requestLatencyNs(record) - firstTokenNs(record)) / later;
}

const NO_GAPS = new Float64Array(0);

/** Differences of consecutive content responses, in nanoseconds. */
function chunkGapsNs(record: RequestRecord): Float64Array {
  const times = record.contentNs;
  if (times.length < 2) return NO_GAPS;
  const gaps = new Float64Array(times.length - 1);
  for (let i = 0; i < gaps.length; i++) gaps[i] = times[i + 1]! - times[i]!;
  return gaps;
}

/** `count` a second, given how long it took; NaN when it took no time. */
function perSecond(count: number, tookNs: number): number {
  return tookNs > 0 ? (count * NS_PER_S) / tookNs : NEVER;
}

/** When each request had left this process, for the audit of the run. */
export const SENT_COLUMN = "request_sent";
export const TURN_COLUMN = "request_turn";

const latency = rowsLike({ kind: "record", scope: "ok", unit: "ns", displayUnit: "ms" });
const speed = rowsLike({
  kind: "record",
  scope: "ok",
  unit: "tokens/sec/user",
  largerIsBetter: true,
});

export const TIMING: readonly MetricRow[] = [
  latency({
    tag: "time_to_first_token",
    header: "Time to First Token",
    shortHeader: "TTFT",
    order: 100,
    group: "default",
    needs: ["streaming", "producesTokens"],
    errorAdjusted: true,
    of: firstTokenNs,
  }),
  latency({
    tag: "time_to_first_token_from_due",
    header: "Time to First Token from Due",
    shortHeader: "TTFT from Due",
    order: 110,
    group: "none",
    needs: ["streaming", "producesTokens"],
    summaryOnly: true,
    of: (r) => firstTokenNs(r) + lagNs(r),
  }),
  latency({
    tag: "time_to_second_token",
    header: "Time to Second Token",
    shortHeader: "TTST",
    order: 200,
    group: "default",
    needs: ["streaming", "producesTokens"],
    of: (r) => (r.contentNs[1] ?? NEVER) - r.contentNs[0]!,
  }),
  latency({
    tag: "time_to_first_output_token",
    header: "Time to First Output Token",
    shortHeader: "TTFO",
    order: 210,
    group: "default",
    needs: ["streaming", "producesTokens"],
    of: (r) => r.firstOutputNs - r.startNs,
  }),
  latency({
    tag: "request_latency",
    header: "Request Latency",
    shortHeader: "Req Latency",
    order: 300,
    group: "default",
    errorAdjusted: true,
    of: requestLatencyNs,
  }),
  latency({
    tag: "request_latency_from_due",
    header: "Request Latency from Due",
    shortHeader: "Latency from Due",
    order: 310,
    group: "none",
    summaryOnly: true,
    of: (r) => requestLatencyNs(r) + lagNs(r),
  }),
  latency({
    tag: "decode_duration",
    header: "Decode Duration",
    order: 350,
    group: "default",
    needs: ["streaming", "producesTokens"],
    errorAdjusted: true,
    of: (r) => requestLatencyNs(r) - firstTokenNs(r),
  }),
  latency({
    tag: "inter_token_latency",
    header: "Inter Token Latency",
    shortHeader: "ITL",
    order: 400,
    group: "default",
    needs: ["streaming", "producesTokens"],
    errorAdjusted: true,
    of: interTokenNs,
  }),
  speed({
    tag: "output_token_throughput_per_user",
    header: "Output Token Throughput Per User",
    shortHeader: "Output TPS/User",
    order: 500,
    group: "default",
    needs: ["streaming", "producesTokens"],
    of: (r) => perSecond(1, interTokenNs(r)),
  }),
  speed({
    tag: "e2e_output_token_throughput",
    header: "E2E Output Token Throughput",
    order: 510,
    group: "default",
    needs: ["producesTokens"],
    of: (r) => perSecond(outputLength(r), requestLatencyNs(r)),
  }),
  speed({
    tag: "prefill_throughput_per_user",
    header: "Prefill Throughput Per User",
    group: "none",
    needs: ["streaming", "producesTokens", "tokenizesInput"],
    of: (r) => perSecond(inputLength(r), firstTokenNs(r)),
  }),
  {
    kind: "list",
    scope: "ok",
    tag: "inter_chunk_latency",
    header: "Inter Chunk Latency",
    shortHeader: "ICL",
    unit: "ns",
    displayUnit: "ms",
    group: "none",
    needs: ["streaming", "producesTokens"],
    of: chunkGapsNs,
  },
  latency({
    tag: "stream_setup_latency",
    header: "Stream Setup Latency",
    group: "default",
    needs: ["streaming"],
    hidden: "experimental",
    of: (r) => r.ackNs - r.startNs,
  }),
  latency({
    tag: "stream_prefill_latency",
    header: "Stream Prefill Latency",
    group: "default",
    needs: ["streaming", "producesTokens"],
    hidden: "experimental",
    of: (r) => firstTokenNs(r) - (r.ackNs - r.startNs),
  }),
  latency({
    tag: "credit_to_start_latency",
    header: "Credit-to-Start Latency",
    scope: "all",
    group: "none",
    summaryOnly: true,
    of: lagNs,
  }),
  latency({
    tag: "effective_latency",
    header: "Effective Latency (CO-aware)",
    scope: "all",
    group: "none",
    summaryOnly: true,
    of: (r) => Math.max(0, r.endNs - r.dueNs),
  }),
  {
    kind: "record",
    scope: "all",
    tag: SENT_COLUMN,
    header: "Request Sent",
    unit: "ns",
    group: "none",
    hidden: "internal",
    of: (r) => r.sentNs,
  },
  {
    kind: "record",
    scope: "all",
    tag: TURN_COLUMN,
    header: "Request Turn",
    unit: "count",
    group: "none",
    hidden: "internal",
    of: (r) => r.turn,
  },
];
