import { expect, test } from "bun:test";
import fc from "fast-check";
import { checkRow, MOONCAKE_ROW, parseMooncake } from "#trace";

const number = fc.oneof(
  fc.nat(2000),
  fc.constantFrom(-1, 0.5, 0, 2 ** 53, Number.MAX_SAFE_INTEGER, null, "5"),
);
const row = fc.record(
  {
    timestamp: number,
    input_length: number,
    output_length: number,
    hash_ids: fc.oneof(fc.array(fc.nat()), fc.array(number), number),
    text_input: fc.constant("a"),
    session_id: fc.constantFrom("s", "", 5),
    other: fc.anything(),
  },
  { requiredKeys: [] },
);

/** What is made of a row, or the message of its error. */
function outcome(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    return (error as Error).message;
  }
}

test("the quick look at usual rows never differs from the schema", () => {
  fc.assert(
    fc.property(row, (value) => {
      const text = JSON.stringify(value);
      const plain = JSON.parse(text);
      expect(outcome(() => parseMooncake({ number: 1, text }, "x"))).toEqual(
        outcome(() => checkRow(MOONCAKE_ROW, plain, 1, "x")),
      );
    }),
    { numRuns: 2000 },
  );
});
