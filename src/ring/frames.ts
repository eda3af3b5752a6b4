// What the engine puts into a ring and the recorder takes out: pieces of reply bodies as they
// came, and at a request's end one frame with everything the sockets' thread knows of it.
//
//   END payload:  f64 × END_NUMBERS.length │ u32 length of each text, padded │ the texts, UTF-8

import { writePlain } from "#core";
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
  /** Lines of the reply's head behind the first, where somebody wants them. */
  "headers",
  "failureType",
  "failureMessage",
] as const;

/** Everything an END frame says. Times are monotonic ns; NaN means that it never happened. */
export type RequestEnd = { [name in (typeof NUMBERS)[number]]: number } & {
  [name in (typeof TEXTS)[number]]: string;
};

const TEXT_MAX_BYTES = 16 * 1024;
/** Names are not longer; a longer text is the runtime's to write. */
const PLAIN_MAX_BYTES = 64;
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
  /** What is written where: most texts are what they were, and lie where they lay. */
  const written = TEXTS.map(() => ({ text: "", at: -1 }));

  function write(index: number, text: string, at: number): number {
    const last = written[index]!;
    if (last.at === at && last.text === text) return at + lengths[index]!;
    last.at = at;
    last.text = text;
    const isPlain = text.length <= PLAIN_MAX_BYTES && writePlain(bytes, text, at);
    const length = isPlain ? text.length : bytes.write(text, at, TEXT_MAX_BYTES, "utf8");
    lengths[index] = length;
    return at + length;
  }

  return (end) => {
    writeNumbers(numbers, end);
    let at = HEAD_BYTES;
    // Each by its name, as the numbers are.
    at = write(0, end.requestId, at);
    at = write(1, end.correlationId, at);
    at = write(2, end.reason, at);
    at = write(3, end.contentType, at);
    at = write(4, end.contentEncoding, at);
    at = write(5, end.headers, at);
    at = write(6, end.failureType, at);
    at = write(7, end.failureMessage, at);
    return bytes.subarray(0, at);
  };
}

/** In the order of {@link NUMBERS}: see {@link readNumbers}. */
function writeNumbers(numbers: Float64Array, end: RequestEnd): void {
  numbers[0] = end.phase;
  numbers[1] = end.credit;
  numbers[2] = end.session;
  numbers[3] = end.turn;
  numbers[4] = end.entry;
  numbers[5] = end.outcome;
  numbers[6] = end.dueNs;
  numbers[7] = end.startNs;
  numbers[8] = end.sentNs;
  numbers[9] = end.ackNs;
  numbers[10] = end.cancelledNs;
  numbers[11] = end.firstByteNs;
  numbers[12] = end.lastByteNs;
  numbers[13] = end.dnsNs;
  numbers[14] = end.connectNs;
  numbers[15] = end.reused;
  numbers[16] = end.status;
  numbers[17] = end.bytesSent;
  numbers[18] = end.bytesReceived;
  numbers[19] = end.chunksReceived;
  numbers[20] = end.framesLost;
}

/** A ring's memory as END frames see it. Frames lie on whole words of it. */
interface EndViews {
  readonly bytes: Uint8Array;
  readonly numbers: Float64Array;
  readonly lengths: Uint32Array;
  readonly texts: Buffer;
  /** What each text was the last time: most of them are the same for every request of a run. */
  readonly known: { readonly bytes: Uint8Array; readonly text: string }[];
}

function viewsOf(bytes: Uint8Array): EndViews {
  const { buffer, byteOffset, byteLength } = bytes;
  return {
    bytes,
    numbers: new Float64Array(buffer, byteOffset, byteLength >>> 3),
    lengths: new Uint32Array(buffer, byteOffset, byteLength >>> 2),
    texts: Buffer.from(buffer, byteOffset, byteLength),
    known: TEXTS.map(() => ({ bytes: new Uint8Array(0), text: "" })),
  };
}

/** Those of the ring that was read last. */
let views = viewsOf(new Uint8Array(0));

/** Decodes the END frame at hand into `end`. */
export function decodeEnd(frame: Frame, end: RequestEnd): void {
  if (views.bytes !== frame.bytes) views = viewsOf(frame.bytes);
  const { numbers, lengths } = views;
  const { start } = frame;
  readNumbers(numbers, start >>> 3, end);
  const length = (start + NUMBERS_BYTES) >>> 2;
  let from = start + HEAD_BYTES;
  for (let i = 0; i < TEXTS.length; i++) {
    const to = from + lengths[length + i]!;
    end[TEXTS[i]!] = from === to ? "" : textOf(views, i, from, to);
    from = to;
  }
}

/** In the order of {@link NUMBERS}, each by its name: looking names up would take as long as all the rest. */
function readNumbers(numbers: Float64Array, at: number, end: RequestEnd): void {
  end.phase = numbers[at]!;
  end.credit = numbers[at + 1]!;
  end.session = numbers[at + 2]!;
  end.turn = numbers[at + 3]!;
  end.entry = numbers[at + 4]!;
  end.outcome = numbers[at + 5]!;
  end.dueNs = numbers[at + 6]!;
  end.startNs = numbers[at + 7]!;
  end.sentNs = numbers[at + 8]!;
  end.ackNs = numbers[at + 9]!;
  end.cancelledNs = numbers[at + 10]!;
  end.firstByteNs = numbers[at + 11]!;
  end.lastByteNs = numbers[at + 12]!;
  end.dnsNs = numbers[at + 13]!;
  end.connectNs = numbers[at + 14]!;
  end.reused = numbers[at + 15]!;
  end.status = numbers[at + 16]!;
  end.bytesSent = numbers[at + 17]!;
  end.bytesReceived = numbers[at + 18]!;
  end.chunksReceived = numbers[at + 19]!;
  end.framesLost = numbers[at + 20]!;
}

function textOf({ bytes, texts, known }: EndViews, index: number, from: number, to: number) {
  const last = known[index]!;
  if (isSame(last.bytes, bytes, from, to)) return last.text;
  // Names of requests are never the same again.
  if (index <= LAST_NAME)
    return texts.toString(isPlain(bytes, from, to) ? "latin1" : "utf8", from, to);
  const text = texts.toString("utf8", from, to);
  known[index] = { bytes: bytes.slice(from, to), text };
  return text;
}

const LAST_NAME = TEXTS.indexOf("correlationId");

function isSame(known: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  if (known.length !== to - from) return false;
  for (let i = 0; i < known.length; i++) if (known[i] !== bytes[from + i]) return false;
  return true;
}

/** Whether the text is the same in every encoding, of which the simplest takes half the time. */
function isPlain(bytes: Uint8Array, from: number, to: number): boolean {
  let all = 0;
  for (let i = from; i < to; i++) all |= bytes[i]!;
  return all < 0x80;
}
