// JSON with whole numbers that no double holds: a bigint is written with all its digits.

/** The text of a value, two spaces deep, bigints included; ends with a line end. */
export function exactJson(value: unknown): string {
  const wide = (_: string, field: unknown): unknown =>
    typeof field === "bigint" ? `${MARK}${field}` : field;
  return `${JSON.stringify(value, wide, 2).replace(MARKED, "$1")}\n`;
}

/** Stands before digits that lose their quotes; no text begins with a private-use character. */
const MARK = "\uf8ff";
const MARKED = new RegExp(`"${MARK}(-?\\d+)"`, "g");
