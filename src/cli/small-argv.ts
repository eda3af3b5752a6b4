// The command line of a verb with one argument and a few flags that take a value each.

import { fail } from "#core";

export interface FlagSpec {
  readonly name: `--${string}`;
  /** What stands for the value in the help. */
  readonly value: string;
  readonly help: string;
}

export interface Usage<Flags extends readonly FlagSpec[] = readonly FlagSpec[]> {
  readonly command: string;
  readonly argument: string;
  readonly about: string;
  readonly flags: Flags;
}

export interface SmallArgv<Name extends string> {
  readonly argument: string;
  readonly flags: { readonly [name in Name]?: string };
}

/**
 * Reads `FILE --name value` and `--name=value`, in any order.
 * @throws E_FLAG_UNKNOWN, E_FLAG_NO_VALUE, E_ARGUMENT
 */
export function readSmallArgv<Flags extends readonly FlagSpec[]>(
  argv: readonly string[],
  { command, argument, flags: specs }: Usage<Flags>,
): SmallArgv<Flags[number]["name"]> {
  const flags: { [name in Flags[number]["name"]]?: string } = {};
  const words: string[] = [];
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at]!;
    if (!word.startsWith("--")) {
      words.push(word);
      continue;
    }
    const [, name = word, inline] = /^(--[^=]+)=(.*)$/s.exec(word) ?? [];
    const spec = specs.find((row) => row.name === name);
    if (spec === undefined) {
      return fail("E_FLAG_UNKNOWN", `${name} is not a flag`, `see aiperf ${command} --help`);
    }
    const value = inline ?? argv[++at];
    if (value === undefined || value === "") {
      return fail("E_FLAG_NO_VALUE", `${name} has no value`, `write ${name} ${spec.value}`);
    }
    flags[spec.name as Flags[number]["name"]] = value;
  }
  if (words.length !== 1) {
    const found = words.length === 0 ? "no" : "more than one";
    const what = `aiperf ${command} has ${found} ${argument}`;
    fail("E_ARGUMENT", what, `write aiperf ${command} ${argument}`);
  }
  return { argument: words[0]!, flags };
}

/** The help of such a verb. */
export function smallHelp({ command, argument, about, flags }: Usage): string {
  const rows = flags.map(({ name, value, help }) => `  ${`${name} ${value}`.padEnd(24)} ${help}`);
  return [`Usage: aiperf ${command} ${argument} [flags]`, "", about, "", ...rows].join("\n");
}
