// Records rebuilt from a per-request file of AIPerf, so that our figures can be held against those
// that AIPerf computed from the same requests.

import { readFileSync } from "node:fs";
import type { Epoch, RequestRecord, Usage } from "#core";
import type { Line } from "#export";

const GOLDEN = `${import.meta.dir}/../golden`;

export type GoldenRun = "stream" | "errors";

export function goldenText(run: GoldenRun, file: string): string {
  return readFileSync(`${GOLDEN}/${run}/${file}`, "utf8");
}

/** The lines of a run's profile_export.jsonl. */
export function goldenLines(run: GoldenRun): Line[] {
  return (
    goldenText(run, "profile_export.jsonl")
      .trim()
      .split("\n")
      // Quoted, or a double would round the nineteen digits of a wall-clock time.
      .map((line) => JSON.parse(line.replace(/:(\d{19})\b/g, ':"$1"')) as Line)
  );
}

/** The records of a run, and the epoch of their monotonic times. */
export function goldenRecords(run: GoldenRun): { records: RequestRecord[]; epoch: Epoch } {
  const lines = goldenLines(run);
  const epoch = { monotonicNs: 0, wallNs: BigInt(lines[0]!.metadata.request_start_ns) };
  return { epoch, records: lines.map((line) => recordOf(line, epoch)) };
}

function recordOf({ metadata, metrics, error }: Line, epoch: Epoch): RequestRecord {
  const monotonic = (wall: number | undefined): number =>
    wall === undefined ? Number.NaN : Number(BigInt(wall) - epoch.wallNs);
  const number = (tag: string): number | undefined => {
    const value = metrics[tag]?.value;
    return typeof value === "number" ? value : undefined;
  };
  const ns = (tag: string): number => Math.round((number(tag) ?? Number.NaN) * 1e6);

  const startNs = monotonic(metadata.request_start_ns);
  const gaps = metrics.inter_chunk_latency?.value ?? [];
  const contentNs = error === undefined ? [startNs + ns("time_to_first_token")] : [];
  for (const gap of Array.isArray(gaps) ? gaps : []) {
    contentNs.push(contentNs[contentNs.length - 1]! + Math.round(gap * 1e6));
  }
  const [dnsNs, connectNs] = [ns("http_req_dns_lookup"), ns("http_req_connecting")];
  // Their sending contains the connecting; ours follows it.
  const sentNs = startNs + dnsNs + connectNs + ns("http_req_sending");
  const firstByteNs = sentNs + ns("http_req_waiting");
  const usage: Usage = {
    promptTokens: number("usage_prompt_tokens"),
    completionTokens: number("usage_completion_tokens"),
    totalTokens: number("usage_total_tokens"),
    reasoningTokens: undefined,
    cacheReadTokens: undefined,
  };
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
    dueNs: monotonic(metadata.credit_issued_ns),
    startNs,
    sentNs,
    ackNs: monotonic(metadata.request_ack_ns),
    endNs: monotonic(metadata.request_end_ns),
    cancelledNs: monotonic(metadata.cancellation_time_ns),
    contentNs: Float64Array.from(contentNs),
    firstOutputNs: startNs + ns("time_to_first_output_token"),
    inputTokens: number("input_sequence_length") ?? number("error_isl"),
    outputTokens: number("output_token_count"),
    reasoningTokens: undefined,
    requestedTokens: 16,
    usage: error === undefined ? usage : undefined,
    http: {
      status: error?.code ?? 200,
      dnsNs,
      connectNs,
      reused: number("http_req_connection_reused") === 1,
      bytesSent: (number("http_req_data_sent") ?? Number.NaN) * 1024,
      bytesReceived: (number("http_req_data_received") ?? Number.NaN) * 1024,
      chunksReceived: number("http_req_chunks_received") ?? Number.NaN,
      firstByteNs,
      lastByteNs: firstByteNs + ns("http_req_receiving"),
    },
    error: error && { code: error.code, type: error.type, message: error.message },
  };
}
