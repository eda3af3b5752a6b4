// A line of profile_export.jsonl back into the record that it was made of, so that figures can be
// made again. Its times are integers of nanoseconds behind their milliseconds, and come back exact;
// what a line does not say, such as a status of 200, is filled in with what does not matter.

import type { Epoch, RequestRecord, Speculation, Usage } from "#core";
import type { Line } from "./schema-line.ts";

/** The parts of a line that a record is made of. */
type ParsedLine = Pick<Line, "metadata" | "metrics" | "error">;

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
    return recordOf(parsed, {
      dueNs: monotonic(line, "credit_issued_ns"),
      startNs: monotonic(line, "request_start_ns"),
      ackNs: monotonic(line, "request_ack_ns"),
      endNs: monotonic(line, "request_end_ns"),
      cancelledNs: monotonic(line, "cancellation_time_ns"),
    });
  };
}

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

function recordOf({ metadata, metrics, error }: ParsedLine, stamps: Stamps): RequestRecord {
  const number = (tag: string): number | undefined => {
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
    speculation: speculationOf(number),
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

const USAGE: { readonly [Field in keyof Usage]-?: string } = {
  promptTokens: "usage_prompt_tokens",
  completionTokens: "usage_completion_tokens",
  totalTokens: "usage_total_tokens",
  reasoningTokens: "usage_reasoning_tokens",
  cacheReadTokens: "usage_prompt_cache_read_tokens",
  cacheWriteTokens: "usage_prompt_cache_write_tokens",
  cacheMissTokens: "usage_prompt_cache_miss_tokens",
  promptAudioTokens: "usage_prompt_audio_tokens",
  promptAudioS: "usage_prompt_audio_seconds",
  toolUsePromptTokens: "usage_tool_use_prompt_tokens",
  completionAudioTokens: "usage_completion_audio_tokens",
  acceptedPredictionTokens: "usage_accepted_prediction_tokens",
  rejectedPredictionTokens: "usage_rejected_prediction_tokens",
};

function usageOf(number: (tag: string) => number | undefined): Usage {
  const fields = Object.entries(USAGE).map(([field, tag]) => [field, number(tag)]);
  return Object.fromEntries(fields) as Usage;
}

function speculationOf(number: (tag: string) => number | undefined): Speculation | undefined {
  const steps = number("spec_decode_steps");
  const drafted = number("spec_decode_draft_tokens");
  const accepted = number("spec_decode_accepted_draft_tokens");
  if (steps === undefined || drafted === undefined || accepted === undefined) return undefined;
  return { steps, drafted, accepted };
}

function inSeconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1000;
}
