// The seam between a request and the wire. A transport sends what an exchange holds and tells it
// what happens, with the time; it does not know why, and what a server has seen is never sent twice.

import type { HeaderRow, Target } from "#endpoint";
import type { BodyTally } from "#ffi";
import { FRAME_BODY, FRAME_EVENTS } from "#ring";
import type { ReplyHead } from "../head-reader.ts";

/** A TLS server that never answers a handshake would hang for ever without this. */
export const CONNECT_TIMEOUT_MS = 30_000;
/** A listening queue is finite: connections that are opened ahead come in batches. */
export const WARM_AT_ONCE = 64;

/** Why an exchange has no complete reply. */
export interface Failure {
  readonly type: string;
  readonly message: string;
  /** HTTP-like code where there is an agreed one. */
  readonly code?: number;
}

/** One request and its reply; all times are monotonic ns. */
export interface Exchange {
  readonly target: Target;
  readonly requestId: string;
  readonly correlationId: string;
  readonly body: Uint8Array;
  /** A path below the target's that is asked for with GET; undefined posts the body. */
  readonly lookup?: string | undefined;
  /** No request with this correlation id follows. */
  readonly endsSession: boolean;

  /** The connection is ready to be written to. */
  connected(nowNs: number, connectNs: number, reused: boolean): void;
  /** The last byte of the request was handed to the kernel. */
  sent(nowNs: number): void;
  /** Bytes came: what `head` and `span` report until `segmentEnd` arrived at this time. */
  segment(nowNs: number, bytes: number): void;
  head(head: ReplyHead): void;
  span(bytes: Buffer, start: number, end: number): void;
  segmentEnd(): void;
  /** The reply is complete. Nothing follows. */
  ended(nowNs: number): void;
  /** There will be no complete reply. Nothing follows. */
  failed(nowNs: number, failure: Failure): void;
}

/** A request whose reply goes into the ring without passing through JavaScript. */
export interface FramedExchange extends Exchange {
  /** What its frames are marked with; no other exchange has it at the same time. */
  readonly number: number;
  /** It is to be told of its reply's body as it comes. */
  readonly isWatched: boolean;
  /** A piece of the body, valid during this call. */
  heard(bytes: Buffer, isEvents: boolean): void;
  /** What came of the reply, all in all; told after its head and before its end. */
  received(tally: BodyTally): void;
}

/** Which frames carry a reply's body. */
export function bodyFrameOf(head: ReplyHead): number {
  const isEvents = head.status < 300 && head.contentType.startsWith("text/event-stream");
  return isEvents ? FRAME_EVENTS : FRAME_BODY;
}

export interface TransportOptions {
  readonly now: () => number;
  readonly headers: readonly HeaderRow[];
  /** Accept any TLS certificate. */
  readonly insecure: boolean;
  /** Use each connection for one request. */
  readonly freshConnections: boolean;
  /** Keep a connection for each correlation id; false when left out. */
  readonly stickySessions?: boolean;
  /** Local addresses that connections take in turn; the system chooses when there is none. */
  readonly sources?: readonly string[];
  /** Every reply's headers are wanted, also where they change nothing. */
  readonly keepsHeaders?: boolean;
  /** How long a connection may take to open, TLS included; 30 s when left out. */
  readonly connectTimeoutMs?: number;
}

export interface TransportCounts {
  opened: number;
  reused: number;
  /** Connections that ended while a request was on them. */
  broken: number;
}

export interface Transport<Of extends Exchange = Exchange> {
  start(exchange: Of): void;
  /** Drops the exchange and its connection; no further event reaches it. */
  cancel(exchange: Of): void;
  /** Opens connections ahead of their use; those that cannot be opened are left to the requests. */
  warm(target: Target, connections: number): Promise<void>;
  /** Closes idle connections and refuses further use. */
  close(): void;
  readonly counts: TransportCounts;
}
