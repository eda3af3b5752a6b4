import { expect, test } from "bun:test";
import fc from "fast-check";
import { writeDigits, writePlain } from "#core";

test("a number is written as it is read, and nothing beside it", () => {
  const values = fc.oneof(
    fc.nat(),
    fc.maxSafeNat(),
    fc.constantFrom(0, 9, 10, 99, 100, 2 ** 31, Number.MAX_SAFE_INTEGER),
  );
  fc.assert(
    fc.property(values, fc.nat(8), (value, at) => {
      const bytes = new Uint8Array(32).fill(46);
      const end = writeDigits(bytes, value, at);
      expect(Buffer.from(bytes).toString()).toBe(
        `${".".repeat(at)}${value}${".".repeat(32 - end)}`,
      );
    }),
  );
});

test("plain text is written, other text is owned up to", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 20 }), (text) => {
      const bytes = Buffer.alloc(32);
      const isPlain = Buffer.byteLength(text) === text.length;
      expect(writePlain(bytes, text, 3)).toBe(isPlain);
      if (isPlain) expect(bytes.toString("utf8", 3, 3 + text.length)).toBe(text);
    }),
  );
});
