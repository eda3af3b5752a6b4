// The command line as it goes into the results: quoted for a shell, and without its secrets.

import { isSecretName, REDACTED, redactJson, redactText, redactUrl } from "#core";
import type { Occurrence } from "./argv.ts";
import type { FlagRow } from "./flags/row.ts";
import { isObject, splitOutsideBrackets } from "./pairs.ts";

/**
 * The command that repeats this run, on one line; numbers bare, all else in single quotes.
 * @param secrets values to hide wherever they occur
 */
export function echoCommand(
  occurrences: readonly Occurrence[],
  secrets: readonly string[],
): string {
  const parts = occurrences.map(({ row, name, on, values }) => {
    if (row.kind === "boolean") return on === (name !== row.offName) ? name : `${name}=false`;
    const safe = values.map((value) => redactText(redactValue(row, value), secrets));
    const shown = safe.map((value) => (isNumber(row, value) ? value : shellQuoted(value)));
    // A value that begins with a dash would be read as a flag.
    const joint = safe[0]?.startsWith("-") && !isNumber(row, safe[0]) ? "=" : " ";
    return `${name}${joint}${shown.join(" ")}`;
  });
  return ["aiperf profile", ...parts].join(" ");
}

function redactValue(row: FlagRow, value: string): string {
  if (row.secret) return REDACTED;
  if (row.kind === "headers" || row.kind === "dict") return redactPairs(row, value);
  return row.names.includes("--url") ? value.split(",").map(redactUrl).join(",") : value;
}

function redactPairs(row: FlagRow, value: string): string {
  if (isObject(value)) return JSON.stringify(redactJson(JSON.parse(value)));
  const pieces = row.kind === "dict" ? splitOutsideBrackets(value) : [value];
  return pieces
    .map((piece) => {
      const key = piece.slice(0, piece.indexOf(":"));
      return isSecretName(key) ? `${key}:${REDACTED}` : piece;
    })
    .join(",");
}

function isNumber(row: FlagRow, value: string): boolean {
  return (row.kind === "integer" || row.kind === "number") && /^[\w.+-]+$/.test(value);
}

function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
