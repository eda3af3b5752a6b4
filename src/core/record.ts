// What is known of one request after it has ended: the currency between the measuring half of
// the program and everything that computes, exports or shows.
//
//   due ──▶ start ──▶ sent ──▶ ack ──▶ first … last ──▶ end
//   plan    before    last     status  content chunks   last byte, or the
//           the send  byte out line                     moment it failed

export type PhaseKind = "warmup" | "profiling";

/** Why a request has no result. `code` is the HTTP status, or 499 for one that was cancelled. */
export interface RequestError {
  readonly code: number | undefined;
  readonly type: string;
  readonly message: string;
}

/** Token counts that the server reported, from the last non-empty `usage` of the reply. */
export interface Usage {
  readonly promptTokens: number | undefined;
  readonly completionTokens: number | undefined;
  readonly totalTokens: number | undefined;
  readonly reasoningTokens: number | undefined;
  readonly cacheReadTokens: number | undefined;
  readonly cacheWriteTokens?: number | undefined;
  readonly cacheMissTokens?: number | undefined;
  readonly promptAudioTokens?: number | undefined;
  readonly promptAudioS?: number | undefined;
  readonly toolUsePromptTokens?: number | undefined;
  readonly completionAudioTokens?: number | undefined;
  readonly acceptedPredictionTokens?: number | undefined;
  readonly rejectedPredictionTokens?: number | undefined;
}

/** Images, sound and film of a request, and what a server says of the film that it made. */
export interface MediaFacts {
  readonly images?: number | undefined;
  readonly audioS?: number | undefined;
  readonly videoInferenceS?: number | undefined;
  readonly videoPeakMemoryMb?: number | undefined;
}

/** What a server says of its speculative decoding: tokens proposed, taken, and steps of the model. */
export interface Speculation {
  /** Whose words it is in, such as `vllm`. */
  readonly engine: string;
  readonly steps: number;
  readonly drafted: number;
  readonly accepted: number;
  /** Steps by how many proposed tokens they took, from none on. */
  readonly histogram?: readonly number[] | undefined;
  /** The most that one step may propose. */
  readonly draftMax?: number | undefined;
  /** What each step took and had proposed, in their order. */
  readonly acceptedByStep?: readonly number[] | undefined;
  readonly draftedByStep?: readonly number[] | undefined;
}

/** What the socket saw. Times are monotonic nanoseconds, sizes bytes of HTTP bodies. */
export interface HttpTrace {
  readonly status: number | undefined;
  /** How long this request waited for its connection: name look-up, TCP, TLS; 0 when reused. */
  readonly dnsNs: number;
  readonly connectNs: number;
  readonly reused: boolean;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly chunksReceived: number;
  /** First and last body bytes; NaN when none came. */
  readonly firstByteNs: number;
  readonly lastByteNs: number;
}

/** One request. Times are monotonic nanoseconds (see clock.ts); NaN means that it never happened. */
export interface RequestRecord {
  readonly phase: PhaseKind;
  readonly phaseIndex: number;
  /** Number of the credit that this request spent, from 0 in each phase. */
  readonly credit: number;
  /** Number of the session within its phase, and of the turn within its session. */
  readonly session: number;
  readonly turn: number;
  readonly conversationId: string;
  readonly requestId: string;
  readonly correlationId: string;
  readonly worker: number;
  readonly recorder: number;

  /** When the schedule wanted it; equals the moment the slot came free in closed-loop load. */
  readonly dueNs: number;
  readonly startNs: number;
  readonly sentNs: number;
  readonly ackNs: number;
  readonly endNs: number;
  readonly cancelledNs: number;

  /** Arrival of every content response, ascending; empty when there was none. */
  readonly contentNs: Float64Array;
  /** Arrival of the first content that is not reasoning; NaN when there was none. */
  readonly firstOutputNs: number;

  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
  readonly reasoningTokens: number | undefined;
  /** Output tokens that had come with the first content, where the server counts with each chunk. */
  readonly firstTokens?: number | undefined;
  /** The limit that the request asked for. */
  readonly requestedTokens: number | undefined;
  readonly usage: Usage | undefined;
  /** Absent where there is none. */
  readonly media?: MediaFacts | undefined;
  readonly speculation?: Speculation | undefined;

  readonly http: HttpTrace;
  readonly error: RequestError | undefined;
}
