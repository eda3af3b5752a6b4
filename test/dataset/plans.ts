// Plans for tests: what a command line asks for, with a file that is written for the purpose.

import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Plan, parseProfile } from "#config";
import { AiperfError } from "#core";
import { buildDataset, type Dataset } from "#dataset";
import type { Tokenizer } from "#tokenizer";
import { firstLine } from "../../src/cli/first-line.ts";
import { pathKind, readText } from "../../src/cli/surroundings.ts";

/** The plan of some flags, beside a model. */
export function planOf(...flags: readonly string[]): Plan {
  return parseProfile(["--model", "m", ...flags], {
    env: {},
    cwd: "/home/user",
    isTerminal: false,
    pathKind,
    readText,
    firstLine,
  });
}

/** A folder with these files. */
export async function folderOf(files: { readonly [name: string]: string }): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "aiperf-data-"));
  for (const [name, content] of Object.entries(files)) await Bun.write(join(folder, name), content);
  return folder;
}

/** A file of these rows, each a value to be written as JSON or a line as it stands. */
export async function fileOf(...rows: readonly (string | object)[]): Promise<string> {
  const lines = rows.map((row) => (typeof row === "string" ? row : JSON.stringify(row)));
  return join(await folderOf({ "data.jsonl": `${lines.join("\n")}\n` }), "data.jsonl");
}

/** What a plan sends, under seed 7. */
export function datasetOf(
  plan: Plan,
  tokenizer: Tokenizer,
  publicFile = "/nowhere",
): Promise<Dataset> {
  return buildDataset({
    plan,
    tokenizer,
    seed: plan.runtime.seed ?? 7,
    runId: "run",
    publicFiles: async () => publicFile,
  });
}

/** The error that a promise ends with, which must be the user's and on one line. */
export async function refusalOf(promise: Promise<unknown>): Promise<AiperfError> {
  const caught = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(caught instanceof AiperfError)) throw new Error(`no refusal, but ${caught}`);
  if (/[\n\r]/.test(caught.message)) throw new Error(`more than one line: ${caught.message}`);
  return caught;
}
