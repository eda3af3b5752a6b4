// A ring carries frames from one thread that must never wait to one that may be late.
//
//   control, i32 each:
//     [0] written   8-byte words ever written      ──┐ differences of the two, modulo 2^32,
//     [1] read      8-byte words ever read         ──┘ say how full the ring is
//     [2] lost      frames that found no room
//     [3] closed    1 once the writer will write no more
//     [4] base      the word count that lies at the beginning of the data. Whenever everything has
//                   been read, the writer begins there again, so that a large ring costs only as
//                   much memory as its reader has ever been behind.
//   data, a power of two in bytes; a frame never wraps, a PAD frame fills the rest of the lap:
//
//     ┌─────────────┬───────────────────┬──────────┬────────────────┬─────────┐
//     │ bytes  u32  │ kind u8, slot u24 │ stampNs  │ payload        │ padding │
//     │             │                   │ f64      │ `bytes` long   │ to 8    │
//     └─────────────┴───────────────────┴──────────┴────────────────┴─────────┘
//
// One writer, one reader, no locks: the writer publishes `written` after the frame is whole, the
// reader publishes `read` after it has used it. A full ring loses the frame and counts the loss.

import { assert } from "#core";

export const CONTROL_BYTES = 64;
export const WRITTEN = 0;
export const READ = 1;
export const LOST = 2;
export const CLOSED = 3;
export const BASE = 4;

export const HEADER_BYTES = 16;
export const PAD = 0;
/** Slots fit in 24 bits. */
export const SLOTS_MAX = 2 ** 24;

/** Memory of a ring that holds `dataBytes` (a power of two, at least 4 KiB) of frames. */
export function createRing(dataBytes: number): SharedArrayBuffer {
  assert(Number.isInteger(Math.log2(dataBytes)) && dataBytes >= 4096, "a ring is a power of two");
  return new SharedArrayBuffer(CONTROL_BYTES + dataBytes);
}

/** The typed views that both ends share. */
export function viewsOf(memory: SharedArrayBuffer) {
  return {
    control: new Int32Array(memory, 0, CONTROL_BYTES / 4),
    words: new Uint32Array(memory, CONTROL_BYTES),
    stamps: new Float64Array(memory, CONTROL_BYTES),
    bytes: new Uint8Array(memory, CONTROL_BYTES),
    dataBytes: memory.byteLength - CONTROL_BYTES,
  };
}

/** 8-byte words that a frame with this payload takes. */
export function wordsOf(payloadBytes: number): number {
  return (HEADER_BYTES + payloadBytes + 7) >>> 3;
}
