import { expect, test } from "bun:test";
import { packBodies, readBodies } from "#engine";

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

test("bodies come back as they were put in, session by session", () => {
  const bodies = readBodies(packBodies([["a", "bé"], ["😀c"]]));
  expect(bodies.sessions).toBe(2);
  expect([bodies.turnsOf(0), bodies.turnsOf(1)]).toEqual([
    [0, 2],
    [2, 3],
  ]);
  expect([0, 1, 2].map((index) => text(bodies.body(index).slice()))).toEqual(["a", "bé", "😀c"]);
});

test("a gap is filled with pieces of the corpus, between whole bodies too", () => {
  const corpus = new SharedArrayBuffer(10);
  new Uint8Array(corpus).set(new TextEncoder().encode("0123456789"));
  const gapped = { before: '{"é":"', spans: Uint32Array.of(0, 3, 7, 2, 0, 1), after: '"}' };
  const bodies = readBodies(
    packBodies(
      [
        ["whole", gapped],
        [gapped, "end"],
      ],
      corpus,
    ),
  );
  const all = [0, 1, 2, 3].map((index) => text(bodies.body(index).slice()));
  expect(all).toEqual(["whole", '{"é":"012780"}', '{"é":"012780"}', "end"]);
});
