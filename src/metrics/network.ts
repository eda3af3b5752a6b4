// Latencies without the way to the server: each less one round trip, where that was measured or
// given. Times between two tokens contain no round trip and have no such twin.

import { type MetricRow, rowsLike } from "./row.ts";

const adjusted = rowsLike({
  kind: "sample",
  unit: "ns",
  displayUnit: "ms",
  group: "default",
  of: (values, { networkRttNs }) =>
    networkRttNs === undefined
      ? undefined
      : values.map((value) => Math.max(0, value - networkRttNs)),
});

export const NETWORK: readonly MetricRow[] = [
  adjusted({
    tag: "network_adjusted_time_to_first_token",
    header: "Network-Adjusted Time to First Token",
    shortHeader: "TTFT less RTT",
    order: 101,
    needs: ["networkRtt", "streaming", "producesTokens"],
    from: "time_to_first_token",
  }),
  adjusted({
    tag: "network_adjusted_time_to_first_output_token",
    header: "Network-Adjusted Time to First Output Token",
    shortHeader: "TTFO less RTT",
    order: 211,
    needs: ["networkRtt", "streaming", "producesTokens"],
    from: "time_to_first_output_token",
  }),
  adjusted({
    tag: "network_adjusted_request_latency",
    header: "Network-Adjusted Request Latency",
    shortHeader: "Latency less RTT",
    order: 301,
    needs: ["networkRtt"],
    from: "request_latency",
  }),
  adjusted({
    tag: "network_rtt",
    header: "Network RTT",
    order: 305,
    needs: ["networkRtt"],
    from: "request_latency",
    of: (values, { networkRttNs }) =>
      networkRttNs === undefined ? undefined : values.fill(networkRttNs),
  }),
];
