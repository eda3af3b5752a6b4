// Requests out of a connection's bytes, however these were cut. What comes after a request waits
// until it is asked for, so replies can never overtake each other.
//
//   push(bytes) ─▶ [ head ─▶ body by length | body by chunks ] ─▶ take(): request, fault or nothing

import {
  BODY_BYTES_MAX,
  type Head,
  type HttpFault,
  type HttpRequest,
  parseHead,
  Unreadable,
} from "./http-head.ts";

export interface RequestReader {
  readonly push: (bytes: Uint8Array) => void;
  /** The next request if all of it has come. After a fault the reader stays at that fault. */
  readonly take: () => HttpRequest | HttpFault | undefined;
}

const HEAD_BYTES_MAX = 64 * 1024;
const CHUNK_LINE_BYTES_MAX = 1024;
const END_OF_HEAD = Buffer.from("\r\n\r\n");
const END_OF_LINE = Buffer.from("\r\n");
const NO_BODY = Buffer.alloc(0);

export function requestReader(): RequestReader {
  let buffer: Buffer = NO_BODY;
  let used = 0; // bytes of the buffer that are taken
  let filled = 0; // bytes of the buffer that are valid
  let head: Head | undefined;
  let chunkLeft = -1; // bytes of the present chunk to come; -1 before its size line
  let inTrailer = false;
  let pieces: Buffer[] = [];
  let piecesBytes = 0;
  let fault: HttpFault | undefined;

  const view = (): Buffer => buffer.subarray(used, filled);

  const push = (bytes: Uint8Array): void => {
    if (used === filled) used = filled = 0;
    if (buffer.length - filled < bytes.length) {
      const kept = view();
      const needed = Math.max(kept.length + bytes.length, expected());
      const grown = Buffer.allocUnsafeSlow(Math.max(4096, 2 * kept.length, needed));
      kept.copy(grown);
      filled = kept.length;
      used = 0;
      buffer = grown;
    }
    buffer.set(bytes, filled);
    filled += bytes.length;
  };

  /** Bytes that the body of the present head still needs, so that a long one grows the buffer once. */
  const expected = (): number => (typeof head?.bodyBytes === "number" ? head.bodyBytes : 0);

  /** The next line of a chunked body without its end; undefined when it is not all there. */
  const line = (): string | undefined => {
    const at = view().indexOf(END_OF_LINE);
    if (at === -1 && filled - used <= CHUNK_LINE_BYTES_MAX) return undefined;
    if (at === -1 || at > CHUNK_LINE_BYTES_MAX)
      throw new Unreadable(400, "a chunk's line is too long");
    const text = view().toString("latin1", 0, at);
    used += at + 2;
    return text;
  };

  /** Moves whole chunks into `pieces`; true when the last one and the trailer have been read. */
  const readChunks = (): boolean => {
    for (;;) {
      if (inTrailer) {
        const text = line();
        if (text === undefined) return false;
        if (text !== "") continue;
        inTrailer = false;
        return true;
      }
      if (chunkLeft === -1) {
        const text = line();
        if (text === undefined) return false;
        const digits = /^([0-9a-fA-F]{1,8})[ \t]*(?:;.*)?$/.exec(text)?.[1];
        if (digits === undefined) throw new Unreadable(400, "a chunk has no size");
        chunkLeft = Number.parseInt(digits, 16);
        if (piecesBytes + chunkLeft > BODY_BYTES_MAX)
          throw new Unreadable(413, "the body is too long");
        if (chunkLeft === 0) {
          chunkLeft = -1;
          inTrailer = true;
          continue;
        }
      }
      if (filled - used < chunkLeft + 2) return false;
      const end = used + chunkLeft;
      if (buffer[end] !== 13 || buffer[end + 1] !== 10)
        throw new Unreadable(400, "a chunk is not followed by its line end");
      pieces.push(Buffer.from(buffer.subarray(used, end)));
      piecesBytes += chunkLeft;
      used = end + 2;
      chunkLeft = -1;
    }
  };

  const readBody = (wanted: Head): Buffer | undefined => {
    if (wanted.bodyBytes === "chunks") {
      if (!readChunks()) return undefined;
      const body = Buffer.concat(pieces);
      pieces = [];
      piecesBytes = 0;
      return body;
    }
    if (filled - used < wanted.bodyBytes) return undefined;
    const body = Buffer.from(buffer.subarray(used, used + wanted.bodyBytes));
    used += wanted.bodyBytes;
    return body;
  };

  const readHead = (): Head | undefined => {
    // Some clients end a body with a line end that its length does not count.
    while (filled - used >= 2 && buffer[used] === 13 && buffer[used + 1] === 10) used += 2;
    const at = view().indexOf(END_OF_HEAD);
    if (at === -1 && filled - used <= HEAD_BYTES_MAX) return undefined;
    if (at === -1 || at > HEAD_BYTES_MAX)
      throw new Unreadable(431, "the header section is too long");
    const text = view().toString("latin1", 0, at);
    used += at + 4;
    return parseHead(text);
  };

  const take = (): HttpRequest | HttpFault | undefined => {
    if (fault !== undefined) return fault;
    try {
      head ??= readHead();
      if (head === undefined) return undefined;
      const body = readBody(head);
      if (body === undefined) return undefined;
      const { bodyBytes: _, ...rest } = head;
      head = undefined;
      return { ...rest, body };
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      return (fault = error.fault);
    }
  };

  return { push, take };
}
