// The one table of flags: every flag of AIPerf 0.13 and our own, in the help's order. Those that
// this build cannot do yet are in it too, so that they are refused by name and not as unknown.

import { CONVERSATIONS } from "./conversations.ts";
import { ENDPOINT } from "./endpoint.ts";
import { INPUT, TOKENIZER } from "./input.ts";
import { LENGTHS, PREFIXES } from "./lengths.ts";
import { LOAD, WARMUP } from "./load.ts";
import { AUDIO, IMAGES, RANKINGS, VIDEO } from "./media.ts";
import { GOODPUT, OUTPUT } from "./output.ts";
import type { FlagGroup, FlagRow } from "./row.ts";
import { FIXED_SCHEDULE, SYNTHESIS, USERS } from "./schedule.ts";
import { ACCURACY, SERVICE, TELEMETRY } from "./service.ts";
import { RUNS, SEARCH } from "./study.ts";

const GROUPS_TYPED = [
  ENDPOINT,
  INPUT,
  TOKENIZER,
  LENGTHS,
  PREFIXES,
  CONVERSATIONS,
  LOAD,
  WARMUP,
  FIXED_SCHEDULE,
  USERS,
  OUTPUT,
  SERVICE,
  TELEMETRY,
  GOODPUT,
  SYNTHESIS,
  RANKINGS,
  AUDIO,
  IMAGES,
  VIDEO,
  ACCURACY,
  RUNS,
  SEARCH,
] as const;

/** Every row with its literal type. */
export type Flag = (typeof GROUPS_TYPED)[number]["rows"][number];
/** The rows that this build understands. */
export type SupportedFlag = Exclude<Flag, { readonly supported: false }>;

export const GROUPS: readonly FlagGroup[] = GROUPS_TYPED;
export const FLAGS: readonly FlagRow[] = GROUPS.flatMap((group) => group.rows);

/** A name on the command line leads to its row; `on` is false for the name that turns it off. */
export interface NamedFlag {
  readonly row: FlagRow;
  readonly on: boolean;
}

export const BY_NAME: ReadonlyMap<string, NamedFlag> = new Map(
  FLAGS.flatMap((row): [string, NamedFlag][] => {
    const on = row.names.map((name): [string, NamedFlag] => [name, { row, on: true }]);
    return row.offName === undefined ? on : [...on, [row.offName, { row, on: false }]];
  }),
);

/** All names of all flags, aliases and short ones included. */
export function knownFlagNames(): readonly string[] {
  return [...BY_NAME.keys()];
}
