// Keeps when the pieces of each reply came and how long they were, where somebody wants to see them.
// A piece is what one look at a socket brought, without the framing that HTTP puts around it.

import { FRAME_BODY, FRAME_EVENTS, type Frame } from "#ring";

/** A piece of a reply's body. */
export interface Chunk {
  readonly stampNs: number;
  readonly bytes: number;
}

export interface ChunkKeeper {
  /** To be called with every frame of a ring, before anyone else looks at it. */
  take(frame: Frame): void;
  /** The pieces of the slot's reply, which has ended; forgets them. */
  release(slot: number): readonly Chunk[];
}

export function chunkKeeper(): ChunkKeeper {
  const slots: Chunk[][] = [];
  return {
    take({ kind, slot, stampNs, start, end }) {
      if (kind !== FRAME_EVENTS && kind !== FRAME_BODY) return;
      const chunks = (slots[slot] ??= []);
      const bytes = end - start;
      const last = chunks.at(-1);
      // A piece that is too large for a frame comes in several, all of one stamp.
      if (last?.stampNs === stampNs)
        chunks[chunks.length - 1] = { stampNs, bytes: last.bytes + bytes };
      else chunks.push({ stampNs, bytes });
    },
    release(slot) {
      const chunks = slots[slot] ?? [];
      slots[slot] = [];
      return chunks;
    },
  };
}
