// The sending half of a ring. It copies and publishes; it never waits and never allocates.

import { assert } from "#core";
import {
  BASE,
  CLOSED,
  HEADER_BYTES,
  LOST,
  PAD,
  READ,
  SLOTS_MAX,
  viewsOf,
  WRITTEN,
  wordsOf,
} from "./layout.ts";

export interface RingWriter {
  /**
   * Opens a frame of at most `maxBytes` of payload that leaves `spareBytes` of the ring free. False
   * means that there is no room: the loss is counted, and `append` and `commit` must not follow.
   */
  begin(
    kind: number,
    slot: number,
    stampNs: number,
    maxBytes: number,
    spareBytes?: number,
  ): boolean;
  /** Adds `source[start, end)` to the open frame. */
  append(source: Uint8Array, start: number, end: number): void;
  /** Publishes the open frame with what was appended. */
  commit(): void;
  /** Says that no frame will follow. */
  close(): void;
  /** Share of the ring that waits to be read, 0 to 1. */
  fullness(): number;
  /** Largest payload that one frame may have. */
  readonly payloadMaxBytes: number;
}

export function ringWriter(memory: SharedArrayBuffer): RingWriter {
  const { control, words, stamps, bytes, dataBytes } = viewsOf(memory);
  const capacityWords = dataBytes >>> 3;
  /** Words written, a pad included. Others on this thread write frames, too: see native/wire.c. */
  let written = 0;
  let frameWord = 0;
  let frameKind = 0;
  let filled = 0;
  let limit = 0;

  const usedWords = () => (Atomics.load(control, WRITTEN) - Atomics.load(control, READ)) >>> 0;

  return {
    payloadMaxBytes: dataBytes / 4,

    begin(kind, slot, stampNs, maxBytes, spareBytes = 0) {
      assert(slot < SLOTS_MAX && kind > 0 && kind < 256, "a frame names a kind and a slot");
      assert(maxBytes <= dataBytes / 4, "a frame takes at most a quarter of the ring");
      const needed = wordsOf(maxBytes);
      const used = usedWords();
      written = Atomics.load(control, WRITTEN) >>> 0;
      let base = Atomics.load(control, BASE) >>> 0;
      if (used === 0 && base !== written) {
        // The reader looks at the base only after it has seen a frame that comes after it.
        base = written;
        Atomics.store(control, BASE, base | 0);
      }
      let at = ((written - base) >>> 0) % capacityWords;
      const restOfLap = capacityWords - at;
      const padWords = restOfLap < needed ? restOfLap : 0;
      const spareWords = (spareBytes + 7) >>> 3;
      if (used + padWords + needed + spareWords > capacityWords) {
        Atomics.add(control, LOST, 1);
        return false;
      }
      if (padWords > 0) {
        words[at * 2] = padWords * 8 - 8;
        words[at * 2 + 1] = PAD;
        written = (written + padWords) >>> 0;
        at = 0;
      }
      frameWord = at;
      frameKind = ((kind << 24) | slot) >>> 0;
      stamps[at + 1] = stampNs;
      filled = 0;
      limit = maxBytes;
      return true;
    },

    append(source, start, end) {
      assert(filled + (end - start) <= limit, "a frame keeps to the size it asked for");
      const at = frameWord * 8 + HEADER_BYTES + filled;
      if (end - start < 64) {
        for (let i = start, to = at; i < end; i++, to++) bytes[to] = source[i]!;
      } else if (start === 0 && end === source.length) {
        bytes.set(source, at);
      } else {
        bytes.set(source.subarray(start, end), at);
      }
      filled += end - start;
    },

    commit() {
      words[frameWord * 2] = filled;
      words[frameWord * 2 + 1] = frameKind;
      written = (written + wordsOf(filled)) >>> 0;
      Atomics.store(control, WRITTEN, written | 0);
    },

    close() {
      Atomics.store(control, CLOSED, 1);
    },

    fullness: () => usedWords() / capacityWords,
  };
}
