// Replies that a server compresses although nobody asked for it. A stream is inflated segment by
// segment, so that what comes out has the stamp of the segment that brought it.

import zlib from "node:zlib";

const GZIP_MAGIC = [0x1f, 0x8b] as const;
const OUTPUT_BYTES = 64 * 2 ** 10;
/** A whole reply that would become larger than this is none. */
const WHOLE_MAX_BYTES = 64 * 2 ** 20;

/** Whether bytes begin as gzip does; neither JSON nor an event stream can. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === GZIP_MAGIC[0] && bytes[1] === GZIP_MAGIC[1];
}

/** The part of a gzip stream's native side that inflates at once, in the calling thread. */
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

/** Inflates one stream. */
export class Inflater {
  readonly #stream = zlib.createGunzip();
  readonly #output = Buffer.allocUnsafe(OUTPUT_BYTES);
  #isBroken = false;

  constructor() {
    // Node's own interface answers later; what lies beneath it answers at once.
    this.#stream.on("error", () => {
      this.#isBroken = true;
    });
  }

  /**
   * Visits what a segment inflates to, in pieces that are valid during the visit.
   * @returns false when it is not what a gzip stream goes on with
   */
  push(segment: Uint8Array, visit: (bytes: Buffer) => void): boolean {
    const { _handle: handle, _writeState: state } = this.#stream as unknown as Internals;
    const output = this.#output;
    let at = 0;
    let left = segment.length;
    while (!this.#isBroken) {
      try {
        const flush = zlib.constants.Z_SYNC_FLUSH;
        handle.writeSync(flush, segment, at, left, output, 0, output.length);
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
    this.#stream.close();
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
