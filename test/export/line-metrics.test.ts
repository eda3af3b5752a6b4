// However the figures of one request differ from those of the one before, the text is that of its own.

import { expect, test } from "bun:test";
import fc from "fast-check";
import { lineWriter } from "#export";
import { CATALOGUE, divisor, type LineRow, lineRows } from "#metrics";
import { ByteText } from "../../src/export/byte-text.ts";
import { MetricsText } from "../../src/export/line-metrics.ts";
import { makeRecord } from "../metrics/make-record.ts";

const ROWS = lineRows(CATALOGUE);

type Cells = readonly (number | Float64Array)[];

/** The same, the plain way. */
function plain(rows: readonly LineRow[], cells: Cells): string {
  const texts = rows.flatMap((row, i) => {
    const cell = cells[i]!;
    const unit = row.displayUnit ?? row.unit;
    const scale = divisor(row.unit, unit);
    const value =
      typeof cell === "number" ? cell / scale : Array.from(cell, (number) => number / scale);
    if (typeof value === "number" ? !Number.isFinite(value) : value.length === 0) return [];
    return `${JSON.stringify(row.tag)}:${JSON.stringify({ value, unit })}`;
  });
  return `{${texts.join(",")}}`;
}

const figure = fc.oneof(
  { arbitrary: fc.constantFrom(0, 1, 20, Number.NaN), weight: 3 },
  fc.nat(),
  fc.integer({ min: 0, max: 1e12 }),
  fc.double({ min: -1e300, max: 1e300 }),
);
const list = fc.array(fc.nat(), { maxLength: 5 }).map((values) => Float64Array.from(values));
const requests = fc.array(
  fc.tuple(
    ...ROWS.map(
      (row): fc.Arbitrary<number | Float64Array> => (row.kind === "list" ? list : figure),
    ),
  ),
  { minLength: 1, maxLength: 6 },
);

test("figures that change, come and go", () => {
  fc.assert(
    fc.property(requests, (all) => {
      const metrics = new MetricsText(ROWS);
      const to = new ByteText();
      for (const cells of all) {
        to.length = 0;
        metrics.add(to, { rows: ROWS, cells });
        expect(to.toString()).toBe(plain(ROWS, cells));
      }
    }),
    { numRuns: 300 },
  );
});

test("more requests than one text is kept for", () => {
  const metrics = new MetricsText(ROWS);
  const to = new ByteText();
  for (let request = 0; request < 1000; request++) {
    const cells = ROWS.map((row, i) => {
      if (row.kind === "list") return Float64Array.of(request, i);
      if (i % 3 === 0) return request % 7 === 0 ? Number.NaN : i;
      return i % 3 === 1 ? Math.floor(request / 100) : request * 1000 + i;
    });
    to.length = 0;
    metrics.add(to, { rows: ROWS, cells });
    expect(to.toString()).toBe(plain(ROWS, cells));
  }
});

test("no figures at all", () => {
  const to = new ByteText();
  new MetricsText([]).add(to, { rows: [], cells: [] });
  expect(to.toString()).toBe("{}");
});

test("names and ids of any length and script", () => {
  const write = lineWriter({
    epoch: { monotonicNs: 0, wallNs: 1_795_508_309_754_007_806n },
    phases: [{ name: `phase "${"ü".repeat(3000)}"`, kind: "profiling" }],
  });
  const ids = fc.string({ unit: "binary", maxLength: 5000 });
  fc.assert(
    fc.property(ids, ids, ids, (requestId, correlationId, conversationId) => {
      const to = new ByteText();
      const record = makeRecord({ requestId, correlationId, conversationId });
      // The room before the line is anything: the line asks for what it needs.
      to.length = to.bytes.length - 100;
      const from = to.length;
      write(to, record, { rows: ROWS, cells: ROWS.map(() => Number.NaN) }, `,"more":"ü"`);
      const { metadata } = JSON.parse(to.toString(from));
      expect(metadata).toMatchObject({
        ...{ x_request_id: requestId, x_correlation_id: correlationId },
        ...{ conversation_id: conversationId, root_correlation_id: correlationId },
      });
    }),
    { numRuns: 40 },
  );
});
