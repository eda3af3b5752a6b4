// What goes on at a moment of a run: how many requests are in which stage, at what rate tokens go
// in and come out.

/** Rates are in tokens per nanosecond. */
export interface Moment {
  requests: number;
  prefilling: number;
  decoding: number;
  prefillRate: number;
  /** By the gaps between chunks, where they are known. */
  decodeRate: number;
  /** As if each reply came evenly. */
  evenDecodeRate: number;
  tokens: number;
}

export function emptyMoment(): Moment {
  return {
    ...{ requests: 0, prefilling: 0, decoding: 0, tokens: 0 },
    ...{ prefillRate: 0, decodeRate: 0, evenDecodeRate: 0 },
  };
}

/** What adding and subtracting rates leaves behind, as a share of the peak. */
const RESIDUE = 1e-9;

/** Makes zero of what rounding has left of nothing. */
export function settle(now: Moment, peaks: Moment): void {
  if (now.prefillRate > peaks.prefillRate) peaks.prefillRate = now.prefillRate;
  else if (now.prefillRate < RESIDUE * peaks.prefillRate) now.prefillRate = 0;
  if (now.evenDecodeRate > peaks.evenDecodeRate) peaks.evenDecodeRate = now.evenDecodeRate;
  else if (now.evenDecodeRate < RESIDUE * peaks.evenDecodeRate) now.evenDecodeRate = 0;
  settleChunk(now, peaks);
}

/** The same for what chunks change. */
export function settleChunk(now: Moment, peaks: Moment): void {
  if (now.decodeRate > peaks.decodeRate) peaks.decodeRate = now.decodeRate;
  else if (now.decodeRate < RESIDUE * peaks.decodeRate) now.decodeRate = 0;
  if (now.tokens > peaks.tokens) peaks.tokens = now.tokens;
  else if (now.tokens < RESIDUE * peaks.tokens) now.tokens = 0;
}
