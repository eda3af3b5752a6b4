// The help of `aiperf profile`, written from the flags' rows: it cannot forget one.

import type { FlagRow } from "./flags/row.ts";
import { GROUPS } from "./flags/table.ts";

const WIDTH = 80;
const INDENT = "      ";

const INTRO = `Usage: aiperf profile --model NAME [flags]

Sends load to an LLM server and says how the server did.

Examples
  aiperf profile --model qwen3-0.6b --url localhost:8000 --streaming \\
    --concurrency 10 --request-count 100 --isl 1000 --osl 500
  aiperf profile -m qwen3-0.6b --streaming --concurrency 50 \\
    --benchmark-duration 60 --tokenizer builtin`;

/** The help text: the flags that this build supports, by section, at most 80 columns wide. */
export function profileHelp(): string {
  const sections = GROUPS.map(({ section, rows }) => {
    const supported = rows.filter((row) => row.supported !== false);
    return supported.length === 0 ? undefined : [section, ...supported.map(entry)].join("\n");
  });
  const outro = "  -h, --help\n      show this text";
  return [INTRO, ...sections.filter((text) => text !== undefined), `Help\n${outro}`]
    .join("\n\n")
    .concat("\n");
}

function entry(row: FlagRow): string {
  const names = row.names.toSorted((a, b) => a.length - b.length).join(", ");
  const value = row.kind === "boolean" ? "" : ` ${valueName(row)}`;
  const facts = [
    row.kind === "choice" ? `one of ${row.choices?.join(", ")}` : undefined,
    row.required ? "required" : undefined,
    defaultOf(row),
  ].filter((fact) => fact !== undefined);
  const text = facts.length === 0 ? row.help : `${row.help} (${facts.join("; ")})`;
  return [...wrapped(names + value, "  "), ...wrapped(text, INDENT)].join("\n");
}

function valueName(row: FlagRow): string {
  const name = row.value ?? (row.kind === "choice" ? "CHOICE" : row.kind === "path" ? "PATH" : "N");
  return ["list", "numbers", "headers", "dict"].includes(row.kind) ? `${name}…` : name;
}

function defaultOf(row: FlagRow): string | undefined {
  if (row.defaultNote !== undefined) return `default: ${row.defaultNote}`;
  if (row.default === undefined || row.kind === "boolean") return undefined;
  return `default: ${Array.isArray(row.default) ? row.default.join(",") : row.default}`;
}

/** Lines of at most WIDTH columns, broken at spaces, each after an indent. */
function wrapped(text: string, indent: string): readonly string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(" ")) {
    if (line.length > indent.length && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = indent;
    }
    line += (line.length > indent.length ? " " : "") + word;
  }
  return [...lines, line];
}
