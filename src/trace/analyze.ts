// What a trace asks of a prefix cache, by AIPerf's definitions: how long prompts and replies are,
// how much of a prompt others share, and how much a cache that forgets nothing would have held.

import { numberPairs } from "./pairs.ts";
import type { Trace } from "./trace.ts";

/** Statistics of one quantity; the deviation is the population's, percentiles are interpolated. */
export interface Stats {
  readonly mean: number;
  readonly std_dev: number;
  readonly min: number;
  readonly p25: number;
  readonly median: number;
  readonly p75: number;
  readonly max: number;
}

/** The report under AIPerf's keys. */
export interface TraceReport {
  readonly total_requests: number;
  readonly unique_prefixes: number;
  readonly num_prefix_groups: number;
  readonly cache_hit_rate: number;
  readonly min_isl: number;
  readonly max_isl: number;
  readonly avg_isl: number;
  readonly min_osl: number;
  readonly max_osl: number;
  readonly avg_osl: number;
  readonly prefix_reuse_ratio: number;
  readonly isl_stats: Stats;
  readonly osl_stats: Stats;
  readonly context_length_stats: Stats;
  readonly unique_prompt_length_stats: Stats;
  readonly hit_rate_stats: Stats;
}

/**
 * Analyses a trace.
 * @param blockTokens tokens of one block
 */
export function analyzeTrace(trace: Trace, blockTokens: number): TraceReport {
  const prefixes = countPrefixes(trace);
  const context = contextTokens(trace, blockTokens);
  const hitRates = hitRatesOf(trace);
  const isl = statsOf(trace.inputTokens);
  const osl = statsOf(trace.outputTokens.filter((tokens) => !Number.isNaN(tokens)));
  const hits = statsOf(hitRates);
  return {
    total_requests: trace.inputTokens.length,
    unique_prefixes: prefixes.unique,
    num_prefix_groups: prefixes.groups,
    cache_hit_rate: hits.mean,
    min_isl: isl.min,
    max_isl: isl.max,
    avg_isl: isl.mean,
    min_osl: osl.min,
    max_osl: osl.max,
    avg_osl: osl.mean,
    prefix_reuse_ratio: prefixes.reuseRatio,
    isl_stats: isl,
    osl_stats: osl,
    context_length_stats: statsOf(context),
    unique_prompt_length_stats: statsOf(trace.inputTokens.map((input, i) => input - context[i]!)),
    hit_rate_stats: hits,
  };
}

/** Walks every row down a tree of prefixes, counting how often each node is passed. */
function countPrefixes({ starts, blocks, blockCount }: Trace) {
  const nodes = numberPairs(blockCount);
  const passed = new Uint32Array(blocks.length);
  const firsts = new Uint32Array(blockCount);
  for (let row = 0; row + 1 < starts.length; row++) {
    let node = 0;
    for (let at = starts[row]!; at < starts[row + 1]!; at++) {
      const block = blocks[at]!;
      if (at === starts[row]) firsts[block]!++;
      const child = nodes.numberOf(node, block);
      passed[child]!++;
      node = child + 1;
    }
  }
  const counts = passed.subarray(0, nodes.size());
  const reused = counts.reduce((sum, count) => sum + (count > 1 ? count : 0), 0);
  return {
    unique: nodes.size(),
    groups: firsts.reduce((sum, count) => sum + (count > 1 ? 1 : 0), 0),
    reuseRatio: blocks.length === 0 ? 0 : reused / blocks.length,
  };
}

/** Tokens of each prompt that some other row has at the same place. */
function contextTokens(trace: Trace, blockTokens: number): Float64Array {
  const { starts, blocks, inputTokens } = trace;
  const places = numberPairs(trace.blockCount);
  const placeOf = new Uint32Array(blocks.length);
  const counts = new Uint32Array(blocks.length);
  for (let row = 0; row + 1 < starts.length; row++) {
    const start = starts[row]!;
    for (let at = start; at < starts[row + 1]!; at++) {
      placeOf[at] = places.numberOf(at - start, blocks[at]!);
      counts[placeOf[at]!]!++;
    }
  }
  return inputTokens.map((input, row) => {
    const [start, end] = [starts[row]!, starts[row + 1]!];
    let repeated = 0;
    for (let at = start; at < end; at++) if (counts[placeOf[at]!]! > 1) repeated++;
    return repeated > 0 && repeated === end - start ? input : repeated * blockTokens;
  });
}

/** Of each row with blocks, the share of its leading blocks that came before. */
function hitRatesOf({ starts, blocks, blockCount }: Trace): Float64Array {
  const seen = new Uint8Array(blockCount);
  const rates: number[] = [];
  for (let row = 0; row + 1 < starts.length; row++) {
    const [start, end] = [starts[row]!, starts[row + 1]!];
    if (start === end) continue;
    let fresh = start;
    while (fresh < end && seen[blocks[fresh]!] === 1) fresh++;
    rates.push((fresh - start) / (end - start));
    for (let at = fresh; at < end; at++) seen[blocks[at]!] = 1;
  }
  return Float64Array.from(rates);
}

/** Statistics of some values; all 0 when there are none. */
export function statsOf(values: Float64Array): Stats {
  const sorted = values.toSorted();
  const count = sorted.length;
  if (count === 0) return { mean: 0, std_dev: 0, min: 0, p25: 0, median: 0, p75: 0, max: 0 };
  const mean = sorted.reduce((sum, value) => sum + value, 0) / count;
  const square = sorted.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count;
  const quantile = (share: number): number => {
    const rank = share * (count - 1);
    const below = Math.floor(rank);
    const low = sorted[below]!;
    return low + (rank - below) * ((sorted[below + 1] ?? low) - low);
  };
  return {
    mean,
    std_dev: Math.sqrt(square),
    min: sorted[0]!,
    p25: quantile(0.25),
    median: quantile(0.5),
    p75: quantile(0.75),
    max: sorted[count - 1]!,
  };
}
