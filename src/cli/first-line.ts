// The first line of a data file, before anything else is known of it. Only its beginning is read.

import { closeSync, openSync, readSync } from "node:fs";
import { constants, gunzipSync, zstdDecompressSync } from "node:zlib";

/** Enough for the first row of a trace, as it is and packed. */
const HEAD_BYTES = 4 * 2 ** 20;
const PACKED_BYTES = 256 * 1024;

/** Undefined for a folder, and for what cannot be read; whoever loads it says what is wrong. */
export function firstLine(path: string): string | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, "r");
    const bytes = Buffer.alloc(HEAD_BYTES);
    const text = unpacked(bytes.subarray(0, readSync(descriptor, bytes, 0, HEAD_BYTES, 0)));
    return text
      .toString("utf8")
      .split("\n")
      .find((line) => line.trim() !== "");
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** The beginning of what a packed file holds; it may be cut anywhere. */
function unpacked(head: Buffer): Buffer {
  const packed = head.subarray(0, PACKED_BYTES);
  if (head[0] === 0x1f && head[1] === 0x8b)
    return gunzipSync(packed, { finishFlush: constants.Z_SYNC_FLUSH });
  if (head.length >= 4 && head.readUInt32LE(0) === 0xfd2fb528)
    return zstdDecompressSync(packed, { finishFlush: constants.ZSTD_e_flush });
  return head;
}
