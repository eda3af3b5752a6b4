// Records for tests: a plausible streaming request whose every time is a round number, and any of
// its fields replaced. Starts at 1,000 ms; times are given in milliseconds.

import type { HttpTrace, RequestRecord } from "#core";

const MS = 1e6;

export const ms = (...values: number[]): Float64Array => Float64Array.from(values, (v) => v * MS);

export const STREAMING = { endpoint: { streaming: true, useServerTokenCount: false } } as const;

type Changes = Partial<Omit<RequestRecord, "http">> & { readonly http?: Partial<HttpTrace> };

/**
 * due 990 · start 1,000 · dns 2 · connect 3 · sent 1,006 · ack 1,050 · content at 1,100, 1,120,
 * 1,150 and 1,190 · last byte 1,195 · end 1,200. ISL 100, OSL 4 of 4 asked for.
 */
export function makeRecord({ http, ...changes }: Changes = {}): RequestRecord {
  return {
    phase: "profiling",
    phaseIndex: 0,
    credit: 0,
    session: 0,
    turn: 0,
    conversationId: "session_000000",
    requestId: "11111111-1111-4111-8111-111111111111",
    correlationId: "22222222-2222-4222-8222-222222222222",
    worker: 0,
    recorder: 0,
    dueNs: 990 * MS,
    startNs: 1000 * MS,
    sentNs: 1006 * MS,
    ackNs: 1050 * MS,
    endNs: 1200 * MS,
    cancelledNs: Number.NaN,
    contentNs: ms(1100, 1120, 1150, 1190),
    firstOutputNs: 1100 * MS,
    inputTokens: 100,
    outputTokens: 4,
    reasoningTokens: undefined,
    requestedTokens: 4,
    usage: undefined,
    http: {
      status: 200,
      dnsNs: 2 * MS,
      connectNs: 3 * MS,
      reused: false,
      bytesSent: 2048,
      bytesReceived: 5120,
      chunksReceived: 6,
      firstByteNs: 1090 * MS,
      lastByteNs: 1195 * MS,
      ...http,
    },
    error: undefined,
    ...changes,
  };
}

/** A request that the server answered with an error. */
export function makeFailure(changes: Changes = {}): RequestRecord {
  return makeRecord({
    contentNs: new Float64Array(0),
    firstOutputNs: Number.NaN,
    outputTokens: undefined,
    error: { code: 500, type: "Internal Server Error", message: "no" },
    ...changes,
  });
}
