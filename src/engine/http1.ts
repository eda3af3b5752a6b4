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
  /** Bytes of a head or a chunk's size line that came without their end. */
  #held: Buffer | undefined;
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
    return this.#state !== HEAD || this.#held !== undefined;
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
          const end = Math.min(segment.length, at + this.#left);
          sink.body(segment, at, end);
          this.#left -= end - at;
          at = end;
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
          const end = Math.min(segment.length, at + this.#left);
          sink.body(segment, at, end);
          this.#left -= end - at;
          at = end;
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
    this.#held = undefined;
    this.#left = 0;
  }

  #malformed(defect: string): ReplyState {
    this.defect = defect;
    return "malformed";
  }

  /** Reads a head that may have begun in an earlier segment; -1 when it goes on or is none. */
  #readHead(segment: Buffer, at: number, sink: ReplySink): number {
    const heldBytes = this.#held?.length ?? 0;
    const bytes =
      this.#held === undefined
        ? segment.subarray(at)
        : Buffer.concat([this.#held, segment.subarray(at)]);
    const end = headEnd(bytes, Math.max(0, heldBytes - 3));
    if (end === -1) {
      if (bytes.length > HEAD_MAX_BYTES) this.#malformed("the reply's head does not end");
      else if (!couldBeHttp(bytes)) this.#malformed("the reply does not begin with HTTP/1");
      this.#held = this.#held === undefined ? Buffer.from(bytes) : bytes;
      return -1;
    }
    this.#held = undefined;
    if (!this.#parseHead(bytes.toString("latin1", 0, end), sink)) return -1;
    return at + end - heldBytes;
  }

  #parseHead(text: string, sink: ReplySink): boolean {
    const lines = text.split("\n");
    const statusLine = /^HTTP\/1\.([01]) (\d{3})(?: (.*?))?\r?$/.exec(lines[0]!);
    if (statusLine === null) {
      this.#malformed("the reply does not begin with HTTP/1");
      return false;
    }
    const status = Number(statusLine[2]);
    let keepAlive = statusLine[1] === "1";
    let lengthBytes = -1;
    let chunked = false;
    let contentType = "";
    let contentEncoding = "";
    for (let i = 1; i < lines.length; i++) {
      const line = lines[i]!;
      const colon = line.indexOf(":");
      if (colon === -1) continue;
      const value = line.slice(colon + 1).trim();
      switch (line.slice(0, colon).toLowerCase()) {
        case "content-length":
          if (!/^\d+$/.test(value)) {
            this.#malformed("the reply's content-length is not a number");
            return false;
          }
          lengthBytes = Number(value);
          break;
        case "transfer-encoding":
          chunked = /(^|,)\s*chunked\s*$/i.test(value);
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
    if (status < 200) return true; // interim: the real head follows
    this.#keepAlive = keepAlive;
    if (status === 204 || status === 304) this.#expect(BODY_LENGTH, 0);
    else if (chunked) this.#expect(CHUNK_SIZE, 0);
    else if (lengthBytes >= 0) this.#expect(BODY_LENGTH, lengthBytes);
    else {
      this.#keepAlive = false;
      this.#expect(BODY_TO_CLOSE, 0);
    }
    sink.head({ status, reason: statusLine[3] ?? "", contentType, contentEncoding });
    return true;
  }

  #expect(state: number, left: number): void {
    this.#state = state;
    this.#left = left;
  }

  #readChunkSize(segment: Buffer, at: number): number {
    // The usual case, a short hexadecimal number and CRLF within the segment, without a string.
    if (this.#held === undefined) {
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
    const digits = /^([0-9a-fA-F]{1,12})[ \t]*(?:;.*)?$/.exec(line.text);
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
    const part = segment.subarray(at, end);
    const bytes = this.#held === undefined ? part : Buffer.concat([this.#held, part]);
    if (bytes.length > CHUNK_LINE_MAX_BYTES) {
      this.#malformed("a line of the chunked body does not end");
      return undefined;
    }
    if (lf === -1) {
      this.#held = Buffer.from(bytes);
      return undefined;
    }
    this.#held = undefined;
    const text = bytes.toString("latin1", 0, bytes.length);
    return { text: text.endsWith("\r") ? text.slice(0, -1) : text, next: lf + 1 };
  }
}

function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  if (byte >= 97 && byte <= 102) return byte - 87;
  if (byte >= 65 && byte <= 70) return byte - 55;
  return -1;
}

/** Where the head's blank line ends; -1 when it has not come. */
function headEnd(bytes: Buffer, from: number): number {
  const crlf = bytes.indexOf("\r\n\r\n", from);
  if (crlf !== -1) return crlf + 4;
  const lf = bytes.indexOf("\n\n", from);
  return lf === -1 ? -1 : lf + 2;
}

function couldBeHttp(bytes: Buffer): boolean {
  const start = "HTTP/1.";
  return start.startsWith(bytes.toString("latin1", 0, start.length));
}
