// Whether requests kept the limits that were set, all together and each by itself: the one that fails
// most is the one to look at.

import { metricOf, type Summary } from "#metrics";
import { figure } from "./metric-table.ts";

/** Lines on the limits of a run; none without limits. */
export function goodputLines(summary: Summary): readonly string[] {
  const { slos, metrics } = summary;
  const goodput = metricOf(metrics, "goodput")?.stats.avg;
  if (slos.length === 0 || goodput === undefined || summary.okCount === 0) return [];
  const share = metricOf(metrics, "good_request_fraction")?.stats.avg ?? 0;
  const throughput = metricOf(metrics, "request_throughput")?.stats.avg ?? 0;
  const whole = `Goodput: ${figure(goodput)} of ${figure(throughput)} requests/sec`;
  const names = slos.map(({ header, unit, limit, largerIsBetter }) => {
    return `${header} ${largerIsBetter ? "≥" : "≤"} ${limit} ${unit}`;
  });
  const width = Math.max(...names.map((name) => Bun.stringWidth(name)));
  const all = ["", "the limit", "both limits"][slos.length] ?? `all ${slos.length} limits`;
  return [
    `${whole}; ${percent(share)} of requests kept ${all}`,
    ...slos.map(({ metCount, requestCount }, i) => {
      const name = names[i]! + " ".repeat(width - Bun.stringWidth(names[i]!));
      const counts = `${grouped(metCount)} of ${grouped(requestCount)}`;
      return `  ${name}  ${percent(metCount / Math.max(1, requestCount)).padStart(6)} (${counts})`;
    }),
  ];
}

/** Rounded down: 100 % means all. */
function percent(share: number): string {
  return `${(Math.floor(1000 * share) / 10).toFixed(1)}%`;
}

function grouped(count: number): string {
  return count.toLocaleString("en-US");
}
