// How much of a trace a cache of limited size or of limited memory for time would have held: what
// a KV cache is sized by. One pass answers for every size, by the stack distance of each block
// (Mattson and others, "Evaluation techniques for storage hierarchies", 1970).

import type { Trace } from "./trace.ts";

/** A cache's limit and the hit rate that it leads to, meaned over the requests that have blocks. */
export interface HitPoint {
  /** Blocks, or seconds. */
  readonly limit: number;
  readonly hitRate: number;
}

const TTLS_S = [1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600];

/**
 * Hit rates of caches that drop the block used longest ago, for sizes that double.
 *
 * A request looks up all its blocks, and a block counts only when all before it are held, as
 * servers do it. Then it uses them from the last to the first: a prefix outlives what follows it.
 */
export function hitRatesBySize(trace: Trace): readonly HitPoint[] {
  const { starts, blocks, blockCount } = trace;
  const stack = stackOf(blocks.length);
  const lastUse = new Int32Array(blockCount).fill(-1);
  /** Weight of the hits that need a cache of more than so many blocks. */
  const weights = new Float64Array(blockCount + 1);
  let clock = 0;
  let live = 0;
  let rows = 0;
  for (let row = 0; row + 1 < starts.length; row++) {
    const [start, end] = [starts[row]!, starts[row + 1]!];
    if (start === end) continue;
    rows++;
    let needed = 0;
    for (let at = start; at < end; at++) {
      const used = lastUse[blocks[at]!]!;
      if (used < 0) break;
      needed = Math.max(needed, live - stack.before(used + 1));
      weights[needed]! += 1 / (end - start);
    }
    for (let at = end - 1; at >= start; at--) {
      const used = lastUse[blocks[at]!]!;
      if (used < 0) live++;
      else stack.add(used, -1);
      stack.add(clock, 1);
      lastUse[blocks[at]!] = clock++;
    }
  }

  const points: HitPoint[] = [];
  let held = 0;
  let below = 0;
  for (let size = 64; rows > 0; size *= 2) {
    const limit = Math.min(size, blockCount);
    for (; below < limit; below++) held += weights[below]!;
    points.push({ limit, hitRate: held / rows });
    if (limit === blockCount) break;
  }
  return points;
}

/** Hit rates of caches that drop a block when it has not been used for so long; none without times. */
export function hitRatesByTtl(trace: Trace): readonly HitPoint[] {
  const { starts, blocks, blockCount, timestampsMs } = trace;
  if (timestampsMs.length === 0 || timestampsMs.some(Number.isNaN)) return [];
  const lastMs = new Float64Array(blockCount).fill(Number.NEGATIVE_INFINITY);
  const weights = new Float64Array(TTLS_S.length);
  let rows = 0;
  for (let row = 0; row + 1 < starts.length; row++) {
    const [start, end] = [starts[row]!, starts[row + 1]!];
    if (start === end) continue;
    rows++;
    const nowMs = timestampsMs[row]!;
    let oldestMs = 0;
    for (let at = start; at < end; at++) {
      oldestMs = Math.max(oldestMs, nowMs - lastMs[blocks[at]!]!);
      const kept = TTLS_S.findIndex((ttlS) => oldestMs <= ttlS * 1000);
      if (kept < 0) break;
      weights[kept]! += 1 / (end - start);
    }
    for (let at = start; at < end; at++) lastMs[blocks[at]!] = nowMs;
  }
  let held = 0;
  return TTLS_S.map((limit, i) => ({
    limit,
    hitRate: rows === 0 ? 0 : (held += weights[i]!) / rows,
  }));
}

/** A Fenwick tree: sums over a row of counters, each change and each sum in log2 steps. */
function stackOf(places: number) {
  const tree = new Int32Array(places + 1);
  return {
    add(place: number, amount: number): void {
      for (let at = place + 1; at <= places; at += at & -at) tree[at]! += amount;
    },
    /** The sum of all counters before a place. */
    before(place: number): number {
      let sum = 0;
      for (let at = place; at > 0; at -= at & -at) sum += tree[at]!;
      return sum;
    },
  };
}
