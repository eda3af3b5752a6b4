// One line becomes one row, or one error that names file, line and field.

import { z } from "zod";
import { fail } from "#core";
import type { Line } from "./lines.ts";

const SHOWN_FIELDS_MAX = 3;

/**
 * The row that a line of JSON holds.
 * @param file what the file is called in errors
 * @throws E_DATA_JSON for a line that is no JSON object
 * @throws E_DATA_ROW for one that is not of the schema
 */
export function parseRow<Row>(schema: z.ZodType<Row>, line: Line, file: string): Row {
  return checkRow(schema, parseJson(line, file), line.number, file);
}

/** The JSON object of a line. */
export function parseJson(line: Line, file: string): { readonly [key: string]: unknown } {
  let value: unknown;
  try {
    value = JSON.parse(line.text);
  } catch {
    fail("E_DATA_JSON", `${file} line ${line.number} is not valid JSON`, "each line is one object");
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as { readonly [key: string]: unknown };
  }
  return fail("E_DATA_JSON", `${file} line ${line.number} is no JSON object`, "write {…} on it");
}

/** A value as the schema wants it. */
export function checkRow<Row>(
  schema: z.ZodType<Row>,
  value: unknown,
  line: number,
  file: string,
): Row {
  const checked = schema.safeParse(value);
  if (checked.success) return checked.data;
  const where = `${file} line ${line}`;
  return fail("E_DATA_ROW", `${where}: ${faultsOf(checked.error)}`, "mend that row");
}

/** What is wrong, field by field, in a few words. */
export function faultsOf(error: z.ZodError): string {
  const faults = error.issues.slice(0, SHOWN_FIELDS_MAX).map((issue) => {
    const field = z.core.toDotPath(issue.path);
    const said = issue.message.replace(/^Invalid input: /, "");
    return field === "" ? said : `${field}: ${said}`;
  });
  const more = error.issues.length - faults.length;
  return faults.join("; ") + (more > 0 ? ` and ${more} more` : "");
}
