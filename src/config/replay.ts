// A trace whose type was named is replayed at its own times, as if that had been asked for: whoever
// names it wants what was recorded. One that was only recognised is not.

import { fail } from "#core";
import { TRACE_TYPES } from "./dataset-plan.ts";
import type { ProfileContext } from "./profile.ts";
import type { FlagValues, ReadFlags } from "./values.ts";

/** Flags that say when to send. */
const PACES: readonly (keyof FlagValues)[] = [
  "--request-rate",
  "--request-rate-series",
  "--user-centric-rate",
];

/**
 * The flags, with --fixed-schedule where the input file brings times and nothing forbids it.
 * @throws E_FLAG_CONFLICT where another flag says when to send
 */
export function withReplay(flags: ReadFlags, { firstLine }: ProfileContext): ReadFlags {
  const { values, given } = flags;
  const path = values["--input-file"];
  const type = values["--custom-dataset-type"];
  if (path === undefined || type === undefined || !TRACE_TYPES.includes(type)) return flags;
  if (values["--fixed-schedule"] || values["--no-fixed-schedule"]) return flags;
  if (values["--ignore-trace-delays"]) return flags;
  const row = firstLine?.(path);
  if (row === undefined || !(type === "burst-gpt-trace" || hasTimestamp(row))) return flags;

  const pace = PACES.find((name) => given.has(name));
  if (pace !== undefined) {
    const what = `${given.get(pace)} says when to send, and so do the times of the ${type}`;
    fail("E_FLAG_CONFLICT", what, "add --no-fixed-schedule, or leave it out");
  }
  const name = "--fixed-schedule";
  return {
    values: { ...values, [name]: true },
    given: new Map([...given, [name, name]]),
  };
}

function hasTimestamp(row: string): boolean {
  try {
    return (JSON.parse(row) as { readonly timestamp?: unknown }).timestamp != null;
  } catch {
    // Whoever loads the file says what is wrong with it.
    return false;
  }
}
