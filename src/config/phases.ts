// The phases of a run: the one that is measured, and before it a warm-up when one is asked for.

import { secondsToNs } from "#core";
import type { CancellationPlan, Cap, LoadPlan, PhasePlan, RatePoint } from "./plan.ts";
import { rampedRate, rampedSeries } from "./rate.ts";
import type { FlagValues, ReadFlags } from "./values.ts";

const REQUESTS_DEFAULT = 10;

/** What was asked for, and a file's series of rates where one was named. */
export interface PhaseFlags extends ReadFlags {
  readonly series: readonly RatePoint[] | undefined;
}

/** The phases in order. */
export function phasesOf(flags: PhaseFlags): readonly PhasePlan[] {
  const profiling = profilingOf(flags);
  return hasWarmup(flags) ? [warmupOf(flags), profiling] : [profiling];
}

/** A warm-up is there when one of its limits is. */
export function hasWarmup({ given }: ReadFlags): boolean {
  return (
    given.has("--warmup-request-count") ||
    given.has("--num-warmup-sessions") ||
    given.has("--warmup-duration")
  );
}

function profilingOf(flags: PhaseFlags): PhasePlan {
  const { values } = flags;
  const durationS = values["--benchmark-duration"];
  const load = profilingLoad(flags);
  const sessionCount = values["--conversation-num"];
  const limited = sessionCount !== undefined || durationS !== undefined || load.kind === "schedule";
  return {
    name: "profiling",
    kind: "profiling",
    load,
    prefill: capOf(values["--prefill-concurrency"], values["--prefill-concurrency-ramp-duration"]),
    cancellation: cancellationOf(values),
    failedShareMax: values["--failed-request-threshold"],
    requestCount: values["--request-count"] ?? (limited ? undefined : requestsOf(load, values)),
    sessionCount,
    durationNs: durationS === undefined ? undefined : secondsToNs(durationS),
    graceNs:
      durationS === undefined
        ? Number.POSITIVE_INFINITY
        : secondsToNs(values["--benchmark-grace-period"]),
  };
}

/** Requests of a run that nothing else ends: users are each given as many as one session has. */
function requestsOf(load: LoadPlan, values: FlagValues): number {
  if (load.kind !== "users") return REQUESTS_DEFAULT;
  return Math.max(REQUESTS_DEFAULT, Math.ceil(load.users * values["--conversation-turn-mean"]));
}

function profilingLoad(flags: PhaseFlags): LoadPlan {
  const { values, given, series } = flags;
  const concurrency = capOf(values["--concurrency"], values["--concurrency-ramp-duration"]);
  const ratePerS = values["--request-rate"];
  const rampS = values["--request-rate-ramp-duration"];
  const usersPerS = values["--user-centric-rate"];
  if (given.has("--fixed-schedule")) return scheduleOf(flags, concurrency);
  if (usersPerS !== undefined)
    return { kind: "users", users: values["--num-users"] ?? 1, ratePerS: usersPerS, concurrency };
  if (series !== undefined || ratePerS !== undefined) {
    const rate = series === undefined ? rampedRate(ratePerS!, rampS) : rampedSeries(series, rampS);
    return { kind: "rate", arrival: arrivalOf(values), rate, concurrency };
  }
  return { kind: "concurrency", concurrency: concurrency ?? { limit: 1, rampNs: 0 } };
}

function scheduleOf({ values, given }: ReadFlags, concurrency: Cap | undefined): LoadPlan {
  const startMs = values["--fixed-schedule-start-offset"];
  const endMs = values["--fixed-schedule-end-offset"];
  const auto = given.has("--fixed-schedule-auto-offset")
    ? values["--fixed-schedule-auto-offset"]
    : startMs === undefined;
  const fromNs = secondsToNs((startMs ?? 0) / 1000);
  return {
    kind: "schedule",
    zeroNs: auto ? "first" : fromNs,
    fromNs,
    untilNs: endMs === undefined ? Number.POSITIVE_INFINITY : secondsToNs(endMs / 1000),
    concurrency,
  };
}

/** A warm-up takes over what it has no flag of its own for. */
function warmupOf({ values }: PhaseFlags): PhasePlan {
  const durationS = values["--warmup-duration"];
  const ratePerS = values["--warmup-request-rate"] ?? values["--request-rate"];
  const concurrency = capOf(
    values["--warmup-concurrency"] ?? values["--concurrency"],
    values["--warmup-concurrency-ramp-duration"] ?? values["--concurrency-ramp-duration"],
  );
  const rampS =
    values["--warmup-request-rate-ramp-duration"] ?? values["--request-rate-ramp-duration"];
  const load: LoadPlan =
    ratePerS === undefined
      ? { kind: "concurrency", concurrency: concurrency ?? { limit: 1, rampNs: 0 } }
      : {
          kind: "rate",
          arrival: arrivalOf(values, values["--warmup-arrival-pattern"]),
          rate: rampedRate(ratePerS, rampS),
          concurrency,
        };
  const prefill = capOf(
    values["--warmup-prefill-concurrency"] ?? values["--prefill-concurrency"],
    values["--warmup-prefill-concurrency-ramp-duration"] ??
      values["--prefill-concurrency-ramp-duration"],
  );
  return {
    name: "warmup",
    kind: "warmup",
    load,
    prefill,
    cancellation: undefined,
    failedShareMax: undefined,
    requestCount: values["--warmup-request-count"],
    sessionCount: values["--num-warmup-sessions"],
    durationNs: durationS === undefined ? undefined : secondsToNs(durationS),
    graceNs: secondsToNs(values["--warmup-grace-period"] ?? Number.POSITIVE_INFINITY),
  };
}

function capOf(limit: number | undefined, rampS: number | undefined): Cap | undefined {
  return limit === undefined ? undefined : { limit, rampNs: secondsToNs(rampS ?? 0) };
}

type Pattern = FlagValues["--arrival-pattern"];

/** A burst has no rate of its own: where there is one, it means poisson, as it does to AIPerf. */
function arrivalOf(
  values: FlagValues,
  own?: Pattern,
): Extract<LoadPlan, { kind: "rate" }>["arrival"] {
  const smoothness = values["--arrival-smoothness"];
  const pattern =
    own ?? values["--arrival-pattern"] ?? (smoothness === undefined ? "poisson" : "gamma");
  if (pattern === "gamma") return { kind: "gamma", smoothness: smoothness ?? 1 };
  return { kind: pattern === "constant" ? "constant" : "poisson" };
}

function cancellationOf(values: FlagValues): CancellationPlan | undefined {
  const percent = values["--request-cancellation-rate"];
  if (percent === undefined) return undefined;
  return { share: percent / 100, delayNs: secondsToNs(values["--request-cancellation-delay"]) };
}
