// How well a recording's times were kept: each request's lateness against the schedule, less that
// of the most punctual one, because a schedule that is late as a whole is still the same schedule.

import { NS_PER_MS } from "#core";
import { type MetricRow, rowsLike } from "./row.ts";
import { percentile } from "./statistics.ts";

/** Beyond this the replay is another workload than the recording. */
const DEGRADED_NS = 500 * NS_PER_MS;

/** A percentile of the lateness; undefined without requests. */
function lateness(values: Float64Array, percent: number): number | undefined {
  if (values.length === 0) return undefined;
  values.sort();
  return percentile(values, percent) - values[0]!;
}

const lag = rowsLike({
  kind: "sample",
  from: "credit_to_start_latency",
  unit: "ns",
  displayUnit: "ms",
  group: "none",
  needs: ["schedule"],
});

export const REPLAY: readonly MetricRow[] = [
  lag({
    tag: "replay_sched_lag_p50",
    header: "Replay Schedule Lag P50",
    of: (values) => lateness(values, 50),
  }),
  lag({
    tag: "replay_sched_lag_p90",
    header: "Replay Schedule Lag P90",
    of: (values) => lateness(values, 90),
  }),
  lag({
    tag: "replay_sched_lag_p99",
    header: "Replay Schedule Lag P99",
    of: (values) => lateness(values, 99),
  }),
  {
    kind: "sample",
    from: "credit_to_start_latency",
    tag: "replay_sched_degraded",
    header: "Replay Schedule Degraded",
    unit: "count",
    group: "none",
    needs: ["schedule"],
    of: (values) => {
      const late = lateness(values, 99);
      return late === undefined ? undefined : Number(late > DEGRADED_NS);
    },
  },
];
