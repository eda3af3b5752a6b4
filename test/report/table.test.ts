import { expect, test } from "bun:test";
import fc from "fast-check";
import { drawTable, tableWidth } from "#report";
import { figure } from "../../src/report/metric-table.ts";
import { painter, printable, wantsColor } from "../../src/report/style.ts";
import { wrap, wrapAtMost } from "../../src/report/wrap.ts";

test("a table, drawn", () => {
  const table = {
    title: "Title",
    columns: [
      { title: "Metric", align: "left" },
      { title: "avg", align: "right" },
    ],
    rows: [
      [["Latency (ms)"], ["1.00"]],
      [["Throughput", { text: "(req/s)", align: "right" }], ["22,521.42"]],
      [["東京"], ["N/A"]],
    ],
  } as const;
  expect(drawTable(table, painter(false)).split("\n")).toEqual([
    "           Title",
    "┏━━━━━━━━━━━━━━┳━━━━━━━━━━━┓",
    "┃ Metric       ┃       avg ┃",
    "┡━━━━━━━━━━━━━━╇━━━━━━━━━━━┩",
    "│ Latency (ms) │      1.00 │",
    "│ Throughput   │ 22,521.42 │",
    "│      (req/s) │           │",
    "│ 東京         │       N/A │",
    "└──────────────┴───────────┘",
  ]);
  expect(tableWidth(table)).toBe(28);
});

test.each([
  [0, "0.00"],
  [999.999, "1,000.00"],
  [1000, "1,000.00"],
  [22521.42, "22,521.42"],
  [1234567.891, "1,234,567.89"],
  [-1234.5, "-1,234.50"],
  [undefined, "N/A"],
  [Number.NaN, "N/A"],
  [Number.POSITIVE_INFINITY, "N/A"],
])("%p is shown as %s", (value, text) => {
  expect(figure(value)).toBe(text);
});

test("lines keep to their width and lose nothing but blanks", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "grapheme-ascii" }),
      fc.integer({ min: 1, max: 40 }),
      (text, width) => {
        const lines = wrap(text, width);
        for (const line of lines) expect(Bun.stringWidth(line)).toBeLessThanOrEqual(width);
        expect(lines.join("").replaceAll(" ", "")).toBe(text.replaceAll(" ", ""));
      },
    ),
  );
});

test("a long text is cut with an ellipsis", () => {
  expect(wrapAtMost("one two three four", 5, 3)).toEqual(["one", "two", "thre…"]);
  expect(wrapAtMost("one two", 5, 3)).toEqual(["one", "two"]);
});

test("what a server sends cannot move the cursor", () => {
  expect(printable("\x1b[31mred\x1b[0m\r\n\tline two\u202e")).toBe("[31mred [0m line two");
});

test.each([
  [{}, true, true],
  [{}, false, false],
  [{ NO_COLOR: "1" }, true, false],
  [{ NO_COLOR: "" }, true, true],
  [{ TERM: "dumb" }, true, false],
])("colour with %p on a terminal (%p): %p", (env, isTerminal, expected) => {
  expect(wantsColor(env, isTerminal)).toBe(expected);
});
