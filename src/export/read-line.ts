// A line of profile_export.jsonl back into the record that it was made of, so that figures can be
// made again. Its times are integers of nanoseconds behind their milliseconds, and come back exact;
// what a line does not say, such as a status of 200, is filled in with what does not matter.

import type { Epoch, RequestRecord, Usage } from "#core";
import type { Line } from "./schema-line.ts";
import { speculationOf } from "./spec-decode.ts";

/** The parts of a line that a record is made of. */
type ParsedLine = Pick<Line, "metadata" | "metrics" | "spec_decode_acceptance" | "error">;

/** The wall-clock time of a line's first stamp, as the zero of a file's monotonic times. */
export function epochOf(line: string): Epoch | undefined {
  const digits = stampOf(line, "credit_issued_ns") ?? stampOf(line, "request_start_ns");
  return digits === undefined ? undefined : { monotonicNs: 0, wallNs: BigInt(digits) };
}

/**
 * Reads lines of a file whose times are told from one epoch.
 * @throws SyntaxError for a line that is no JSON
 */
export function lineReader(epoch: Epoch): (line: string) => RequestRecord {
  const seconds = Number(epoch.wallNs / 1_000_000_000n);
  const fraction = Number(epoch.wallNs % 1_000_000_000n);
  /** Nineteen digits are more than a double holds: seconds and the rest are read apart. */
  const monotonic = (line: string, key: string): number => {
    const digits = stampOf(line, key);
    if (digits === undefined) return Number.NaN;
    const whole = Number(digits.slice(0, -9)) - seconds;
    return whole * 1e9 + (Number(digits.slice(-9)) - fraction) + epoch.monotonicNs;
  };
  return (line) => {
    const parsed = JSON.parse(line) as ParsedLine;
    const { metadata } = parsed;
    // A stamp that is not there would be looked for in all of the line.
    const stamp = (key: StampKey): number =>
      metadata[key] === undefined ? Number.NaN : monotonic(line, key);
    return recordOf(parsed, {
      dueNs: stamp("credit_issued_ns"),
      startNs: stamp("request_start_ns"),
      ackNs: stamp("request_ack_ns"),
      endNs: stamp("request_end_ns"),
      cancelledNs: stamp("cancellation_time_ns"),
    });
  };
}

type StampKey =
  | "credit_issued_ns"
  | "request_start_ns"
  | "request_ack_ns"
  | "request_end_ns"
  | "cancellation_time_ns";

function stampOf(line: string, key: string): string | undefined {
  const at = line.indexOf(`"${key}":`);
  if (at === -1) return undefined;
  const from = at + key.length + 3;
  let to = from;
  while (to < line.length && line.charCodeAt(to) >= 48 && line.charCodeAt(to) <= 57) to++;
  return to - from < 10 ? undefined : line.slice(from, to);
}

interface Stamps {
  readonly dueNs: number;
  readonly startNs: number;
  readonly ackNs: number;
  readonly endNs: number;
  readonly cancelledNs: number;
}

function recordOf(line: ParsedLine, stamps: Stamps): RequestRecord {
  const { metadata, metrics, error } = line;
  const number: Look = (tag) => {
    const value = metrics[tag]?.value;
    return typeof value === "number" ? value : undefined;
  };
  const ns = (tag: string): number => Math.round((number(tag) ?? Number.NaN) * 1e6);
  const { startNs } = stamps;
  const outputTokens = number("output_token_count");
  const total = number("output_sequence_length");
  const reasoningTokens = number("reasoning_token_count");
  const offPct = number("osl_mismatch_diff_pct");
  const dnsNs = ns("http_req_dns_lookup") || 0;
  const connectNs = ns("http_req_connecting") || 0;
  const sentNs = startNs + dnsNs + connectNs + ns("http_req_sending");
  const firstByteNs = sentNs + ns("http_req_waiting");
  return {
    phase: metadata.benchmark_phase,
    phaseIndex: metadata.phase_index ?? 0,
    credit: metadata.session_num,
    session: metadata.session_num,
    turn: metadata.turn_index ?? 0,
    conversationId: metadata.conversation_id ?? "",
    requestId: metadata.x_request_id,
    correlationId: metadata.x_correlation_id ?? "",
    worker: 0,
    recorder: 0,
    ...stamps,
    sentNs,
    contentNs: error === undefined ? contentOf(metrics, startNs) : new Float64Array(0),
    firstOutputNs: startNs + ns("time_to_first_output_token"),
    inputTokens: number("input_sequence_length") ?? number("error_isl"),
    // A reply of reasoning alone has no output count, and yet one of none.
    outputTokens:
      outputTokens ?? (total === undefined ? undefined : total - (reasoningTokens ?? 0)),
    reasoningTokens,
    firstTokens: firstTokensOf(number),
    requestedTokens:
      total === undefined || offPct === undefined
        ? undefined
        : Math.round(total / (1 + offPct / 100)),
    usage: usageOf(number),
    media: {
      images: number("num_images"),
      audioS: number("audio_duration"),
      videoInferenceS: inSeconds(number("video_inference_time")),
      videoPeakMemoryMb: number("video_peak_memory"),
    },
    speculation: speculationOf(line.spec_decode_acceptance),
    http: {
      status: error === undefined ? 200 : error.code,
      dnsNs,
      connectNs,
      reused: number("http_req_connection_reused") === 1,
      bytesSent: Math.round((number("http_req_data_sent") ?? Number.NaN) * 1024),
      bytesReceived: Math.round((number("http_req_data_received") ?? Number.NaN) * 1024),
      chunksReceived: number("http_req_chunks_received") ?? Number.NaN,
      firstByteNs,
      lastByteNs: firstByteNs + ns("http_req_receiving"),
    },
    error: error && { code: error.code, type: error.type, message: error.message },
  };
}

/** Tokens that had come with the first content, as the time between the later ones shows. */
function firstTokensOf(number: Look): number | undefined {
  const total = number("output_sequence_length");
  const betweenMs = number("inter_token_latency");
  const tookMs = number("decode_duration");
  if (total === undefined || tookMs === undefined || !betweenMs) return undefined;
  const first = total - Math.round(tookMs / betweenMs);
  return first > 1 ? first : undefined;
}

/** When each content response came: the first, then gap after gap; of a reply in one piece, its end. */
function contentOf(metrics: Line["metrics"], startNs: number): Float64Array {
  const first = metrics.time_to_first_token?.value ?? metrics.request_latency?.value;
  if (typeof first !== "number") return new Float64Array(0);
  const value = metrics.inter_chunk_latency?.value;
  const gaps = Array.isArray(value) ? value : [];
  const times = new Float64Array(gaps.length + 1);
  times[0] = startNs + Math.round(first * 1e6);
  for (let i = 0; i < gaps.length; i++) times[i + 1] = times[i]! + Math.round(gaps[i]! * 1e6);
  return times;
}

type Look = (tag: string) => number | undefined;

function usageOf(number: Look): Usage {
  return {
    promptTokens: number("usage_prompt_tokens"),
    completionTokens: number("usage_completion_tokens"),
    totalTokens: number("usage_total_tokens"),
    reasoningTokens: number("usage_reasoning_tokens"),
    cacheReadTokens: number("usage_prompt_cache_read_tokens"),
    cacheWriteTokens: number("usage_prompt_cache_write_tokens"),
    cacheMissTokens: number("usage_prompt_cache_miss_tokens"),
    promptAudioTokens: number("usage_prompt_audio_tokens"),
    promptAudioS: number("usage_prompt_audio_seconds"),
    toolUsePromptTokens: number("usage_tool_use_prompt_tokens"),
    completionAudioTokens: number("usage_completion_audio_tokens"),
    acceptedPredictionTokens: number("usage_accepted_prediction_tokens"),
    rejectedPredictionTokens: number("usage_rejected_prediction_tokens"),
  };
}

function inSeconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1000;
}
