// The phases of a run in the shape and with the keys of AIPerf's `input_config`.

import { NS_PER_S } from "#core";
import type { Cap, Json, LoadPlan, PhasePlan } from "./plan.ts";
import type { FlagValues } from "./values.ts";

type Fields = { readonly [key: string]: Json | undefined };

/** One phase, with the load that a reader cannot do without even where it was left to a default. */
export function phaseConfig(phase: PhasePlan, values: FlagValues): { [key: string]: Json } {
  const { load, cancellation } = phase;
  const isWarmup = phase.kind === "warmup";
  const durationS = isWarmup ? values["--warmup-duration"] : values["--benchmark-duration"];
  const graceS = isWarmup ? values["--warmup-grace-period"] : values["--benchmark-grace-period"];
  const config = object({
    name: phase.name,
    kind: phase.kind,
    type: typeOf(load),
    exclude_from_results: isWarmup ? true : undefined,
    requests: phase.requestCount,
    duration: durationS,
    sessions: phase.sessionCount,
    concurrency: load.concurrency?.limit,
    concurrency_ramp: rampOf(load.concurrency),
    prefill_concurrency: phase.prefill?.limit,
    prefill_ramp: rampOf(phase.prefill),
    // JSON has no infinity, so it is spelled as on the command line.
    grace_period: durationS === undefined ? undefined : graceS === Infinity ? "inf" : graceS,
    cancellation:
      cancellation === undefined
        ? undefined
        : { rate: cancellation.share * 100, delay: cancellation.delayNs / NS_PER_S },
    failed_request_threshold: phase.failedShareMax,
    ...paceOf(phase, values),
  });
  return config ?? {};
}

/** AIPerf's name of a load: the law of its arrivals where it has one. */
function typeOf(load: LoadPlan): string {
  if (load.kind === "rate") return load.arrival.kind;
  if (load.kind === "schedule") return "fixed_schedule";
  return load.kind === "users" ? "user_centric" : load.kind;
}

function paceOf({ kind, load }: PhasePlan, values: FlagValues): Fields {
  if (load.kind === "users") return { rate: load.ratePerS, users: load.users };
  if (load.kind === "schedule")
    return {
      auto_offset: load.zeroNs === "first",
      start_offset: values["--fixed-schedule-start-offset"],
      end_offset: values["--fixed-schedule-end-offset"],
    };
  if (load.kind !== "rate") return {};
  const isSeries = kind === "profiling" && values["--request-rate-series"] !== undefined;
  const [, second] = load.rate;
  return {
    rate: isSeries ? undefined : load.rate.at(-1)!.perS,
    rate_ramp: isSeries || second === undefined ? undefined : { duration: second.atNs / NS_PER_S },
    rate_series: isSeries
      ? { points: load.rate.map(({ atNs, perS }) => ({ time_s: atNs / NS_PER_S, qps: perS })) }
      : undefined,
    smoothness: load.arrival.kind === "gamma" ? load.arrival.smoothness : undefined,
  };
}

function rampOf(cap: Cap | undefined): Json | undefined {
  return cap === undefined || cap.rampNs === 0 ? undefined : { duration: cap.rampNs / NS_PER_S };
}

/** The fields that are set, or undefined when none is. */
export function object(fields: Fields): { [key: string]: Json } | undefined {
  const set = Object.entries(fields).filter(
    (field): field is [string, Json] => field[1] !== undefined,
  );
  return set.length === 0 ? undefined : Object.fromEntries(set);
}
