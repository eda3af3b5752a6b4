import { expect, test } from "bun:test";
import fc from "fast-check";
import { wallNs } from "#core";
import { ByteText } from "../../src/export/byte-text.ts";
import { WallClock } from "../../src/export/numerals.ts";

const times = fc.oneof(
  fc.nat(),
  fc.integer({ min: 0, max: 2 ** 53 - 1 }),
  fc.integer({ min: 0, max: 30 }),
  fc.nat({ max: 2000 }).map((ms) => ms * 1e6),
  fc.nat({ max: 2000 }).map((us) => us * 1000),
  fc.double(),
);

function written(write: (to: ByteText) => void): string {
  const text = new ByteText();
  text.json("before");
  write(text);
  return text.toString('"before"'.length);
}

test("milliseconds are spelled as a double spells itself", () => {
  fc.assert(
    fc.property(times, (ns) => {
      expect(written((to) => to.putMillionths(ns))).toBe(String(ns / 1e6));
    }),
    { numRuns: 2000 },
  );
});

const numbers = fc.oneof(
  times,
  fc.integer(),
  fc.constantFrom(-0, 2 ** 31 - 1, 2 ** 31, 0.1, 1.5, 9.995, 1.0000000000000002, 9.999999999999998),
  // Rates, sizes, and numbers of few digits.
  fc.tuple(fc.nat(), fc.integer({ min: 1, max: 2 ** 31 })).map(([a, b]) => (a * 1e9) / b),
  fc.nat().map((bytes) => bytes / 1024),
  fc.tuple(fc.nat(), fc.nat({ max: 12 })).map(([a, b]) => a / 10 ** b),
  fc.tuple(fc.nat({ max: 31 }), fc.integer({ min: -3, max: 3 })).map(neighbour),
);

/** Some doubles further than a power of two. */
function neighbour([power, steps]: [number, number]): number {
  const value = 2 ** power;
  return value + steps * value * Number.EPSILON;
}

test("and so is any number", () => {
  fc.assert(
    fc.property(numbers, (value) => {
      expect(written((to) => to.putNumber(value))).toBe(String(value));
    }),
    { numRuns: 5000 },
  );
});

test("whole numbers around each power of ten", () => {
  for (let power = 1; power < 1e10; power *= 10) {
    for (const value of [power - 1, power, power + 1]) {
      expect(written((to) => to.putNumber(value))).toBe(String(value));
    }
  }
});

test("many are those of each, with commas", () => {
  fc.assert(
    fc.property(fc.array(times), (list) => {
      expect(written((to) => to.millionthsList(Float64Array.from(list)))).toBe(
        list.map((v) => v / 1e6).join(","),
      );
    }),
  );
});

test("a list of more than the room that there was", () => {
  const list = Float64Array.from({ length: 20_000 }, (_, i) => i * 1_234_567.5);
  expect(written((to) => to.millionthsList(list))).toBe(Array.from(list, (v) => v / 1e6).join(","));
});

test("wall-clock times have all their digits", () => {
  const epoch = { wallNs: 1_795_508_309_999_999_999n, monotonicNs: 5_000_000_123 };
  const wall = new WallClock(epoch);
  expect(wall.text(5_000_000_124)).toBe("1795508310000000000");
  expect(wall.text(5_000_000_123)).toBe("1795508309999999999");
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e15 }), (ns) => {
      expect(wall.text(ns)).toBe(String(wallNs(epoch, ns)));
      expect(written((to) => wall.put(to, ns))).toBe(wall.text(ns));
    }),
  );
});
