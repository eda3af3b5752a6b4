// What a tokenizer is made from, known by its hash. A run whose tokenizer was prepared before needs
// no more of it than that, so the hash is taken piece by piece: the megabytes of a tokenizer.json
// then never lie in memory.

import { closeSync, openSync, readFileSync, readSync } from "node:fs";

/** A file's bytes, wherever they lie. */
export interface Content {
  /** Names the content: the same for the same bytes, with their number. */
  name(): string;
  read(): Uint8Array;
}

/** Pieces that a core's cache holds. */
const PIECE_BYTES = 256 * 1024;

/** Bytes that are at hand. */
export function contentOf(bytes: Uint8Array): Content {
  return { name: () => nameOf(bytes), read: () => bytes };
}

/** A file of the system's. Both functions throw what the system says of it. */
export function contentAt(path: string): Content {
  return { name: () => nameOfFile(path), read: () => readFileSync(path) };
}

/** A file that this program carries, which has no descriptor and is read whole. */
export function contentWithin(path: string): Content {
  return { name: () => nameOf(readFileSync(path)), read: () => readFileSync(path) };
}

/** The name of content that is at hand. */
export function nameOf(bytes: Uint8Array): string {
  let hash = 0n;
  for (let at = 0; at < bytes.length; at += PIECE_BYTES)
    hash = hashOn(hash, bytes.subarray(at, at + PIECE_BYTES));
  return written(hash, bytes.length);
}

function nameOfFile(path: string): string {
  const descriptor = openSync(path, "r");
  try {
    const piece = new Uint8Array(PIECE_BYTES);
    let hash = 0n;
    let length = 0;
    for (let filled = PIECE_BYTES; filled === PIECE_BYTES; length += filled) {
      filled = fill(descriptor, piece, length);
      if (filled > 0) hash = hashOn(hash, piece.subarray(0, filled));
    }
    return written(hash, length);
  } finally {
    closeSync(descriptor);
  }
}

/** Reads a whole piece, or what there is up to the file's end. */
function fill(descriptor: number, piece: Uint8Array, from: number): number {
  let filled = 0;
  while (filled < piece.length) {
    const read = readSync(descriptor, piece, filled, piece.length - filled, from + filled);
    if (read === 0) break;
    filled += read;
  }
  return filled;
}

/** A fast hash will do: nobody who could forge one needs it, what it finds is theirs already. */
function hashOn(hash: bigint, piece: Uint8Array): bigint {
  return Bun.hash.xxHash3(piece, hash);
}

function written(hash: bigint, length: number): string {
  return `${hash.toString(16).padStart(16, "0")}-${length}`;
}
