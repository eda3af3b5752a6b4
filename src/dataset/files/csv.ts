// Tables of comma-separated values (RFC 4180), a line a row.

import { basename } from "node:path";
import { fail } from "#core";
import { readLines } from "#trace";

export interface CsvRow {
  readonly line: number;
  /** The fields of the columns that were asked for, empty where the row is too short. */
  readonly fields: readonly string[];
}

/**
 * Yields the rows below the head.
 * @param columns names of the columns that are wanted
 * @throws E_DATA_COLUMN when the head has not all of them
 */
export async function* readCsv(path: string, columns: readonly string[]): AsyncGenerator<CsvRow> {
  let places: readonly number[] | undefined;
  for await (const lines of readLines(path)) {
    for (const { number, text } of lines) {
      const fields = fieldsOf(text);
      if (places !== undefined) {
        yield { line: number, fields: places.map((place) => fields[place] ?? "") };
        continue;
      }
      const names = fields.map((field) => field.trim().toLowerCase());
      places = columns.map((column) => names.indexOf(column.toLowerCase()));
      const missing = columns.filter((_, index) => places![index] === -1);
      if (missing.length > 0) {
        const what = `${basename(path)} has no column ${missing.join(", ")}`;
        fail("E_DATA_COLUMN", what, `its first line names ${columns.join(", ")}`);
      }
    }
  }
}

/** A line's fields; one in quotes may hold commas, and two quotes for one. */
export function fieldsOf(line: string): readonly string[] {
  const plain = line.replace(/\r$/, "");
  if (!plain.includes('"')) return plain.split(",");
  return [...plain.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    ([, quoted, bare]) => quoted?.replaceAll('""', '"') ?? bare ?? "",
  );
}
