// What a reader of the results should know about flags that mean less here than they say.

import { type EndpointKind, endpointFacts } from "./endpoint-kinds.ts";
import { hasWarmup } from "./phases.ts";
import type { FlagValues, ReadFlags } from "./values.ts";

type Name = keyof FlagValues;

/** Flags of a warm-up that do nothing without one. */
const WARMUP_DETAILS: readonly Name[] = [
  "--warmup-concurrency",
  "--warmup-prefill-concurrency",
  "--warmup-request-rate",
  "--warmup-arrival-pattern",
  "--warmup-concurrency-ramp-duration",
  "--warmup-prefill-concurrency-ramp-duration",
  "--warmup-request-rate-ramp-duration",
];

/** Endpoints whose servers fill a chat template in. */
export const TEMPLATED: ReadonlySet<EndpointKind> = new Set([
  "chat",
  "responses",
  "messages",
  "chat-embeddings",
  "raw",
]);

/** One line for each. */
export function notesOf(flags: ReadFlags): readonly string[] {
  const { values, given } = flags;
  const name = (flag: Name) => given.get(flag) ?? flag;
  const hasRate = given.has("--request-rate") || given.has("--request-rate-series");
  const notes: string[] = [];
  if (values["--tokenizer-trust-remote-code"])
    notes.push("--tokenizer-trust-remote-code has no effect: code from the hub is never run");
  const kind = values["--endpoint-type"];
  if (values["--streaming"] && !endpointFacts(kind).streams)
    notes.push(`--streaming is turned off: --endpoint-type ${kind} has no streamed replies`);
  if (given.has("--prompt-output-tokens-mean") && !endpointFacts(kind).producesTokens)
    notes.push(
      `${name("--prompt-output-tokens-mean")} has no effect: --endpoint-type ${kind} writes no text`,
    );
  if (values["--apply-chat-template"] && !TEMPLATED.has(kind))
    notes.push(`--apply-chat-template has no effect: --endpoint-type ${kind} has no chat template`);
  if (values["--ui-type"] === "dashboard") notes.push("--ui dashboard is shown as simple");

  if (hasRate && values["--arrival-pattern"] === "concurrency-burst")
    notes.push(
      `${name("--arrival-pattern")} concurrency-burst has no effect with a rate: arrivals are poisson`,
    );
  const shapesArrivals: readonly Name[] = ["--arrival-pattern", "--arrival-smoothness"];
  for (const flag of shapesArrivals) {
    const idle = !hasRate && values["--warmup-request-rate"] === undefined;
    if (given.has(flag) && idle && values[flag] !== "concurrency-burst")
      notes.push(`${name(flag)} has no effect without --request-rate`);
  }
  if (given.has("--request-rate-ramp-duration") && given.has("--user-centric-rate"))
    notes.push(
      `${name("--request-rate-ramp-duration")} has no effect with users: their pace is even`,
    );
  if (given.has("--request-rate") && given.has("--user-centric-rate") && !hasWarmup(flags))
    notes.push(
      `${name("--request-rate")} has no effect with users: ${name("--user-centric-rate")} says how fast they are`,
    );
  if (given.has("--user-centric-rate"))
    notes.push(
      "the users of the first moment have a part of their session behind them, which the server has not seen: they send its first turns, so early prompts are shorter than later ones",
    );
  for (const flag of WARMUP_DETAILS)
    if (given.has(flag) && !hasWarmup(flags))
      notes.push(
        `${name(flag)} has no effect: there is no warm-up without --warmup-request-count, --warmup-duration or --num-warmup-sessions`,
      );
  return notes;
}
