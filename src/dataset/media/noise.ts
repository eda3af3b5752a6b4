// Random bytes by the megabyte: a small generator seeded from a stream, four bytes a step.

import type { Rng } from "#core";

/** So many bytes, all values alike likely. Draws once from the stream, whatever the number. */
export function noiseBytes(rng: Rng, bytes: number): Uint8Array {
  const words = new Uint32Array(Math.ceil(bytes / 4));
  // xorshift32 by George Marsaglia: any state but 0.
  let state = (Math.floor(rng() * 0xffffffff) + 1) | 0 || 1;
  for (let i = 0; i < words.length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[i] = state;
  }
  return new Uint8Array(words.buffer, 0, bytes);
}
