// Latency from the moment a request was due, beside latency from its sending: two lines more in the
// table, and worth them only when the generator was late enough to be seen.

import { type MetricResult, metricOf } from "#metrics";

const FROM_DUE = "_from_due";

/** A smaller difference would not show in most of the figures. */
const DIFFERENCE_PCT = 1;

/** True of a latency from the due time that differs from the one from the send by more than 1 %. */
export function tellsApart(metric: MetricResult, metrics: readonly MetricResult[]): boolean {
  if (!metric.tag.endsWith(FROM_DUE)) return false;
  const fromSend = metricOf(metrics, metric.tag.slice(0, -FROM_DUE.length));
  return (["avg", "p99"] as const).some((key) => {
    const late = metric.stats[key];
    const usual = fromSend?.stats[key];
    return (
      late !== undefined && usual !== undefined && late - usual > usual * (DIFFERENCE_PCT / 100)
    );
  });
}
