// How much error is too much. Limits are shares of what was measured, with a floor below which an
// error is noise; each can be set from the environment.

import { fail } from "#core";

export interface Limits {
  readonly heldPct: number;
  readonly ratePct: number;
  readonly errorPct: number;
  readonly noiseMs: number;
  readonly refillMs: number;
  readonly stallPct: number;
  readonly stallMs: number;
  readonly burstPct: number;
  readonly burstMs: number;
}

interface LimitRow {
  readonly key: keyof Limits;
  readonly env: `AIPERF_AUDIT_${string}`;
  readonly default: number;
  readonly help: string;
}

export const LIMITS: readonly LimitRow[] = [
  {
    key: "heldPct",
    env: "AIPERF_AUDIT_HELD_PCT",
    default: 99,
    help: "least share of the concurrency asked for, in the steady part",
  },
  {
    key: "ratePct",
    env: "AIPERF_AUDIT_RATE_PCT",
    default: 99,
    help: "least share of the requests that were due, and of the rate asked for",
  },
  {
    key: "errorPct",
    env: "AIPERF_AUDIT_ERROR_PCT",
    default: 2,
    help: "most of a p99 that may be the generator's own delay",
  },
  {
    key: "noiseMs",
    env: "AIPERF_AUDIT_NOISE_MS",
    default: 1,
    help: "delays up to this are no reason, however fast the server is",
  },
  {
    key: "refillMs",
    env: "AIPERF_AUDIT_REFILL_MS",
    default: 0.25,
    help: "a slot that is empty for less between two requests is not the generator's to mend",
  },
  {
    key: "stallPct",
    env: "AIPERF_AUDIT_STALL_PCT",
    default: 10,
    help: "most of a maximum that may be one stall of the generator",
  },
  {
    key: "stallMs",
    env: "AIPERF_AUDIT_STALL_MS",
    default: 50,
    help: "stalls up to this are no reason",
  },
  {
    key: "burstPct",
    env: "AIPERF_AUDIT_BURST_PCT",
    default: 5,
    help: "most of the run that may pass until every slot has sent",
  },
  {
    key: "burstMs",
    env: "AIPERF_AUDIT_BURST_MS",
    default: 100,
    help: "a start up to this is at once",
  },
];

/**
 * The limits that hold in an environment.
 * @throws E_AUDIT_LIMIT for a value that is no number of at least 0
 */
export function limitsFrom(env: { readonly [name: string]: string | undefined }): Limits {
  const entries = LIMITS.map(({ key, env: name, default: usual }) => {
    const text = env[name];
    if (text === undefined || text.trim() === "") return [key, usual];
    const value = Number(text);
    if (value >= 0) return [key, value];
    return fail("E_AUDIT_LIMIT", `${name} is ${JSON.stringify(text)}`, "give a number, 0 or more");
  });
  return Object.fromEntries(entries) as Limits;
}
