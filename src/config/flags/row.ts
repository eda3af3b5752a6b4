// A flag is a row: its names, what it takes, what it may be. The parser, the help and the tests
// read the rows, so that a flag is described once.

/** Sections of the help, in its order. */
export const SECTIONS = [
  "Endpoint",
  "Input",
  "Tokenizer",
  "Input and output lengths",
  "Prefixes and system prompts",
  "Conversations",
  "Load",
  "Warm-up",
  "Fixed schedule",
  "Users and cancellation",
  "Output",
  "Service and terminal",
  "Telemetry",
  "Goodput",
  "Trace synthesis",
  "Rankings",
  "Audio",
  "Images",
  "Video",
  "Accuracy",
  "Repeated runs and sweeps",
  "Search",
] as const;

export type Section = (typeof SECTIONS)[number];

/**
 * What a flag takes.
 * - `boolean`: nothing; being there means true
 * - `integer`, `number`, `text`, `path`, `choice`: one value
 * - `list`, `numbers`: values separated by commas, by spaces, or by repeating the flag
 * - `headers`: `Name: value` each, never split at a comma; or one JSON object
 * - `dict`: `key:value` each, separated as a list is; or one JSON object
 */
export type FlagKind =
  | "boolean"
  | "integer"
  | "number"
  | "text"
  | "path"
  | "choice"
  | "list"
  | "numbers"
  | "headers"
  | "dict";

export interface FlagRow {
  /** The canonical name first, then its aliases. */
  readonly names: readonly [string, ...string[]];
  /** The name that turns a boolean off, where there is one. */
  readonly offName?: string;
  readonly kind: FlagKind;
  /** AIPerf's release that brought it (0.5 or 0.13), or `own` when AIPerf has no such flag. */
  readonly since: "0.5" | "0.13" | "own";
  /** False for a flag that is known and refused by name. */
  readonly supported?: false;
  readonly required?: true;
  readonly default?: boolean | number | string | readonly (string | number)[];
  /** Said instead of the default where that depends on something. */
  readonly defaultNote?: string;
  /** One or two sentences for the help, lower case, no full stop at the end. */
  readonly help: string;
  /** What stands for the value in the help, such as `SECONDS`. */
  readonly value?: string;
  /** Inclusive and exclusive bounds of numbers. */
  readonly min?: number;
  readonly above?: number;
  readonly max?: number;
  readonly below?: number;
  /** May be `inf`. */
  readonly infinite?: true;
  /** Values in lower case with hyphens; underscores and capitals are accepted for them. */
  readonly choices?: readonly string[];
  /** Values that AIPerf knows and this build refuses by name. */
  readonly choicesLater?: readonly string[];
  /** A comma list asks for one run per value. */
  readonly sweeps?: true;
  /** The value must never be shown. */
  readonly secret?: true;
}

/** The rows of one section, with their literal types kept. */
export interface FlagGroup<Rows extends readonly FlagRow[] = readonly FlagRow[]> {
  readonly section: Section;
  readonly rows: Rows;
}

/** Rows under their section; the type of each row stays literal, so that values are typed. */
export function group<const Rows extends readonly FlagRow[]>(
  section: Section,
  rows: Rows,
): FlagGroup<Rows> {
  return { section, rows };
}
