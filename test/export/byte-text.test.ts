// Bytes are the text that a string would have been.

import { expect, test } from "bun:test";
import fc from "fast-check";
import { ByteText } from "../../src/export/byte-text.ts";

const units = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary" }),
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) }),
);

test("a text in quotes is what JSON makes of it", () => {
  const text = new ByteText();
  fc.assert(
    fc.property(units, (value) => {
      text.length = 0;
      text.text("before:");
      text.json(value);
      expect(text.toString()).toBe(`before:${JSON.stringify(value)}`);
    }),
    { numRuns: 1000 },
  );
});

test("what was written stays when the room grows", () => {
  const text = new ByteText();
  let expected = "";
  for (let i = 1; i < 40; i++) {
    const piece = `ab${i}ü`.repeat(i * 100);
    text.text(piece);
    text.json(piece);
    expected += piece + JSON.stringify(piece);
  }
  text.reserve(expected.length);
  text.putPart(text, 0, 3);
  expect(text.toString()).toBe(expected + expected.slice(0, 3));
});
