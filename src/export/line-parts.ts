// What a record is made of when its line is read back, whichever way the line is read: its numbers
// stand in one array, NaN for each that the line does not have. What no line says, such as a status
// of 200, is filled in with what does not matter.

import type { MediaFacts, PhaseKind, RequestError, RequestRecord, Speculation, Usage } from "#core";

/** The metrics that a record is made of, parts of one thing together; the others follow from them. */
export const CELL_TAGS = [
  "time_to_first_token",
  "request_latency",
  "time_to_first_output_token",
  "decode_duration",
  "inter_token_latency",
  "input_sequence_length",
  "error_isl",
  "output_sequence_length",
  "output_token_count",
  "reasoning_token_count",
  "osl_mismatch_diff_pct",
  "usage_prompt_tokens",
  "usage_completion_tokens",
  "usage_total_tokens",
  "usage_reasoning_tokens",
  "usage_prompt_cache_read_tokens",
  "usage_prompt_cache_write_tokens",
  "usage_prompt_cache_miss_tokens",
  "usage_prompt_audio_tokens",
  "usage_prompt_audio_seconds",
  "usage_tool_use_prompt_tokens",
  "usage_completion_audio_tokens",
  "usage_accepted_prediction_tokens",
  "usage_rejected_prediction_tokens",
  "num_images",
  "audio_duration",
  "video_inference_time",
  "video_peak_memory",
  "http_req_dns_lookup",
  "http_req_connecting",
  "http_req_sending",
  "http_req_waiting",
  "http_req_receiving",
  "http_req_connection_reused",
  "http_req_data_sent",
  "http_req_data_received",
  "http_req_chunks_received",
] as const;

/** The metric of the times between chunks: a list. */
export const GAPS_TAG = "inter_chunk_latency";

/** Where in the array the number of each metric stands. */
export const CELL = Object.fromEntries(CELL_TAGS.map((tag, cell) => [tag, cell])) as {
  readonly [Tag in (typeof CELL_TAGS)[number]]: number;
};

/** A line, taken apart. Times are monotonic nanoseconds. */
export interface LineParts {
  phase: PhaseKind;
  phaseIndex: number;
  session: number;
  turn: number;
  dueNs: number;
  startNs: number;
  ackNs: number;
  endNs: number;
  cancelledNs: number;
  /** In the units of the file. */
  readonly cells: Float64Array;
  /** In milliseconds; `gaps[0, gapCount)` are this line's. */
  gaps: Float64Array;
  gapCount: number;
  speculation: Speculation | undefined;
  error: RequestError | undefined;
}

/** Texts of a line that tell requests apart, and that no figure needs. */
export type LineNames = Pick<RequestRecord, "conversationId" | "requestId" | "correlationId">;

/** Parts of nothing yet. */
export function emptyParts(): LineParts {
  return {
    phase: "profiling",
    ...{ phaseIndex: 0, session: 0, turn: 0 },
    ...{ dueNs: Number.NaN, startNs: Number.NaN, ackNs: Number.NaN },
    ...{ endNs: Number.NaN, cancelledNs: Number.NaN },
    cells: new Float64Array(CELL_TAGS.length).fill(Number.NaN),
    gaps: new Float64Array(0),
    gapCount: 0,
    speculation: undefined,
    error: undefined,
  };
}

/** The record of a line. It keeps nothing of the parts. */
export function recordOf(parts: LineParts, names: LineNames): RequestRecord {
  const { cells, startNs, error } = parts;
  const dnsNs = ns(cells[CELL.http_req_dns_lookup]!) || 0;
  const connectNs = ns(cells[CELL.http_req_connecting]!) || 0;
  const sentNs = startNs + dnsNs + connectNs + ns(cells[CELL.http_req_sending]!);
  const firstByteNs = sentNs + ns(cells[CELL.http_req_waiting]!);
  const total = cells[CELL.output_sequence_length]!;
  const outputTokens = known(cells[CELL.output_token_count]!);
  const reasoningTokens = known(cells[CELL.reasoning_token_count]!);
  return {
    phase: parts.phase,
    phaseIndex: parts.phaseIndex,
    credit: parts.session,
    session: parts.session,
    turn: parts.turn,
    conversationId: names.conversationId,
    requestId: names.requestId,
    correlationId: names.correlationId,
    worker: 0,
    recorder: 0,
    dueNs: parts.dueNs,
    startNs,
    sentNs,
    ackNs: parts.ackNs,
    endNs: parts.endNs,
    cancelledNs: parts.cancelledNs,
    contentNs: error === undefined ? contentOf(parts) : NO_CONTENT,
    firstOutputNs: startNs + ns(cells[CELL.time_to_first_output_token]!),
    inputTokens: known(cells[CELL.input_sequence_length]!) ?? known(cells[CELL.error_isl]!),
    // A reply of reasoning alone has no output count, and yet one of none.
    outputTokens:
      outputTokens ?? (Number.isNaN(total) ? undefined : total - (reasoningTokens ?? 0)),
    reasoningTokens,
    firstTokens: firstTokensOf(cells),
    requestedTokens: known(Math.round(total / (1 + cells[CELL.osl_mismatch_diff_pct]! / 100))),
    usage: usageOf(cells),
    media: mediaOf(cells),
    speculation: parts.speculation,
    http: {
      status: error === undefined ? 200 : error.code,
      dnsNs,
      connectNs,
      reused: cells[CELL.http_req_connection_reused]! === 1,
      bytesSent: Math.round(cells[CELL.http_req_data_sent]! * 1024),
      bytesReceived: Math.round(cells[CELL.http_req_data_received]! * 1024),
      chunksReceived: cells[CELL.http_req_chunks_received]!,
      firstByteNs,
      lastByteNs: firstByteNs + ns(cells[CELL.http_req_receiving]!),
    },
    error: error && { code: error.code, type: error.type, message: error.message },
  };
}

const NO_CONTENT = new Float64Array(0);

function known(value: number): number | undefined {
  return Number.isNaN(value) ? undefined : value;
}

/** Nanoseconds of a time in milliseconds. */
function ns(ms: number): number {
  return Math.round(ms * 1e6);
}

/** Tokens that had come with the first content, as the time between the later ones shows. */
function firstTokensOf(cells: Float64Array): number | undefined {
  const total = cells[CELL.output_sequence_length]!;
  const betweenMs = cells[CELL.inter_token_latency]!;
  const tookMs = cells[CELL.decode_duration]!;
  if (Number.isNaN(total) || Number.isNaN(tookMs) || !betweenMs) return undefined;
  const first = total - Math.round(tookMs / betweenMs);
  return first > 1 ? first : undefined;
}

/** When each content response came: the first, then gap after gap; of a reply in one piece, its end. */
function contentOf({ cells, startNs, gaps, gapCount }: LineParts): Float64Array {
  const firstMs = cells[CELL.time_to_first_token]!;
  const onlyMs = Number.isNaN(firstMs) ? cells[CELL.request_latency]! : firstMs;
  if (Number.isNaN(onlyMs)) return NO_CONTENT;
  const times = new Float64Array(gapCount + 1);
  let time = startNs + ns(onlyMs);
  times[0] = time;
  for (let i = 0; i < gapCount; i++) times[i + 1] = time += ns(gaps[i]!);
  return times;
}

/** Whether any of the cells from one up to another has a number. */
function hasAny(cells: Float64Array, from: number, last: number): boolean {
  for (let cell = from; cell <= last; cell++) if (!Number.isNaN(cells[cell]!)) return true;
  return false;
}

function usageOf(cells: Float64Array): Usage | undefined {
  if (!hasAny(cells, CELL.usage_prompt_tokens, CELL.usage_rejected_prediction_tokens))
    return undefined;
  return {
    promptTokens: known(cells[CELL.usage_prompt_tokens]!),
    completionTokens: known(cells[CELL.usage_completion_tokens]!),
    totalTokens: known(cells[CELL.usage_total_tokens]!),
    reasoningTokens: known(cells[CELL.usage_reasoning_tokens]!),
    cacheReadTokens: known(cells[CELL.usage_prompt_cache_read_tokens]!),
    cacheWriteTokens: known(cells[CELL.usage_prompt_cache_write_tokens]!),
    cacheMissTokens: known(cells[CELL.usage_prompt_cache_miss_tokens]!),
    promptAudioTokens: known(cells[CELL.usage_prompt_audio_tokens]!),
    promptAudioS: known(cells[CELL.usage_prompt_audio_seconds]!),
    toolUsePromptTokens: known(cells[CELL.usage_tool_use_prompt_tokens]!),
    completionAudioTokens: known(cells[CELL.usage_completion_audio_tokens]!),
    acceptedPredictionTokens: known(cells[CELL.usage_accepted_prediction_tokens]!),
    rejectedPredictionTokens: known(cells[CELL.usage_rejected_prediction_tokens]!),
  };
}

function mediaOf(cells: Float64Array): MediaFacts | undefined {
  if (!hasAny(cells, CELL.num_images, CELL.video_peak_memory)) return undefined;
  return {
    images: known(cells[CELL.num_images]!),
    audioS: known(cells[CELL.audio_duration]!),
    videoInferenceS: known(cells[CELL.video_inference_time]! / 1000),
    videoPeakMemoryMb: known(cells[CELL.video_peak_memory]!),
  };
}
