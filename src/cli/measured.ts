// What decides which figures a run has, taken from its plan.

import type { Plan } from "#config";
import type { MeasuredPlan } from "#metrics";

export function measuredOf({ endpoint, phases, slos, networkLatency }: Plan): MeasuredPlan {
  return {
    endpoint: {
      kind: endpoint.kind,
      streaming: endpoint.streaming,
      useServerTokenCount: endpoint.useServerTokenCount,
    },
    slos,
    replays: phases.some(({ kind, load }) => kind === "profiling" && load.kind === "schedule"),
    adjustsForNetwork: networkLatency !== undefined,
  };
}
