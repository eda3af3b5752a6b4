// `aiperf validate FILE`: what a data file is, whether its rows are right, and whether they fit
// together, without anything being sent.

import { FILE_TYPES, type FileType } from "#config";
import { fail } from "#core";
import { BLOCK_TOKENS, detectType, type Inspection, inspectFile } from "#dataset";
import { readSmallArgv, smallHelp } from "./small-argv.ts";
import { pathKind } from "./surroundings.ts";

const USAGE = {
  command: "validate",
  argument: "FILE",
  about: "Says what a data file is, and what is wrong with it.",
  flags: [
    { name: "--input", value: "PATH", help: "the file, where a type stands in its place" },
    { name: "--type", value: "TYPE", help: `one of ${FILE_TYPES.join(", ")}` },
    { name: "--block-size", value: "TOKENS", help: "tokens of one block of a trace" },
  ],
} as const;

/**
 * Runs the verb; answers with the process's exit status, 1 for a file with errors.
 * `validate TYPE --input FILE` is understood too, as AIPerf has it.
 */
export async function runValidate(argv: string[]): Promise<number> {
  if (argv.includes("--help") || argv.includes("-h")) {
    console.log(smallHelp(USAGE));
    return 0;
  }
  const { argument, flags } = readSmallArgv(argv, USAGE);
  const path = flags["--input"] ?? argument;
  const named = flags["--type"] ?? (flags["--input"] === undefined ? undefined : argument);
  const kind = pathKind(path);
  if (kind === "none") fail("E_INPUT_FILE", `there is no file ${path}`, "check the path");
  if (kind === "directory") fail("E_INPUT_FILE", `${path} is a folder`, "name one of its files");

  const type = named === undefined ? await detectType(path) : typeOf(named);
  if (type === "inputs-json")
    fail("E_DATA_TYPE", `${path} is an inputs.json, which has no rows`, "send it");
  const blockTokens = blockTokensOf(flags["--block-size"], type);
  const inspection = await inspectFile(path, type, blockTokens);
  console.log(inspectionText(path, type, inspection));
  const isGood = inspection.wrong === 0 && inspection.findings.every((finding) => finding.isGood);
  return isGood && inspection.rows > 0 ? 0 : 1;
}

function typeOf(name: string): FileType {
  const spelled = name.toLowerCase().replaceAll("_", "-");
  const type = FILE_TYPES.find((known) => known === spelled);
  return type ?? fail("E_DATA_TYPE", `there is no type ${name}`, `use ${FILE_TYPES.join(", ")}`);
}

function blockTokensOf(text: string | undefined, type: FileType): number {
  if (text === undefined)
    return type in BLOCK_TOKENS ? BLOCK_TOKENS[type as "mooncake-trace"] : 512;
  const tokens = Number(text);
  if (Number.isSafeInteger(tokens) && tokens >= 1) return tokens;
  return fail(
    "E_FLAG_VALUE",
    "--block-size is no whole number of at least 1",
    "give one, like 512",
  );
}

/** What was found, a line each. */
export function inspectionText(path: string, type: FileType, found: Inspection): string {
  const { rows, wrong, errors, sessions, findings } = found;
  const plural = (count: number, word: string) => `${count} ${word}${count === 1 ? "" : "s"}`;
  const lines = [`${path}: ${type}, ${plural(rows, "row")}, ${plural(sessions, "session")}`];
  for (const { isGood, text } of findings) lines.push(`  ${isGood ? "ok   " : "wrong"} ${text}`);
  for (const error of errors) lines.push(`  wrong ${error}`);
  if (wrong > errors.length) lines.push(`  wrong ${wrong - errors.length} more rows`);
  if (wrong === 0 && rows > 0) lines.push("  ok    every row has the fields of its type");
  if (rows === 0) lines.push("  wrong there are no rows");
  return lines.join("\n");
}
