// How a file is laid out, told from its first row: exactly one type must recognise it.

import { readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { FILE_TYPES, type FileType } from "#config";
import { fail } from "#core";
import { readLines } from "#trace";

type Row = { readonly [key: string]: unknown };

const CONTENTS = ["text", "texts", "image", "images", "audio", "audios", "video", "videos"];
const WAY_OUT = `name its type with --custom-dataset-type: ${FILE_TYPES.join(", ")}`;

/** What a row must have for a type to recognise it. */
const SIGNS: readonly { readonly type: FileType; readonly recognises: (row: Row) => boolean }[] = [
  { type: "single-turn", recognises: (row) => CONTENTS.some((name) => row[name] != null) },
  { type: "multi-turn", recognises: (row) => Array.isArray(row.turns) },
  {
    type: "mooncake-trace",
    recognises: (row) =>
      !("chat_id" in row) &&
      ["input_length", "text_input", "payload", "messages"].some((name) => row[name] != null),
  },
  { type: "bailian-trace", recognises: (row) => "chat_id" in row && "input_length" in row },
  { type: "raw-payload", recognises: (row) => Array.isArray(row.messages) },
  { type: "inputs-json", recognises: (row) => Array.isArray(row.data) },
];

/**
 * The type of a file or folder.
 * @throws E_DATA_TYPE when none or several recognise it, E_DATA_EMPTY when there is nothing
 */
export async function detectType(path: string): Promise<FileType> {
  const name = basename(path);
  if (statSync(path).isDirectory()) {
    const first = readdirSync(path)
      .sort()
      .find((file) => statSync(join(path, file)).isFile());
    if (first === undefined) fail("E_DATA_EMPTY", `${path} has no files`, "put one into it");
    const type = await detectType(join(path, first));
    if (type === "single-turn" || type === "random-pool") return "random-pool";
    if (type === "raw-payload") return type;
    fail("E_DATA_TYPE", `${name} is a folder, and its files are of type ${type}`, "name a file");
  }
  const text = await firstLine(path);
  if (text === undefined) fail("E_DATA_EMPTY", `${name} has no rows`, "check the file");
  const row = rowOf(text);
  if (row === undefined) {
    if (/(?:^|,)\s*Request tokens\s*(?:,|$)/i.test(text)) return "burst-gpt-trace";
    // A JSON file of several lines.
    if (/^\s*\{\s*(?:"data"\s*:\s*\[?\s*)?$/.test(text)) return "inputs-json";
    fail("E_DATA_JSON", `${name} line 1 is not valid JSON`, WAY_OUT);
  }
  const named = String(row.type ?? "").replaceAll("_", "-");
  const type = FILE_TYPES.find((known) => known === named);
  if (type !== undefined) return type;

  const found = SIGNS.filter(({ recognises }) => recognises(row)).map(({ type }) => type);
  if (found.length === 1) return found[0]!;
  const fields = Object.keys(row).slice(0, 8).join(", ");
  if (found.length === 0)
    fail("E_DATA_TYPE", `${name}: no type has rows with ${fields || "nothing"}`, WAY_OUT);
  return fail("E_DATA_TYPE", `${name} could be ${found.join(" or ")}`, WAY_OUT);
}

async function firstLine(path: string): Promise<string | undefined> {
  for await (const [line] of readLines(path)) if (line !== undefined) return line.text;
  return undefined;
}

function rowOf(text: string): Row | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Row;
  } catch {}
  return undefined;
}
