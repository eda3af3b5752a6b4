// Snapshots of collectors that each had a part of the same requests, made what a single collector
// would have: what comes of them must not depend on how many threads a machine has.

import type { CollectorSnapshot, PhaseData, TableData } from "./collector.ts";
import { constantColumn } from "./column.ts";
import { Histogram } from "./histogram.ts";
import { POOL_VALUES_MAX, type PoolData, recordColumn } from "./pool.ts";

/**
 * Joins snapshots, given in the order of their requests. Of the figures, those of a pool that is too
 * large to be kept may differ in their last digits from a single collector's.
 */
export function joinSnapshots(
  snapshots: readonly CollectorSnapshot[],
  poolValuesMax = POOL_VALUES_MAX,
): CollectorSnapshot {
  const phases = snapshots.flatMap((snapshot) => snapshot.phases);
  const together = Map.groupBy(phases, ({ phaseIndex }) => phaseIndex);
  const ordered = [...together].sort(([a], [b]) => a - b);
  return { phases: ordered.flatMap(([, parts]) => withSamePools(parts, poolValuesMax)) };
}

/** The parts of a phase: where one of them would have folded a pool, all have. */
function withSamePools(parts: readonly PhaseData[], poolValuesMax: number): readonly PhaseData[] {
  const tooLarge = Object.keys(parts[0]!.ok.pools).filter((tag) => {
    const pools = parts.map(({ ok }) => ok.pools[tag]!);
    return (
      pools.some(({ histogram }) => histogram !== undefined) ||
      pools.reduce((sum, { values }) => sum + values.length, 0) > poolValuesMax
    );
  });
  return parts.map((part) => ({ ...part, ok: withFolded(part.ok, tooLarge) }));
}

function withFolded(table: TableData, tags: readonly string[]): TableData {
  const folded = tags.map((tag) => [tag, foldedPool(table.pools[tag]!)]);
  return { ...table, pools: { ...table.pools, ...Object.fromEntries(folded) } };
}

function foldedPool(pool: PoolData): PoolData {
  if (pool.histogram !== undefined) return pool;
  const histogram = new Histogram();
  recordColumn(histogram, pool.values);
  return { ...pool, values: constantColumn(0), histogram: histogram.data() };
}
