// Ratios of runs that took turns. On a busy machine single runs differ by more than programs do, so
// a change for the worse counts only when its best run is worse than the other's worst.

import type { Run } from "./measure.ts";

export interface Measure {
  readonly key: string;
  readonly header: string;
  readonly digits: number;
  readonly better: "less" | "more";
  readonly of: (run: Run) => number | undefined;
  /** A difference below this is none, in the measure's unit. */
  readonly grain: number;
}

export const MEASURES: readonly Measure[] = [
  { key: "cpu_s", header: "CPU s", digits: 2, better: "less", of: (r) => r.cpuS, grain: 0.05 },
  { key: "rss_mib", header: "RSS MiB", digits: 0, better: "less", of: (r) => r.rssMib, grain: 4 },
  {
    key: "requests_per_s",
    header: "requests/s",
    digits: 1,
    better: "more",
    of: (r) => r.requestsPerS,
    grain: 0.5,
  },
  {
    key: "error_ms",
    header: "error ms",
    digits: 3,
    better: "less",
    of: (r) => r.errorMs,
    grain: 0.2,
  },
  {
    key: "around_s",
    header: "around s",
    digits: 2,
    better: "less",
    of: (r) => r.aroundS,
    grain: 0.1,
  },
];

export interface Ratio {
  /** Of the medians, ours to theirs. */
  readonly ratio: number;
  /** Half the range of the ratios of runs that followed each other. */
  readonly spread: number;
  /** Our best run is worse than their worst one. */
  readonly worse: boolean;
}

/** Our runs beside those of another program, in the order in which they took turns. */
export function compare(
  measure: Measure,
  ours: readonly Run[],
  theirs: readonly Run[],
): Ratio | undefined {
  const [a, b] = [ours, theirs].map((runs) =>
    runs.map(measure.of).filter((value) => value !== undefined),
  ) as [number[], number[]];
  const pairs = Math.min(a.length, b.length);
  if (pairs === 0) return undefined;
  const ratios = Array.from({ length: pairs }, (_, i) => a[i]! / b[i]!);
  const sign = measure.better === "less" ? 1 : -1;
  const best = Math.min(...a.map((value) => sign * value));
  const worst = Math.max(...b.map((value) => sign * value));
  return {
    ratio: median(a) / median(b),
    spread: (Math.max(...ratios) - Math.min(...ratios)) / 2,
    worse: best > worst + measure.grain,
  };
}

/** The middle one, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
}
