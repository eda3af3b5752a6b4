// What flags ask of each other. A rule is a row: when it is broken, what is said, and the way out.

import { fail } from "#core";
import type { FlagValues, ReadFlags } from "./values.ts";

type Name = keyof FlagValues;

/** What a rule looks at: the values, whether a flag was given, and the name that was typed. */
interface Case {
  readonly values: FlagValues;
  readonly has: (name: Name | "--input-file") => boolean;
  readonly name: (name: Name) => string;
}

interface Rule {
  readonly isBroken: (flags: Case) => boolean;
  readonly what: (flags: Case) => string;
  readonly wayOut: string;
}

/** A flag that means nothing without another one. */
function needs(name: Name, other: Name, why: string): Rule {
  return {
    isBroken: ({ has }) => has(name) && !has(other),
    what: (flags) => `${flags.name(name)} ${why}`,
    wayOut: `add ${other}, or leave it out`,
  };
}

/** Two flags of which each decides what the other one does. */
function excludes(name: Name, other: Name, why: string): Rule {
  return {
    isBroken: ({ has }) => has(name) && has(other),
    what: (flags) => `${flags.name(name)} and ${flags.name(other)} ${why}`,
    wayOut: "keep one of them",
  };
}

const isOver = (part: number | undefined, whole: number | undefined) =>
  part !== undefined && whole !== undefined && part > whole;

/** Whether something other than a reply decides when the next request is sent. */
const hasPace = ({ has }: Case) =>
  has("--request-rate") ||
  has("--request-rate-series") ||
  has("--user-centric-rate") ||
  has("--fixed-schedule");

const hasRate = ({ has }: Case) => has("--request-rate") || has("--request-rate-series");

/** The concurrency of a phase without any other limit is 1. */
const concurrencyOf = (flags: Case) =>
  flags.values["--concurrency"] ?? (hasPace(flags) ? undefined : 1);

const RULES: readonly Rule[] = [
  // --- what decides when a request is sent ---
  excludes("--fixed-schedule", "--no-fixed-schedule", "contradict each other"),
  excludes("--request-rate", "--request-rate-series", "both say how fast to send"),
  excludes("--request-rate-series", "--user-centric-rate", "both say how fast to send"),
  excludes("--fixed-schedule", "--request-rate", "both say when to send"),
  excludes("--fixed-schedule", "--request-rate-series", "both say when to send"),
  excludes("--fixed-schedule", "--user-centric-rate", "both say when to send"),

  // --- arrivals ---
  {
    isBroken: ({ values, has }) =>
      has("--arrival-smoothness") &&
      has("--arrival-pattern") &&
      values["--arrival-pattern"] !== "gamma",
    what: ({ name, values }) =>
      `${name("--arrival-smoothness")} shapes gamma arrivals, but ${name("--arrival-pattern")} is ${values["--arrival-pattern"]}`,
    wayOut: "choose gamma, or leave the smoothness out",
  },
  {
    // Users have no rate that could grow, which is said in the results.
    isBroken: (flags) =>
      flags.has("--request-rate-ramp-duration") &&
      !hasRate(flags) &&
      !flags.has("--warmup-request-rate") &&
      !flags.has("--user-centric-rate"),
    what: ({ name }) => `${name("--request-rate-ramp-duration")} has no rate to grow`,
    wayOut: "add --request-rate, or leave it out",
  },

  // --- limits on what is open ---
  {
    isBroken: ({ values, has }) => has("--prefill-concurrency") && !values["--streaming"],
    what: ({ name }) =>
      `${name("--prefill-concurrency")} waits for first tokens, which only a stream shows`,
    wayOut: "add --streaming, or leave it out",
  },
  {
    isBroken: (flags) => isOver(flags.values["--prefill-concurrency"], concurrencyOf(flags)),
    what: (flags) =>
      `${flags.name("--prefill-concurrency")} ${flags.values["--prefill-concurrency"]} is more than the concurrency, ${concurrencyOf(flags)}`,
    wayOut: "raise --concurrency, or lower it",
  },
  {
    isBroken: (flags) =>
      flags.has("--concurrency-ramp-duration") && concurrencyOf(flags) === undefined,
    what: ({ name }) => `${name("--concurrency-ramp-duration")} has no concurrency to grow`,
    wayOut: "add --concurrency, or leave it out",
  },
  needs("--prefill-concurrency-ramp-duration", "--prefill-concurrency", "has nothing to grow"),

  // --- when it ends ---
  needs("--benchmark-grace-period", "--benchmark-duration", "has no duration to follow"),

  // --- warm-up ---
  needs("--warmup-grace-period", "--warmup-duration", "has no duration to follow"),
  {
    isBroken: ({ has }) =>
      has("--warmup-request-rate-ramp-duration") &&
      !has("--warmup-request-rate") &&
      !has("--request-rate"),
    what: ({ name }) => `${name("--warmup-request-rate-ramp-duration")} has no rate to grow`,
    wayOut: "add --warmup-request-rate, or leave it out",
  },
  {
    isBroken: ({ values, has }) => has("--warmup-prefill-concurrency") && !values["--streaming"],
    what: ({ name }) =>
      `${name("--warmup-prefill-concurrency")} waits for first tokens, which only a stream shows`,
    wayOut: "add --streaming, or leave it out",
  },
  {
    isBroken: ({ values }) =>
      isOver(
        values["--warmup-prefill-concurrency"],
        values["--warmup-concurrency"] ?? values["--concurrency"],
      ),
    what: ({ name, values }) =>
      `${name("--warmup-prefill-concurrency")} ${values["--warmup-prefill-concurrency"]} is more than the warm-up's concurrency, ${values["--warmup-concurrency"] ?? values["--concurrency"]}`,
    wayOut: "raise --warmup-concurrency, or lower it",
  },

  // --- fixed schedule ---
  {
    isBroken: ({ has }) => has("--fixed-schedule") && !has("--input-file"),
    what: ({ name }) => `${name("--fixed-schedule")} has no recorded times to replay`,
    wayOut: "add --input-file with a trace, or leave it out",
  },
  needs("--fixed-schedule-start-offset", "--fixed-schedule", "has no schedule to cut"),
  needs("--fixed-schedule-end-offset", "--fixed-schedule", "has no schedule to cut"),
  needs("--fixed-schedule-auto-offset", "--fixed-schedule", "has no schedule to move"),
  excludes(
    "--fixed-schedule-auto-offset",
    "--fixed-schedule-start-offset",
    "both say where the schedule begins",
  ),
  {
    isBroken: ({ values }) =>
      isOver(values["--fixed-schedule-start-offset"], values["--fixed-schedule-end-offset"]),
    what: ({ name, values }) =>
      `${name("--fixed-schedule-start-offset")} ${values["--fixed-schedule-start-offset"]} is after ${name("--fixed-schedule-end-offset")} ${values["--fixed-schedule-end-offset"]}`,
    wayOut: "swap them",
  },
  {
    isBroken: ({ values, has }) =>
      has("--fixed-schedule") && values["--dataset-sampling-strategy"] !== "sequential",
    what: ({ name, values }) =>
      `${name("--fixed-schedule")} keeps the order of the recording, but ${name("--dataset-sampling-strategy")} is ${values["--dataset-sampling-strategy"]}`,
    wayOut: "leave one of them out",
  },

  // --- users ---
  ...(["--input-file", "--public-dataset"] as const).map((source) =>
    excludes("--user-centric-rate", source, "do not go together: users have made-up sessions"),
  ),
  needs("--user-centric-rate", "--num-users", "does not say of how many users"),
  needs("--num-users", "--user-centric-rate", "does not say how fast the users are"),
  {
    isBroken: ({ values, has }) =>
      has("--user-centric-rate") && values["--conversation-turn-mean"] < 2,
    what: ({ name }) =>
      `${name("--user-centric-rate")} paces the turns of sessions, which have only one`,
    wayOut: "add --session-turns-mean with 2 or more",
  },
  {
    isBroken: ({ values }) => isOver(values["--num-users"], values["--conversation-num"]),
    what: ({ name, values }) =>
      `${name("--num-users")} ${values["--num-users"]} is more than ${name("--conversation-num")} ${values["--conversation-num"]}: each user needs a session`,
    wayOut: "raise --num-sessions, or lower --num-users",
  },
  {
    isBroken: ({ values }) => isOver(values["--num-users"], values["--request-count"]),
    what: ({ name, values }) =>
      `${name("--num-users")} ${values["--num-users"]} is more than ${name("--request-count")} ${values["--request-count"]}: each user needs a request`,
    wayOut: "raise --request-count, or lower --num-users",
  },

  // --- the endpoint ---
  {
    isBroken: ({ values }) =>
      values["--endpoint-type"] === "responses" &&
      values["--extra-inputs"].store === true &&
      !values["--use-server-token-count"],
    what: ({ name }) =>
      `${name("--extra-inputs")} store:true has the server keep what was said, which is then not at hand to be counted`,
    wayOut: "add --use-server-token-count, or leave store out",
  },
  {
    isBroken: ({ values, has }) =>
      has("--per-chunk-usage") &&
      !(
        values["--endpoint-type"] === "chat" &&
        values["--streaming"] &&
        values["--use-server-token-count"]
      ),
    what: ({ name }) =>
      `${name("--per-chunk-usage")} is for streamed chats whose tokens the server counts`,
    wayOut: "add --streaming and --use-server-token-count, or leave it out",
  },
  {
    isBroken: ({ values, has }) =>
      has("--apply-chat-template") && values["--use-server-token-count"],
    what: ({ name }) =>
      `${name("--apply-chat-template")} counts tokens here, and --use-server-token-count has the server do it`,
    wayOut: "keep one of them",
  },
  {
    isBroken: ({ values, has }) =>
      has("--download-video-content") && values["--endpoint-type"] !== "video-generation",
    what: ({ name, values }) =>
      `${name("--download-video-content")} has nothing to fetch with --endpoint-type ${values["--endpoint-type"]}`,
    wayOut: "leave it out",
  },
  {
    isBroken: ({ values, has }) =>
      has("--uuid-and-strip") &&
      !(
        values["--endpoint-type"] === "chat" &&
        has("--input-file") &&
        [undefined, "single-turn"].includes(values["--custom-dataset-type"])
      ),
    what: ({ name }) =>
      `${name("--uuid-and-strip")} is for chats from a file of single turns, whose rows name their images`,
    wayOut: "give --endpoint-type chat and such an --input-file, or leave it out",
  },
  needs("--reset-kv-cache-timeout-seconds", "--reset-kv-cache", "has nothing to wait for"),
  needs("--reset-kv-cache-path", "--reset-kv-cache", "has no use"),
  needs("--server-profiler-timeout-seconds", "--server-profiler", "has nothing to wait for"),
  needs("--server-profiler-start-path", "--server-profiler", "has no use"),
  needs("--server-profiler-stop-path", "--server-profiler", "has no use"),

  // --- the way to the server ---
  excludes(
    "--network-latency-automatic",
    "--network-latency-mean",
    "both say how long the way to the server is",
  ),
  needs("--network-latency-ping-interval", "--network-latency-automatic", "has nothing to repeat"),

  // --- the rest ---
  needs("--request-cancellation-delay", "--request-cancellation-rate", "has nothing to delay"),
  needs("--conversation-turn-stddev", "--conversation-turn-mean", "has no mean to spread around"),
  needs(
    "--conversation-turn-delay-stddev",
    "--conversation-turn-delay-mean",
    "has no mean to spread around",
  ),
  {
    isBroken: ({ values, has }) =>
      (has("--wait-for-model-mode") || has("--wait-for-model-interval")) &&
      values["--wait-for-model-timeout"] === 0,
    what: ({ name, has }) =>
      `${name(has("--wait-for-model-mode") ? "--wait-for-model-mode" : "--wait-for-model-interval")} says how to wait, but nothing waits`,
    wayOut: "add --wait-for-model-timeout, or leave it out",
  },
];

/** Refuses flags that do not go together. */
export function checkRules({ values, given }: ReadFlags): void {
  const flags: Case = {
    values,
    has: (name) => given.has(name),
    name: (name) => given.get(name) ?? name,
  };
  const broken = RULES.find((rule) => rule.isBroken(flags));
  if (broken !== undefined) fail("E_FLAG_CONFLICT", broken.what(flags), broken.wayOut);
}
