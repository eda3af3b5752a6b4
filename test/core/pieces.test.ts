import { expect, test } from "bun:test";
import { type Pieces, pieceFiller, pieceMark } from "#core";

function shared(values: Uint8Array | Uint32Array): SharedArrayBuffer {
  const memory = new SharedArrayBuffer(values.byteLength);
  new Uint8Array(memory).set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  return memory;
}

const PIECES: Pieces = {
  corpus: [shared(new TextEncoder().encode("012345")), shared(new TextEncoder().encode("6789"))],
  chunkBytes: 10,
  spans: shared(Uint32Array.of(0, 3, 11, 2, 13, 1)),
  firstSpans: shared(Uint32Array.of(0, 2, 2, 3)),
};

function filled(text: string): string {
  const inShared = new Uint8Array(shared(new TextEncoder().encode(text)));
  return Buffer.from(pieceFiller(PIECES)(inShared)).toString();
}

test("every mark is replaced by its pieces, and all else stays", () => {
  expect(filled(`{"é":"${pieceMark(0)}"}`)).toBe('{"é":"01278"}');
  expect(filled(`${pieceMark(2)}, ${pieceMark(0)}${pieceMark(1)}!`)).toBe("9, 01278!");
  expect(filled("no mark >> here <<")).toBe("no mark >> here <<");
});

test("a mark of a text that there is not is our own mistake", () => {
  expect(() => filled(pieceMark(3))).toThrow(/a mark stands for a text/);
});
