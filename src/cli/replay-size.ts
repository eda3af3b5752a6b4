// How many requests a replay has is known once its file was read, which is after the plan was made.
// Whoever reads the configuration in the results finds it there, where other loads have their count.

import type { Json, Plan } from "#config";

/** The plan, with the number of turns in what its results repeat of each replay without a limit. */
export function withReplaySize(plan: Plan, turns: number): Plan {
  const { phases } = plan.inputConfig;
  if (!Array.isArray(phases)) return plan;
  const sized = phases.map((config: Json, index): Json => {
    const { load, requestCount, sessionCount } = plan.phases[index]!;
    const isWhole = requestCount === undefined && sessionCount === undefined;
    if (load.kind !== "schedule" || !isWhole || !isObject(config)) return config;
    const { name = "", kind = "", type = "", ...rest } = config;
    return { name, kind, type, requests: turns, ...rest };
  });
  return { ...plan, inputConfig: { ...plan.inputConfig, phases: sized } };
}

function isObject(json: Json): json is { readonly [key: string]: Json } {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}
