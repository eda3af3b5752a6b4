// The command line, split into flags and their raw values by the rows' arity. Values are not
// understood here; a name that is unknown, or known and not supported yet, ends the reading.
//
// No library does this part: AIPerf's lists (by comma, by space, by repetition), its `--no-` forms
// for some booleans only, and `-vv` as a name of its own fit none.

import { fail } from "#core";
import { flagUnsupported, quoted } from "./complaint.ts";
import type { FlagRow } from "./flags/row.ts";
import { BY_NAME, FLAGS } from "./flags/table.ts";
import { nearestName } from "./nearest.ts";

/** One flag as it was given. */
export interface Occurrence {
  readonly row: FlagRow;
  /** The name as it was typed. */
  readonly name: string;
  /** False when a boolean was turned off. */
  readonly on: boolean;
  readonly values: readonly string[];
}

const LISTS: ReadonlySet<string> = new Set(["list", "numbers", "headers", "dict"]);

/**
 * The flags of a command line, in its order.
 * @throws AiperfError for a name that is no flag of this build, a value that is missing or too much
 */
export function readArgv(argv: readonly string[]): readonly Occurrence[] {
  const occurrences: Occurrence[] = [];
  let at = 0;
  while (at < argv.length) {
    const token = argv[at++]!;
    if (!looksLikeFlag(token)) refuseStray(token, occurrences.at(-1));

    const equals = token.indexOf("=");
    const name = equals < 0 ? token : token.slice(0, equals);
    const inline = equals < 0 ? undefined : token.slice(equals + 1);
    const found = BY_NAME.get(name);
    if (found === undefined) refuseUnknown(name);
    const { row, on } = found;
    if (row.supported === false) flagUnsupported(name);

    if (row.kind === "boolean") {
      occurrences.push({ row, name, on: on === booleanOf(name, inline), values: [] });
      continue;
    }
    const values: string[] = inline === undefined ? [] : [inline];
    const valuesMax = LISTS.has(row.kind) || row.sweeps ? Number.POSITIVE_INFINITY : 1;
    while (inline === undefined && values.length < valuesMax && at < argv.length) {
      if (looksLikeFlag(argv[at]!)) break;
      values.push(argv[at++]!);
    }
    if (values.length === 0) {
      const hint = `; for one that begins with a dash write ${name}=VALUE`;
      fail("E_FLAG_NO_VALUE", `${name} has no value`, `put it after the flag${hint}`);
    }
    occurrences.push({ row, name, on, values });
  }
  return occurrences;
}

/** Whether the command line asks for the help; a `--help` that is a flag's value does not exist. */
export function wantsHelp(argv: readonly string[]): boolean {
  return argv.includes("--help") || argv.includes("-h");
}

/** A dash and a letter; a negative number is a value. */
function looksLikeFlag(token: string): boolean {
  return /^--?[A-Za-z]/.test(token) && !/^-(?:inf|infinity|nan)$/i.test(token);
}

/** A boolean is true by being there; `=true` and `=false` are understood too. */
function booleanOf(name: string, inline: string | undefined): boolean {
  if (inline === undefined || /^true$/i.test(inline)) return true;
  if (/^false$/i.test(inline)) return false;
  return fail("E_FLAG_VALUE", `${name} takes no value`, `write ${name} alone, or leave it out`);
}

function refuseStray(token: string, before: Occurrence | undefined): never {
  const code = "E_ARGUMENT";
  if (before?.row.kind === "boolean") {
    fail(code, `${before.name} takes no value, but ${quoted(token)} follows it`, "leave that out");
  }
  if (before !== undefined) {
    const extra = before.row.secret ? "a second value" : `a second value, ${quoted(token)}`;
    fail(code, `${before.name} takes one value, but ${extra} follows`, "quote a value with spaces");
  }
  fail(code, `${quoted(token)} is not a flag`, "a flag's name begins with --");
}

function refuseUnknown(name: string): never {
  const code = "E_FLAG_UNKNOWN";
  const negated = name.startsWith("--no-") ? BY_NAME.get(`--${name.slice(5)}`) : undefined;
  if (negated?.row.kind === "boolean") {
    fail(code, `${quoted(name)} is not a flag`, `--${name.slice(5)} is off unless it is given`);
  }
  const named = name.replaceAll("_", "-").toLowerCase();
  const near = BY_NAME.has(named) ? named : nearestName(named, namesByUse());
  const wayOut =
    near === undefined ? "aiperf profile --help lists the flags" : `did you mean ${near}?`;
  fail(code, `${quoted(name)} is not a flag`, wayOut);
}

/** All names, those that can be used first. */
function namesByUse(): readonly string[] {
  const supported = FLAGS.filter((row) => row.supported !== false);
  return [...supported, ...FLAGS].flatMap((row) => row.names).filter((name) => name.length > 3);
}
