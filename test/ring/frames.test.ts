import { expect, test } from "bun:test";
import fc from "fast-check";
import {
  createRing,
  decodeEnd,
  emptyEnd,
  endEncoder,
  FRAME_END,
  type RequestEnd,
  ringReader,
  ringWriter,
} from "#ring";

/** What comes out of a ring when this goes in. */
function through(ends: readonly RequestEnd[]): RequestEnd[] {
  const memory = createRing(2 ** 20);
  const writer = ringWriter(memory);
  const encode = endEncoder();
  const decoded: RequestEnd[] = [];
  const reader = ringReader(memory);
  for (const [slot, end] of ends.entries()) {
    const bytes = encode(end);
    expect(writer.begin(FRAME_END, slot, slot, bytes.length)).toBe(true);
    writer.append(bytes, 0, bytes.length);
    writer.commit();
    reader.drain((frame) => {
      expect([frame.kind, frame.slot]).toEqual([FRAME_END, slot]);
      const into = emptyEnd();
      decodeEnd(frame, into);
      decoded.push(into);
    }, 1);
  }
  return decoded;
}

const NAMES = Object.keys(emptyEnd()) as (keyof RequestEnd)[];

test("an END arrives as it was told, whatever it says", () => {
  const numbers = fc.oneof(fc.integer(), fc.double(), fc.constant(Number.NaN));
  const texts = fc.string({ unit: "binary", maxLength: 60 });
  const empty = emptyEnd();
  const end = fc.record(
    Object.fromEntries(
      NAMES.map((name) => [name, typeof empty[name] === "string" ? texts : numbers]),
    ),
  ) as fc.Arbitrary<unknown> as fc.Arbitrary<RequestEnd>;
  fc.assert(
    fc.property(fc.array(end, { maxLength: 5 }), (ends) => {
      expect(through(ends)).toEqual(ends);
    }),
    { numRuns: 200 },
  );
});

test("texts that repeat, change and come back are those of their own request", () => {
  const words = fc.constantFrom("", "OK", "KO", "text/event-stream", "é");
  fc.assert(
    fc.property(fc.array(fc.tuple(words, words, words), { maxLength: 20 }), (all) => {
      const ends = all.map(([reason, contentType, correlationId]) => {
        return { ...emptyEnd(), reason, contentType, correlationId };
      });
      expect(through(ends)).toEqual(ends);
    }),
  );
});

test("nothing has happened in an empty one", () => {
  const end = emptyEnd();
  for (const name of NAMES) expect(end[name] === "" || Number.isNaN(end[name])).toBe(true);
  expect(through([end])).toEqual([end]);
});

test("a text without measure is cut, and those behind it are whole", () => {
  const reason = "é".repeat(20_000);
  const [end] = through([{ ...emptyEnd(), reason, failureMessage: "behind" }]);
  expect(end!.reason).toBe("é".repeat(8192));
  expect(end!.failureMessage).toBe("behind");
});
