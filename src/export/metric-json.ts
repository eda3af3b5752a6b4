// A metric as every JSON artifact writes it: its unit, then those statistics that it has.

import type { MetricResult, StatKey } from "#metrics";

const BEFORE = ["avg"] as const;
const AFTER = ["min", "max", "std", "count", "sum"] as const;

/** Metrics by their tags. */
export function metricsObject(metrics: readonly MetricResult[]): {
  readonly [tag: string]: object;
} {
  return Object.fromEntries(metrics.map((metric) => [metric.tag, metricObject(metric)]));
}

function metricObject({ unit, stats }: MetricResult): object {
  const percentiles = Object.keys(stats).filter((key) => /^p\d/.test(key)) as StatKey[];
  percentiles.sort((a, b) => Number(a.slice(1)) - Number(b.slice(1)));
  const known = [...BEFORE, ...percentiles, ...AFTER].filter((key) => Number.isFinite(stats[key]));
  return { unit, ...Object.fromEntries(known.map((key) => [key, stats[key]])) };
}
