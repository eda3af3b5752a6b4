// What the engine puts into a ring and the recorder takes out: pieces of reply bodies as they
// came, and at a request's end one frame with everything the sockets' thread knows of it.
//
//   END payload:  f64 × END_NUMBERS.length │ u32 length of each text, padded │ the texts, UTF-8

import type { Frame } from "./reader.ts";

/** Bytes of a `text/event-stream` body. */
export const FRAME_EVENTS = 1;
/** Bytes of any other body. */
export const FRAME_BODY = 2;
export const FRAME_END = 3;
/** UTF-8 text that the slot's next requests repeat of the reply that has just ended. */
export const FRAME_SAID = 4;
/** The body of the request that has just gone out, where somebody wants to keep it. */
export const FRAME_SENT = 5;

/** How a request ended, as far as the sockets' thread can tell. */
export const ENDED = 0;
export const FAILED = 1;
export const CANCELLED = 2;

const NUMBERS = [
  "phase",
  "credit",
  "session",
  "turn",
  /** Index of the dataset's turn that was sent. */
  "entry",
  "outcome",
  "dueNs",
  "startNs",
  "sentNs",
  "ackNs",
  "cancelledNs",
  "firstByteNs",
  "lastByteNs",
  "dnsNs",
  "connectNs",
  "reused",
  "status",
  "bytesSent",
  "bytesReceived",
  "chunksReceived",
  /** Frames of the reply for which the ring had no room; none follows the first that is lost. */
  "framesLost",
] as const;

const TEXTS = [
  "requestId",
  "correlationId",
  "reason",
  "contentType",
  "contentEncoding",
  "failureType",
  "failureMessage",
] as const;

/** Everything an END frame says. Times are monotonic ns; NaN means that it never happened. */
export type RequestEnd = { [name in (typeof NUMBERS)[number]]: number } & {
  [name in (typeof TEXTS)[number]]: string;
};

const TEXT_MAX_BYTES = 16 * 1024;
const NUMBERS_BYTES = NUMBERS.length * 8;
const LENGTHS_BYTES = Math.ceil((TEXTS.length * 4) / 8) * 8;
const HEAD_BYTES = NUMBERS_BYTES + LENGTHS_BYTES;

/** A RequestEnd of which nothing has happened yet. */
export function emptyEnd(): RequestEnd {
  const end: Partial<RequestEnd> = {};
  for (const name of NUMBERS) end[name] = Number.NaN;
  for (const name of TEXTS) end[name] = "";
  return end as RequestEnd;
}

/** Encodes END frames; the bytes it returns are valid until its next use. */
export function endEncoder(): (end: RequestEnd) => Uint8Array {
  const bytes = Buffer.alloc(HEAD_BYTES + TEXTS.length * TEXT_MAX_BYTES);
  const numbers = new Float64Array(bytes.buffer, bytes.byteOffset, NUMBERS.length);
  const lengths = new Uint32Array(bytes.buffer, bytes.byteOffset + NUMBERS_BYTES, TEXTS.length);
  return (end) => {
    for (let i = 0; i < NUMBERS.length; i++) numbers[i] = end[NUMBERS[i]!];
    let at = HEAD_BYTES;
    for (let i = 0; i < TEXTS.length; i++) {
      const text = end[TEXTS[i]!];
      const written = text === "" ? 0 : bytes.write(text, at, TEXT_MAX_BYTES, "utf8");
      lengths[i] = written;
      at += written;
    }
    return bytes.subarray(0, at);
  };
}

/** Decodes the END frame at hand into `end`. */
export function decodeEnd(frame: Frame, end: RequestEnd): void {
  const { buffer, byteOffset } = frame.bytes;
  const at = byteOffset + frame.start;
  const numbers = new Float64Array(buffer, at, NUMBERS.length);
  const lengths = new Uint32Array(buffer, at + NUMBERS_BYTES, TEXTS.length);
  for (let i = 0; i < NUMBERS.length; i++) end[NUMBERS[i]!] = numbers[i]!;
  const text = Buffer.from(buffer, at + HEAD_BYTES, frame.end - frame.start - HEAD_BYTES);
  let from = 0;
  for (let i = 0; i < TEXTS.length; i++) {
    const to = from + lengths[i]!;
    end[TEXTS[i]!] = from === to ? "" : text.toString("utf8", from, to);
    from = to;
  }
}
