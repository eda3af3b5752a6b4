// What went wrong, grouped. Messages come from servers and may be whole pages: they are made safe
// to print and cut to a few lines; the per-request file has all of them.

import type { ErrorGroup } from "#metrics";
import { printable } from "./style.ts";
import type { Table } from "./table.ts";
import { wrapAtMost } from "./wrap.ts";

const GROUPS_MAX = 10;
const MESSAGE_LINES_MAX = 4;
/** Of a wide terminal; on a narrow one the type takes less than half of what there is. */
const TYPE_CHARS_MAX = 28;
const MESSAGE_CHARS_MAX = 100;
const CHARS_MIN = 8;

/** The table of a run's failures, and how many kinds of failure it leaves out. */
export function errorTable(
  title: string,
  errors: readonly ErrorGroup[],
  width: number,
): { readonly table: Table; readonly leftOut: number } {
  const shown = errors.slice(0, GROUPS_MAX);
  const counts = shown.map(({ count }) => count.toLocaleString("en-US"));
  // The code takes four columns; between and around four cells are thirteen.
  const room = width - 13 - 4 - Math.max(5, ...counts.map((count) => count.length));
  const typeWidthMax = Math.max(CHARS_MIN, Math.min(TYPE_CHARS_MAX, Math.floor(0.47 * room)));
  const types = shown.map(({ type }) => wrapAtMost(printable(type), typeWidthMax, 3));
  const typeWidth = Math.max(4, ...types.flat().map((line) => Bun.stringWidth(line)));
  const messageWidth = Math.max(CHARS_MIN, Math.min(MESSAGE_CHARS_MAX, room - typeWidth));

  const table: Table = {
    title,
    columns: [
      { title: "Code", align: "right" },
      { title: "Type", align: "left" },
      { title: "Message", align: "left" },
      { title: "Count", align: "right" },
    ],
    rows: shown.map(({ code, message }, i) => [
      [code === undefined ? "N/A" : String(code)],
      types[i]!,
      wrapAtMost(printable(message), messageWidth, MESSAGE_LINES_MAX),
      [counts[i]!],
    ]),
  };
  return { table, leftOut: errors.length - shown.length };
}
