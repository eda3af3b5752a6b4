import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { contentAt, contentOf } from "../../src/tokenizer/content.ts";
import { openPrepared } from "../../src/tokenizer/prepared.ts";
import { emptyFolder } from "./hub.ts";

const PIECE = 256 * 1024;

/** Bytes none of which says where it is. */
function bytesOf(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 2_654_435_761) >>> 13);
}

test("a file has the name of its bytes, wherever its pieces end", () => {
  const path = join(emptyFolder(), "stored");
  const lengths = [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 3 * PIECE + 7];
  const names = lengths.map((length) => {
    const bytes = bytesOf(length);
    writeFileSync(path, bytes);
    const file = contentAt(path);
    expect(Buffer.from(file.read()).equals(bytes)).toBe(true);
    expect(file.name()).toBe(contentOf(bytes).name());
    return file.name();
  });
  expect(new Set(names).size).toBe(lengths.length);
});

test("every byte counts for the name, in every piece", () => {
  const bytes = bytesOf(2 * PIECE + 100);
  const names = [0, PIECE - 1, PIECE, 2 * PIECE + 99].map((at) => {
    const other = bytes.slice();
    other[at]! ^= 1;
    return contentOf(other).name();
  });
  expect(new Set([contentOf(bytes).name(), ...names]).size).toBe(5);
});

test("what is not there cannot be named", () => {
  expect(() => contentAt(join(emptyFolder(), "absent")).name()).toThrow("ENOENT");
});

test("what becomes another file while it is looked for is kept as what was read", () => {
  const home = emptyFolder();
  const [before, after] = [bytesOf(1_000), bytesOf(1_001)];
  const formOf = (from: Uint8Array) => Uint8Array.of(from.length % 256);
  const ask = (name: string, read: Uint8Array) =>
    openPrepared({
      from: { name: () => name, read: () => read },
      env: { XDG_CACHE_HOME: home },
      make: formOf,
      open: (form) => form[0],
    });
  ask(contentOf(before).name(), after);
  expect(ask(contentOf(before).name(), before)).toBe(formOf(before)[0]);
  expect(ask(contentOf(after).name(), before)).toBe(formOf(after)[0]);
});
