// The receiving half of a ring. Frames are handed out in place, so what a visitor wants to keep it
// must copy before it returns.

import {
  BASE,
  CLOSED,
  HEADER_BYTES,
  LOST,
  PAD,
  READ,
  viewsOf,
  WRITTEN,
  wordsOf,
} from "./layout.ts";

/** A frame where it lies: its payload is `bytes[start, end)`. Valid during one visit only. */
export interface Frame {
  kind: number;
  slot: number;
  stampNs: number;
  readonly bytes: Uint8Array;
  start: number;
  end: number;
}

export interface RingReader {
  /** Visits what has been written, at most `maxFrames`; returns how many there were. */
  drain(visit: (frame: Frame) => void, maxFrames: number): number;
  /** True once the writer has closed and everything was read. */
  finished(): boolean;
  /** Frames that found no room, so far. */
  lost(): number;
}

export function ringReader(memory: SharedArrayBuffer): RingReader {
  const { control, words, stamps, bytes, dataBytes } = viewsOf(memory);
  const capacityWords = dataBytes >>> 3;
  const frame: Frame = { kind: 0, slot: 0, stampNs: 0, bytes, start: 0, end: 0 };
  let read = Atomics.load(control, READ) >>> 0;

  return {
    drain(visit, maxFrames) {
      const written = Atomics.load(control, WRITTEN) >>> 0;
      const base = Atomics.load(control, BASE) >>> 0;
      let frames = 0;
      while (read !== written && frames < maxFrames) {
        const at = ((read - base) >>> 0) % capacityWords;
        const payloadBytes = words[at * 2]!;
        const kindAndSlot = words[at * 2 + 1]!;
        if (kindAndSlot >>> 24 === PAD) {
          read = (read + ((payloadBytes + 8) >>> 3)) >>> 0;
          continue;
        }
        frame.kind = kindAndSlot >>> 24;
        frame.slot = kindAndSlot & 0xffffff;
        frame.stampNs = stamps[at + 1]!;
        frame.start = at * 8 + HEADER_BYTES;
        frame.end = frame.start + payloadBytes;
        visit(frame);
        frames++;
        read = (read + wordsOf(payloadBytes)) >>> 0;
      }
      Atomics.store(control, READ, read | 0);
      return frames;
    },

    finished() {
      // Closed is read first: what was written before it is then visible.
      const closed = Atomics.load(control, CLOSED) === 1;
      return closed && read === Atomics.load(control, WRITTEN) >>> 0;
    },

    lost: () => Atomics.load(control, LOST),
  };
}
