// Memory that JavaScript owns and C works in: made once, kept, and replaced by more when needed.

import { type Pointer, ptr } from "bun:ffi";

/** Memory that C reads and writes; it grows by being replaced. */
export class Block {
  bytes: Uint8Array;
  words: Uint32Array;
  at: Pointer;

  constructor(bytes: number) {
    // The buffer comes first: a small array that is asked for its buffer later moves.
    const buffer = new ArrayBuffer(Math.ceil(bytes / 8) * 8);
    this.bytes = new Uint8Array(buffer);
    this.words = new Uint32Array(buffer);
    this.at = ptr(buffer);
  }

  /** Makes room for so many bytes; what was there is lost when that takes a larger block. */
  reserve(bytes: number): void {
    if (bytes > this.bytes.length) Object.assign(this, new Block(bytes * 1.5));
  }
}
