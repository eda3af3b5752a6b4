// Parts of a file, read apart, have all of its lines, each once and whole.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { cutLines, lineNumberAt, readLines, visitLines } from "#export";
import { TEXT_BYTES_MAX } from "../../src/export/byte-scan.ts";

let dir = "";
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "aiperf-lines-"));
});
afterAll(() => rmSync(dir, { recursive: true }));

const PIECE_BYTES = 1 << 20;
const line = fc.oneof(
  { weight: 20, arbitrary: fc.string({ unit: "grapheme", maxLength: 30 }) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(PIECE_BYTES - 1, PIECE_BYTES, 2_500_000)
      .map((length) => "x".repeat(length)),
  },
);

test("each line is shown once, as it is, and its place is where it is", () => {
  const path = join(dir, "lines");
  const some = fc.array(
    line.map((text) => text.replaceAll("\n", "")),
    { maxLength: 40 },
  );
  fc.assert(
    fc.property(
      some,
      fc.string({ maxLength: 9 }),
      fc.integer({ min: 1, max: 9 }),
      (lines, end, parts) => {
        const broken = end.replaceAll("\n", "");
        const whole = Buffer.from(lines.map((text) => `${text}\n`).join("") + broken);
        writeFileSync(path, whole);
        const cuts = cutLines(path, parts, 1);
        expect(cuts[0]!.from).toBe(0);
        const seen = cuts.flatMap((part) => {
          const mine: string[] = [];
          visitLines(path, part, (bytes, from, to, place) => {
            const text = bytes.toString("utf8", from, to);
            mine.push(text);
            expect(bytes[to]).toBe(10);
            expect(bytes.length).toBeGreaterThanOrEqual(to + 1 + TEXT_BYTES_MAX);
            expect(whole.toString("utf8", place, place + to - from)).toBe(text);
            expect(place).toBeGreaterThanOrEqual(part.from);
            expect(place).toBeLessThan(part.to);
          });
          return mine;
        });
        const expected = lines.filter((text) => text !== "");
        expect(seen).toEqual(expected);
        expect([...readLines(path)]).toEqual(expected);
      },
    ),
    { numRuns: 60 },
  );
});

test("a small file is not cut, an empty one has no lines", () => {
  const path = join(dir, "small");
  writeFileSync(path, "one\ntwo\n");
  expect(cutLines(path, 8, 100)).toEqual([{ from: 0, to: Number.MAX_SAFE_INTEGER }]);
  writeFileSync(path, "");
  expect(cutLines(path, 8, 100)).toHaveLength(1);
  expect([...readLines(path)]).toEqual([]);
});

test("a line is told by its number, empty ones counted", () => {
  const path = join(dir, "numbers");
  writeFileSync(path, `one\n\n${"x".repeat(2_000_000)}\nfour\n`);
  expect([0, 4, 5, 2_000_006].map((place) => lineNumberAt(path, place))).toEqual([1, 2, 3, 4]);
});

test("what cannot be read is named", () => {
  const path = join(dir, "none");
  const all = { from: 0, to: 9 };
  expect(() => [...readLines(path)]).toThrow(/none cannot be read/);
  expect(() => cutLines(path, 2, 1)).toThrow(/none cannot be read/);
  expect(() => visitLines(dir, all, () => {})).toThrow(/cannot be read.*; name the folder/);
});
