// How a bad value is named in an error: by its flag, on one line, never with a secret in it.

import { fail, redactText, redactUrl } from "#core";
import type { FlagRow } from "./flags/row.ts";

const SHOWN_CHARS_MAX = 60;

/** An accident in a name or a path, and in an error message an attack. */
export const CONTROL = /[\x00-\x1f\x7f-\x9f\u2028\u2029]/;

/** A value between quotes, on one line, cut short, its secrets hidden. */
export function quoted(value: string): string {
  const safe = value.includes("@") ? redactUrl(value) : redactText(value);
  const short = safe.length > SHOWN_CHARS_MAX ? `${safe.slice(0, SHOWN_CHARS_MAX)}…` : safe;
  // JSON leaves some control characters and line ends as they are.
  return JSON.stringify(short).replace(
    /[\x7f-\x9f\u2028\u2029]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Refuses the value of a flag; what is hidden or has hidden parts is not shown. */
export function badValue(row: FlagRow, name: string, value: string, wayOut: string): never {
  if (CONTROL.test(value) && row.kind !== "headers" && row.kind !== "dict") {
    const what = `${name} has a line break, tab or other control character in its value`;
    fail("E_FLAG_VALUE", what, "take it out");
  }
  const hidden = row.secret || row.kind === "headers" || row.kind === "dict";
  const given = value.trim() === "" ? "is empty" : hidden ? "is not valid" : `is ${quoted(value)}`;
  return fail("E_FLAG_VALUE", `${name} ${given}`, wayOut);
}

/** Refuses a flag, or a flag with a value, that AIPerf has and this build has not. */
export function flagUnsupported(what: string, wayOut = "leave it out"): never {
  return fail("E_FLAG_UNSUPPORTED", `${what} is not supported yet`, wayOut);
}

/** What a flag takes, in words: "a whole number of at least 1". */
export function expected(row: FlagRow): string {
  switch (row.kind) {
    case "integer":
      return `a whole number${bounds(row)}`;
    case "number":
      return `a number${bounds(row)}${row.infinite ? ", or inf" : ""}`;
    case "numbers":
      return `numbers${bounds(row)}, separated by commas`;
    case "choice":
      return `one of ${row.choices?.join(", ")}`;
    case "path":
      return "a path";
    case "list":
      return "one or more values, separated by commas";
    case "headers":
      return `"Name: value" with printable characters`;
    case "dict":
      return "key:value, or one JSON object";
    case "boolean":
    case "text":
      return "a text on one line";
  }
}

function bounds({ min, above, max, below }: FlagRow): string {
  const top = max ?? below;
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`;
  const low =
    min !== undefined ? ` of at least ${min}` : above !== undefined ? ` above ${above}` : "";
  if (top === undefined) return low;
  return `${low}${low === "" ? "" : " and"} ${max !== undefined ? "at most" : "below"} ${top}`;
}
