// HTTP/1.1 replies out of whatever pieces the network delivered. It finds where the body's bytes
// lie and where the reply ends, and nothing more: meaning is found later, on another thread.
// Source: RFC 9112.

/** Receives what a reply consists of. Body bytes are a span of the segment being fed. */
export interface ReplySink {
  head(head: ReplyHead): void;
  body(bytes: Buffer, start: number, end: number): void;
}

export interface ReplyHead {
  readonly status: number;
  readonly reason: string;
  readonly contentType: string;
  readonly contentEncoding: string;
}

/** What feeding a segment led to. */
export type ReplyState =
  | "more" // the reply goes on
  | "done" // it ended; whatever follows in the segment is not part of it
  | "malformed"; // this is not HTTP/1.1: see `defect`

const HEAD_MAX_BYTES = 256 * 1024;
const CHUNK_LINE_MAX_BYTES = 16 * 1024;

const HEAD = 0;
const BODY_LENGTH = 1;
const BODY_TO_CLOSE = 2;
const CHUNK_SIZE = 3;
const CHUNK_DATA = 4;
const CHUNK_DATA_END = 5;
const TRAILERS = 6;

const LF = 10;
const CR = 13;

/** Reads the replies of one connection, one after the other. */
export class ReplyReader {
  #state = HEAD;
  /** Bytes of a head or of a line that came without their end: the first `#heldBytes`. */
  #held: Buffer | undefined;
  #heldBytes = 0;
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
    return this.#state !== HEAD || this.#heldBytes > 0;
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
    this.#release();
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
    const before = this.#heldBytes;
    let bytes = segment;
    let start = at;
    if (before > 0) {
      bytes = this.#hold(segment, at);
      start = 0;
    }
    const end = headEnd(bytes, Math.max(start, start + before - 2));
    if (end === -1) {
      if (bytes.length - start > HEAD_MAX_BYTES) this.#malformed("the reply's head does not end");
      else if (!couldBeHttp(bytes, start)) this.#malformed(NOT_HTTP);
      else if (before === 0) this.#hold(segment, at);
      return -1;
    }
    const text = bytes.toString("latin1", start, end);
    this.#release();
    const defect = this.#parseHead(text, sink);
    if (defect !== undefined) {
      this.#malformed(defect);
      return -1;
    }
    return at + end - start - before;
  }

  /** Takes a whole head in and says what is wrong with it, if anything is. */
  #parseHead(text: string, sink: ReplySink): string | undefined {
    const lines = text.split("\n");
    const statusLine = /^HTTP\/1\.([01]) (\d{3})(?: (.*?))?\r?$/.exec(lines[0]!);
    if (statusLine === null) return NOT_HTTP;
    const status = Number(statusLine[2]);
    let keepAlive = statusLine[1] === "1";
    let lengthBytes = -1;
    let coding = "";
    let contentType = "";
    let contentEncoding = "";
    for (let i = 1; i < lines.length; i++) {
      const line = lines[i]!;
      const colon = line.indexOf(":");
      if (colon === -1) continue;
      const value = line.slice(colon + 1).trim();
      switch (line.slice(0, colon).trimEnd().toLowerCase()) {
        case "content-length": {
          const bytes = lengthOf(value);
          if (bytes === undefined) return `the reply's content-length is not a number`;
          if (lengthBytes !== -1 && lengthBytes !== bytes)
            return "the reply has two different content-lengths";
          lengthBytes = bytes;
          break;
        }
        case "transfer-encoding":
          coding = coding === "" ? value.toLowerCase() : `${coding},${value.toLowerCase()}`;
          break;
        case "connection":
          if (/\bclose\b/i.test(value)) keepAlive = false;
          else if (/\bkeep-alive\b/i.test(value)) keepAlive = true;
          break;
        case "content-type":
          contentType = value.toLowerCase();
          break;
        case "content-encoding":
          contentEncoding = value.toLowerCase();
          break;
      }
    }
    if (status === 101) return "the server switches to another protocol";
    if (status < 200) return undefined; // interim: the real head follows
    this.#keepAlive = keepAlive;
    const chunked = /(^|,)\s*chunked$/.test(coding);
    if (status === 204 || status === 304) this.#expect(BODY_LENGTH, 0);
    else if (chunked) this.#expect(CHUNK_SIZE, 0);
    else if (coding === "" && lengthBytes >= 0) this.#expect(BODY_LENGTH, lengthBytes);
    else {
      this.#keepAlive = false;
      this.#expect(BODY_TO_CLOSE, 0);
    }
    // Compressed for the transfer is as unreadable as compressed for good.
    const other = coding.replace(/,?\s*chunked$/, "");
    if (contentEncoding === "" && other !== "") contentEncoding = other;
    sink.head({ status, reason: statusLine[3] ?? "", contentType, contentEncoding });
    return undefined;
  }

  #expect(state: number, left: number): void {
    this.#state = state;
    this.#left = left;
  }

  #readChunkSize(segment: Buffer, at: number): number {
    // The usual case, a short hexadecimal number and CRLF within the segment, without a string.
    if (this.#heldBytes === 0) {
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
    if (this.#heldBytes + end - at > CHUNK_LINE_MAX_BYTES) {
      this.#malformed("a line of the chunked body does not end");
      return undefined;
    }
    if (lf === -1) {
      this.#hold(segment, at);
      return undefined;
    }
    let text: string;
    if (this.#heldBytes === 0) text = segment.toString("latin1", at, end);
    else {
      text = this.#hold(segment.subarray(0, end), at).toString("latin1");
      this.#release();
    }
    return { text: text.endsWith("\r") ? text.slice(0, -1) : text, next: lf + 1 };
  }

  /** Holds the segment from `at` on, and answers all that is held. */
  #hold(segment: Buffer, at: number): Buffer {
    const needed = this.#heldBytes + segment.length - at;
    let held = this.#held;
    // Grown in leaps: a head that comes byte by byte is not copied anew for each of them.
    if (held === undefined || needed > held.length) {
      held = Buffer.allocUnsafe(Math.max(1024, needed * 2));
      this.#held?.copy(held, 0, 0, this.#heldBytes);
      this.#held = held;
    }
    segment.copy(held, this.#heldBytes, at);
    this.#heldBytes = needed;
    return held.subarray(0, needed);
  }

  #release(): void {
    this.#held = undefined;
    this.#heldBytes = 0;
  }
}

const NOT_HTTP = "the reply does not begin with HTTP/1";

function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  if (byte >= 97 && byte <= 102) return byte - 87;
  if (byte >= 65 && byte <= 70) return byte - 55;
  return -1;
}

/** A length, which some proxies repeat in one line; undefined when it is none. */
function lengthOf(value: string): number | undefined {
  const match = /^(\d+)(?:\s*,\s*\1)*$/.exec(value);
  const bytes = Number(match?.[1]);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** Where the head's blank line ends; -1 when it has not come. */
function headEnd(bytes: Buffer, from: number): number {
  for (let lf = bytes.indexOf(LF, from); lf !== -1; lf = bytes.indexOf(LF, lf + 1)) {
    if (bytes[lf + 1] === LF) return lf + 2;
    if (bytes[lf + 1] === CR && bytes[lf + 2] === LF) return lf + 3;
  }
  return -1;
}

function couldBeHttp(bytes: Buffer, from: number): boolean {
  const start = "HTTP/1.";
  return start.startsWith(bytes.toString("latin1", from, from + start.length));
}
