// The latencies of a run as HdrHistograms, in the encoding in which its tools exchange them: a
// reader can merge runs, or ask for percentiles that nobody wrote down. Good to three digits.

import { Histogram } from "#ffi";
import type { PhaseData } from "./collector.ts";
import { flatten } from "./column.ts";
import type { MetricRow } from "./row.ts";
import { columnsOf, present, tablesOf } from "./tables.ts";

/** One metric's histogram. */
export interface HdrHistogram {
  readonly tag: string;
  /** Of the values in it. */
  readonly unit: "ns";
  readonly count: number;
  /** Base64 of HdrHistogram's V2 compressed encoding. */
  readonly encoded: string;
}

const DIGITS = 3;

/** The histograms of the latencies that the main tables show, and of the gaps between chunks. */
export function hdrOf(
  rows: readonly MetricRow[],
  phases: readonly PhaseData[],
): readonly HdrHistogram[] {
  return rows.flatMap((row) => {
    if (row.unit !== "ns" || row.hidden !== undefined) return [];
    if (row.kind === "record" && row.group === "default")
      return encodedOf(row.tag, [present(columnsOf(row, phases))]);
    if (row.kind === "list") {
      const pools = tablesOf(row.scope, phases).flatMap((table) => table.pools[row.tag] ?? []);
      return encodedOf(
        row.tag,
        pools.map((pool) => flatten([pool.values])),
      );
    }
    return [];
  });
}

function encodedOf(tag: string, samples: readonly Float64Array[]): readonly HdrHistogram[] {
  const highest = samples.reduce((most, values) => Math.max(most, greatest(values)), 0);
  if (highest === 0) return [];
  const histogram = Histogram.create({
    lowest: 1,
    highest: Math.max(2, Math.ceil(highest)),
    digits: DIGITS,
  });
  for (const values of samples) histogram.recordAll(values);
  return [{ tag, unit: "ns", count: histogram.count, encoded: histogram.encode() }];
}

function greatest(values: Float64Array): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) if (values[i]! > most) most = values[i]!;
  return most;
}
