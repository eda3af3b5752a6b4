// Limits that make a request good, and how the way to the server becomes known. Whether a limit is
// on something that requests have is not known here: the metrics say so before anything is sent.

import { fail, NS_PER_MS, secondsToNs } from "#core";
import { quoted } from "./complaint.ts";
import type { NetworkLatencyPlan, SloPlan } from "./plan.ts";
import type { FlagValues, ReadFlags } from "./values.ts";

/**
 * The limits of `--goodput "tag:value tag:value"`; of one given twice the last value holds.
 * @throws E_FLAG_VALUE
 */
export function slosOf({ values, given }: ReadFlags): readonly SloPlan[] {
  const name = given.get("--goodput") ?? "--goodput";
  const pairs = (values["--goodput"] ?? []).flatMap((item) => item.split(/\s+/)).filter(Boolean);
  return slosFrom(name, pairs);
}

/** The limits that pairs of a tag and a value spell. */
export function slosFrom(name: string, pairs: readonly string[]): readonly SloPlan[] {
  const limits = new Map<string, number>();
  for (const pair of pairs) {
    const [, tag = "", text = ""] = /^([a-z][a-z0-9_]*)[:=](.+)$/.exec(pair) ?? [];
    const limit = Number(text);
    if (tag === "" || text === "" || !Number.isFinite(limit) || limit < 0) {
      fail(
        "E_FLAG_VALUE",
        `${name} has ${quoted(pair)}`,
        "write limits as TAG:VALUE, such as 'time_to_first_token:370 request_latency:648'",
      );
    }
    limits.set(tag, limit);
  }
  return [...limits].map(([tag, limit]) => ({ tag, limit }));
}

/** How latencies are told without the network, if they are. */
export function networkLatencyOf(values: FlagValues): NetworkLatencyPlan | undefined {
  const mean = values["--network-latency-mean"];
  if (mean !== undefined) return { kind: "given", rttNs: mean * NS_PER_MS };
  if (!values["--network-latency-automatic"]) return undefined;
  return { kind: "measured", everyNs: secondsToNs(values["--network-latency-ping-interval"]) };
}
