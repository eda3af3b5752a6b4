// How the tokens of a reply came: each gap between chunks that took any time carries an equal share
// of all tokens but the first, at a rate that lasts as long as the gap.

import type { TimelineData } from "./timeline.ts";

/** Above so many gaps a reply's tokens are taken to come evenly. */
const GAPS_MAX = 1_000_000;

/** What happens at the chunks of all replies. */
export interface ChunkEvents {
  readonly timesNs: Float64Array;
  readonly rateChanges: Float64Array;
  readonly tokens: Float64Array;
  /** 1 for a request whose tokens come with its chunks. */
  readonly isChunked: Uint8Array;
}

/** The chunks of all replies; undefined when none are known, or too many to be worth it. */
export function chunkEvents(data: TimelineData): ChunkEvents | undefined {
  const { firstNs, outputTokens, gapsNs, gapCounts } = data;
  if (gapsNs.length === 0 || gapsNs.length > GAPS_MAX) return undefined;
  const size = gapsNs.length + firstNs.length;
  const events = {
    timesNs: new Float64Array(size),
    rateChanges: new Float64Array(size),
    tokens: new Float64Array(size),
    isChunked: new Uint8Array(firstNs.length),
  };
  let used = 0;
  let gap = 0;
  for (let request = 0; request < firstNs.length; request++) {
    const gapEnd = gap + (gapCounts[request] || 0);
    let real = 0;
    for (let i = gap; i < gapEnd; i++) if (gapsNs[i]! > 0) real++;
    const share = (outputTokens[request]! - 1) / real;
    if (real > 0 && share > 0) {
      events.isChunked[request] = 1;
      let at = firstNs[request]!;
      let rateNow = 0;
      const change = (rate: number, tokens: number): void => {
        events.timesNs[used] = at;
        events.rateChanges[used] = rate - rateNow;
        events.tokens[used++] = tokens;
        rateNow = rate;
      };
      let arrived = 0;
      for (let i = gap; i < gapEnd; i++) {
        if (gapsNs[i]! <= 0) continue;
        change(share / gapsNs[i]!, arrived);
        arrived = share;
        at += gapsNs[i]!;
      }
      change(0, arrived);
    }
    gap = gapEnd;
  }
  const cut = (array: Float64Array): Float64Array => array.subarray(0, used);
  return {
    timesNs: cut(events.timesNs),
    rateChanges: cut(events.rateChanges),
    tokens: cut(events.tokens),
    isChunked: events.isChunked,
  };
}
