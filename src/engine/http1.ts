// HTTP/1.1 replies out of whatever pieces the network delivered. It finds where the body's bytes
// lie and where the reply ends, and nothing more: meaning is found later, on another thread.
// Source: RFC 9112.

import { HeadReader, type ReplyHead } from "./head-reader.ts";
import { Held } from "./held.ts";

/** Receives what a reply consists of. Body bytes are a span of the segment being fed. */
export interface ReplySink {
  head(head: ReplyHead): void;
  body(bytes: Buffer, start: number, end: number): void;
}

/** What feeding a segment led to. */
export type ReplyState =
  | "more" // the reply goes on
  | "done" // it ended; whatever follows in the segment is not part of it
  | "malformed"; // this is not HTTP/1.1: see `defect`

const CHUNK_LINE_MAX_BYTES = 16 * 1024;

const HEAD = 0;
const BODY_LENGTH = 1;
const BODY_TO_CLOSE = 2;
const CHUNK_SIZE = 3;
const CHUNK_DATA = 4;
const CHUNK_DATA_END = 5;
const TRAILERS = 6;

const BODY_STATES = { length: BODY_LENGTH, close: BODY_TO_CLOSE, chunked: CHUNK_SIZE } as const;

const LF = 10;
const CR = 13;

/** Reads the replies of one connection, one after the other. */
export class ReplyReader {
  #state = HEAD;
  readonly #heads = new HeadReader();
  /** Bytes of a line that came without its end. */
  readonly #held = new Held();
  #left = 0;
  #keepAlive = true;
  /** Why the last segment was malformed. */
  defect = "";
  /** Bytes of the segment after the reply's end: a server that says more than it was asked. */
  surplusBytes = 0;

  /** True when the connection may carry another request after this reply. */
  get keepAlive(): boolean {
    return this.#keepAlive;
  }

  /** True when some of a reply has come. */
  get begun(): boolean {
    return this.#state !== HEAD || this.#heads.begun;
  }

  /** Takes one segment in. */
  feed(segment: Buffer, sink: ReplySink): ReplyState {
    let at = 0;
    while (at < segment.length) {
      switch (this.#state) {
        case HEAD: {
          const next = this.#readHead(segment, at, sink);
          if (next === -1) return this.defect === "" ? "more" : "malformed";
          at = next;
          if (this.#state === HEAD) continue; // an interim reply such as 100 Continue
          if (this.#state === BODY_LENGTH && this.#left === 0) return this.#finish(segment, at);
          break;
        }
        case BODY_LENGTH: {
          at = this.#readBody(segment, at, sink);
          if (this.#left === 0) return this.#finish(segment, at);
          break;
        }
        case BODY_TO_CLOSE:
          sink.body(segment, at, segment.length);
          return "more";
        case CHUNK_SIZE: {
          const next = this.#readChunkSize(segment, at);
          if (next === -1) return this.defect === "" ? "more" : "malformed";
          at = next;
          this.#state = this.#left === 0 ? TRAILERS : CHUNK_DATA;
          break;
        }
        case CHUNK_DATA: {
          at = this.#readBody(segment, at, sink);
          if (this.#left === 0) this.#state = CHUNK_DATA_END;
          break;
        }
        case CHUNK_DATA_END:
          if (segment[at] === CR) at++;
          else if (segment[at] === LF) {
            at++;
            this.#state = CHUNK_SIZE;
          } else return this.#malformed("a chunk is longer than it said");
          break;
        case TRAILERS: {
          const line = this.#takeLine(segment, at);
          if (line === undefined) return this.defect === "" ? "more" : "malformed";
          at = line.next;
          if (line.text === "") return this.#finish(segment, at);
          break;
        }
      }
    }
    return "more";
  }

  /** The connection closed: true when that ends the reply as it should. */
  closed(): boolean {
    const complete = this.#state === BODY_TO_CLOSE;
    if (complete) this.#reset();
    return complete;
  }

  #finish(segment: Buffer, at: number): ReplyState {
    this.surplusBytes = segment.length - at;
    if (this.surplusBytes > 0) this.#keepAlive = false;
    this.#reset();
    return "done";
  }

  #reset(): void {
    this.#state = HEAD;
    this.#heads.release();
    this.#held.release();
    this.#left = 0;
  }

  #malformed(defect: string): "malformed" {
    this.defect = defect;
    return "malformed";
  }

  #readBody(segment: Buffer, at: number, sink: ReplySink): number {
    const end = Math.min(segment.length, at + this.#left);
    sink.body(segment, at, end);
    this.#left -= end - at;
    return end;
  }

  /** Reads a head that may have begun in an earlier segment; -1 when it goes on or is none. */
  #readHead(segment: Buffer, at: number, sink: ReplySink): number {
    const next = this.#heads.feed(segment, at);
    if (next === -1) {
      this.defect = this.#heads.defect;
      return -1;
    }
    const { framing } = this.#heads;
    if (framing === undefined) return next;
    this.#keepAlive = framing.keepAlive;
    this.#expect(BODY_STATES[framing.body], framing.lengthBytes);
    sink.head(framing.head);
    return next;
  }

  #expect(state: number, left: number): void {
    this.#state = state;
    this.#left = left;
  }

  #readChunkSize(segment: Buffer, at: number): number {
    // The usual case, a short hexadecimal number and CRLF within the segment, without a string.
    if (this.#held.bytes === 0) {
      let size = 0;
      for (let i = at; i < segment.length && i < at + 8; i++) {
        const byte = segment[i]!;
        const digit = hexDigit(byte);
        if (digit >= 0) size = size * 16 + digit;
        else if (byte === CR && i > at && segment[i + 1] === LF) {
          this.#left = size;
          return i + 2;
        } else break;
      }
    }
    const line = this.#takeLine(segment, at);
    if (line === undefined) return -1;
    const digits = /^0*([0-9a-fA-F]{1,12})[ \t]*(?:;.*)?$/.exec(line.text);
    if (digits === null) {
      this.#malformed("a chunk does not begin with its size");
      return -1;
    }
    this.#left = Number.parseInt(digits[1]!, 16);
    return line.next;
  }

  /** A line without its end, possibly begun in an earlier segment; undefined when it goes on. */
  #takeLine(segment: Buffer, at: number): { text: string; next: number } | undefined {
    const lf = segment.indexOf(LF, at);
    const end = lf === -1 ? segment.length : lf;
    if (this.#held.bytes + end - at > CHUNK_LINE_MAX_BYTES) {
      this.#malformed("a line of the chunked body does not end");
      return undefined;
    }
    if (lf === -1) {
      this.#held.add(segment, at);
      return undefined;
    }
    let text: string;
    if (this.#held.bytes === 0) text = segment.toString("latin1", at, end);
    else {
      text = this.#held.add(segment.subarray(0, end), at).toString("latin1");
      this.#held.release();
    }
    return { text: text.endsWith("\r") ? text.slice(0, -1) : text, next: lf + 1 };
  }
}

function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  if (byte >= 97 && byte <= 102) return byte - 87;
  if (byte >= 65 && byte <= 70) return byte - 55;
  return -1;
}
