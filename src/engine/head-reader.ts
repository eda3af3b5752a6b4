// The head of an HTTP/1.1 reply out of whatever pieces the network delivered: what it says, and how
// the end of the body behind it is found. Source: RFC 9112.

import { Held } from "./held.ts";

export interface ReplyHead {
  readonly status: number;
  readonly reason: string;
  readonly contentType: string;
  readonly contentEncoding: string;
  /** The lines behind the first, as they came; left out where nobody wants them. */
  readonly headers?: string;
}

/** A head, and what it says of the bytes that follow. */
export interface ReplyFraming {
  readonly head: ReplyHead;
  /** How the body's end is found: by its length, by the connection's close, chunk by chunk. */
  readonly body: "length" | "close" | "chunked";
  readonly lengthBytes: number;
  /** True when the connection may carry another request after this reply. */
  readonly keepAlive: boolean;
}

const HEAD_MAX_BYTES = 256 * 1024;
const LF = 10;
const CR = 13;
const NOT_HTTP = "the reply does not begin with HTTP/1";

/** Reads one head after the other. */
export class HeadReader {
  readonly #held = new Held();
  /** Why the last bytes are no head; empty when they may be one. */
  defect = "";
  /** What the head said that ended last; undefined for an interim one, such as 100 Continue. */
  framing: ReplyFraming | undefined;

  /** True when the beginning of a head is held. */
  get begun(): boolean {
    return this.#held.bytes > 0;
  }

  /** Takes in what begins at `at`; where the head ends, or -1 when it goes on or is none. */
  feed(segment: Buffer, at: number): number {
    const before = this.#held.bytes;
    let bytes = segment;
    let start = at;
    if (before > 0) {
      bytes = this.#held.add(segment, at);
      start = 0;
    }
    const end = headEnd(bytes, Math.max(start, start + before - 2));
    if (end === -1) {
      if (bytes.length - start > HEAD_MAX_BYTES) this.defect = "the reply's head does not end";
      else if (!couldBeHttp(bytes, start)) this.defect = NOT_HTTP;
      else if (before === 0) this.#held.add(segment, at);
      return -1;
    }
    const text = bytes.toString("latin1", start, end);
    this.#held.release();
    const parsed = parseHead(text);
    if (typeof parsed === "string") {
      this.defect = parsed;
      return -1;
    }
    this.framing = parsed;
    return at + end - start - before;
  }

  release(): void {
    this.#held.release();
  }
}

/** What a whole head says; undefined for an interim one; a text that says what is wrong with it. */
function parseHead(text: string): ReplyFraming | string | undefined {
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
        if (bytes === undefined) return "the reply's content-length is not a number";
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
  // Compressed for the transfer is as unreadable as compressed for good.
  const other = coding.replace(/,?\s*chunked$/, "");
  if (contentEncoding === "" && other !== "") contentEncoding = other;
  const headers = text.slice(lines[0]!.length + 1).trimEnd();
  const head = { status, reason: statusLine[3] ?? "", contentType, contentEncoding, headers };
  if (status === 204 || status === 304) return { head, body: "length", lengthBytes: 0, keepAlive };
  if (/(^|,)\s*chunked$/.test(coding)) return { head, body: "chunked", lengthBytes: 0, keepAlive };
  if (coding === "" && lengthBytes >= 0) return { head, body: "length", lengthBytes, keepAlive };
  return { head, body: "close", lengthBytes: 0, keepAlive: false };
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
