import { expect, test } from "bun:test";
import fc from "fast-check";
import { pieceFiller } from "#core";
import { textKeeper } from "../../src/dataset/files/text-keeper.ts";
import { loadSingleTurns } from "../../src/dataset/files/turns.ts";
import { fileOf } from "./plans.ts";

const long = fc.string({ unit: "binary", minLength: 300, maxLength: 900 });
const text = fc.oneof(fc.string({ maxLength: 40 }), long);

test("what was kept comes back, as JSON would have it, whatever was in it", () => {
  fc.assert(
    fc.property(
      fc.array(text, { maxLength: 30 }),
      fc.integer({ min: 1, max: 9000 }),
      (texts, size) => {
        const keeper = textKeeper(size);
        const body = JSON.stringify(texts.map(keeper.keep));
        const pieces = keeper.pieces();
        const filled = pieces === undefined ? body : pieceFiller(pieces)(Buffer.from(body));
        expect(filled.toString()).toBe(JSON.stringify(texts));
      },
    ),
    { numRuns: 200 },
  );
});

test("short texts stay where they are", () => {
  const keeper = textKeeper();
  expect(keeper.keep("short")).toBe("short");
  expect(keeper.keep("x".repeat(300))).toBe("<<aiperf:0>>");
  expect(textKeeper().pieces()).toBeUndefined();
});

test("a small file is read without", async () => {
  const path = await fileOf({ text: "y".repeat(5000) });
  const context = { nextName: () => "s", nextModel: () => "m", limitOf: () => 1 };
  const rest = { inline: (_: string, value: string) => value, delayNs: () => 0 };
  const { sessions, pieces } = await loadSingleTurns(path, {
    ...context,
    ...rest,
    timestampNs: () => undefined,
  } as never);
  expect(pieces).toBeUndefined();
  expect(sessions[0]!.turns[0]!.texts[0]!.contents[0]!.length).toBe(5000);
});
