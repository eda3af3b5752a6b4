// A table in box characters, heavy around its head. Cells are lists of lines, and the widths are
// those of the widest line.
//
//     ┏━━━━━━━━┳━━━━━━┓
//     ┃ Metric ┃  avg ┃
//     ┡━━━━━━━━╇━━━━━━┩
//     │ TTFT   │ 1.00 │
//     └────────┴──────┘

import type { Painter } from "./style.ts";

export type Align = "left" | "right";

export interface TableColumn {
  readonly title: string;
  readonly align: Align;
}

/** A line of a cell; aligned as its column says, unless it says otherwise. */
export type CellLine = string | { readonly text: string; readonly align: Align };
export type Cell = readonly CellLine[];

export interface Table {
  readonly title: string;
  readonly columns: readonly TableColumn[];
  readonly rows: readonly (readonly Cell[])[];
}

/** How wide a table is drawn. */
export function tableWidth(table: Table): number {
  return widthsOf(table).reduce((sum, width) => sum + width + 3, 1);
}

/** Draws a table, its title centred above it; lines have no blanks at their ends. */
export function drawTable(table: Table, paint: Painter): string {
  const widths = widthsOf(table);
  const rule = (left: string, dash: string, cross: string, right: string): string =>
    left + widths.map((width) => dash.repeat(width + 2)).join(cross) + right;
  const row = (cells: readonly Cell[], bar: string): string[] => {
    const height = Math.max(...cells.map((cell) => cell.length));
    return Array.from({ length: height }, (_, line) => {
      const texts = cells.map((cell, i) => padded(cell[line] ?? "", widths[i]!, table.columns[i]!));
      return `${bar} ${texts.join(` ${bar} `)} ${bar}`;
    });
  };

  const width = tableWidth(table);
  const indent = " ".repeat(Math.max(0, Math.floor((width - Bun.stringWidth(table.title)) / 2)));
  const titles = table.columns.map(({ title }) => [title]);
  return [
    indent + paint("bold", table.title),
    rule("┏", "━", "┳", "┓"),
    ...row(titles, "┃"),
    rule("┡", "━", "╇", "┩"),
    ...table.rows.flatMap((cells) => row(cells, "│")),
    rule("└", "─", "┴", "┘"),
  ].join("\n");
}

function widthsOf({ columns, rows }: Table): readonly number[] {
  return columns.map(({ title }, i) =>
    Math.max(
      Bun.stringWidth(title),
      ...rows.flatMap((cells) => (cells[i] ?? []).map((line) => Bun.stringWidth(textOf(line)))),
    ),
  );
}

function textOf(line: CellLine): string {
  return typeof line === "string" ? line : line.text;
}

function padded(line: CellLine, width: number, column: TableColumn): string {
  const text = textOf(line);
  const blanks = " ".repeat(width - Bun.stringWidth(text));
  const align = typeof line === "string" ? column.align : line.align;
  return align === "left" ? text + blanks : blanks + text;
}
