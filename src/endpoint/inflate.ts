// Replies that a server compresses although nobody asked for it. A stream is inflated segment by
// segment, so that what comes out has the stamp of the segment that brought it.

import zlib from "node:zlib";

const OUTPUT_BYTES = 64 * 2 ** 10;
/** A whole reply that would become larger than this is none. */
const WHOLE_MAX_BYTES = 64 * 2 ** 20;

/** How a reply may be compressed, in the words of Content-Encoding. */
export type Compression = "gzip" | "deflate" | "br" | "zstd";

/** What compressed bytes begin with; brotli's have no mark. */
const MARKS: readonly (readonly [Compression, readonly number[]])[] = [
  ["gzip", [0x1f]],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
  ["deflate", [0x78, 0x01]],
  ["deflate", [0x78, 0x5e]],
  ["deflate", [0x78, 0x9c]],
  ["deflate", [0x78, 0xda]],
];
const D = 100;

/**
 * How a reply is compressed that begins at `start`, told by its bytes, because nothing else is at
 * hand when they come; undefined when they are a text. Where the network cut them must not matter:
 * what is no mark is decided by the first byte, which in brotli's streams is none of a text.
 */
export function compressionOf(bytes: Uint8Array, start: number): Compression | undefined {
  if (bytes[start] === D) return undefined; // data: …
  const marked = MARKS.find(([, mark]) => mark.every((byte, at) => bytes[start + at] === byte));
  if (marked !== undefined) return marked[0];
  return beginsText(bytes[start] ?? D) ? undefined : "br";
}

/** Whether a text in UTF-8 can begin with a byte. */
function beginsText(byte: number): boolean {
  if (byte < 0x20) return byte === 9 || byte === 10 || byte === 13;
  return byte < 0x7f || (byte >= 0xc2 && byte <= 0xf4);
}

/** The part of a stream's native side that inflates at once, in the calling thread. */
interface Handle {
  writeSync(
    flush: number,
    input: Uint8Array,
    inputAt: number,
    inputBytes: number,
    output: Uint8Array,
    outputAt: number,
    outputBytes: number,
  ): void;
}

interface Internals {
  readonly _handle: Handle;
  /** Bytes of the output that were not filled, and of the input that were not taken. */
  readonly _writeState: readonly [outputLeft: number, inputLeft: number];
}

const { Z_SYNC_FLUSH, BROTLI_OPERATION_FLUSH, ZSTD_e_flush } = zlib.constants;

/** How a stream of each kind is opened, and told to answer with all that it can. */
const STREAMS: { readonly [kind in Compression]: readonly [() => NodeJS.EventEmitter, number] } = {
  gzip: [() => zlib.createGunzip(), Z_SYNC_FLUSH],
  deflate: [() => zlib.createInflate(), Z_SYNC_FLUSH],
  br: [() => zlib.createBrotliDecompress(), BROTLI_OPERATION_FLUSH],
  zstd: [() => zlib.createZstdDecompress(), ZSTD_e_flush],
};

/** Inflates one stream. */
export class Inflater {
  readonly #stream: NodeJS.EventEmitter;
  readonly #flush: number;
  readonly #output = Buffer.allocUnsafe(OUTPUT_BYTES);
  #isBroken = false;

  readonly kind: Compression;

  constructor(kind: Compression) {
    this.kind = kind;
    const [open, flush] = STREAMS[kind];
    this.#stream = open();
    this.#flush = flush;
    // Node's own interface answers later; what lies beneath it answers at once.
    this.#stream.on("error", () => {
      this.#isBroken = true;
    });
  }

  /**
   * Visits what a segment inflates to, in pieces that are valid during the visit.
   * @returns false when it is not what the stream goes on with
   */
  push(segment: Uint8Array, visit: (bytes: Buffer) => void): boolean {
    const { _handle: handle, _writeState: state } = this.#stream as unknown as Internals;
    const output = this.#output;
    let at = 0;
    let left = segment.length;
    while (!this.#isBroken) {
      try {
        handle.writeSync(this.#flush, segment, at, left, output, 0, output.length);
      } catch {
        // A stream that broke before is closed.
        this.#isBroken = true;
      }
      if (this.#isBroken) break;
      const [outputLeft, inputLeft] = state;
      if (outputLeft < output.length) visit(output.subarray(0, output.length - outputLeft));
      const taken = left - inputLeft;
      at += taken;
      left = inputLeft;
      if (outputLeft > 0) return left === 0 || taken > 0;
    }
    return false;
  }

  close(): void {
    (this.#stream as unknown as { close(): void }).close();
  }
}

const WAYS: { readonly [encoding: string]: (bytes: Uint8Array) => Buffer } = {
  gzip: (bytes) => zlib.gunzipSync(bytes, { maxOutputLength: WHOLE_MAX_BYTES }),
  "x-gzip": (bytes) => zlib.gunzipSync(bytes, { maxOutputLength: WHOLE_MAX_BYTES }),
  deflate: (bytes) => zlib.inflateSync(bytes, { maxOutputLength: WHOLE_MAX_BYTES }),
  br: (bytes) => zlib.brotliDecompressSync(bytes, { maxOutputLength: WHOLE_MAX_BYTES }),
  zstd: (bytes) => zlib.zstdDecompressSync(bytes, { maxOutputLength: WHOLE_MAX_BYTES }),
};

/** A whole body without its encoding; undefined when that is unknown or broken. */
export function inflated(bytes: Buffer, encoding: string): Buffer | undefined {
  if (encoding === "" || encoding === "identity") return bytes;
  try {
    return WAYS[encoding]?.(bytes);
  } catch {
    return undefined;
  }
}
