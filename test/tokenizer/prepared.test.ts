import { expect, test } from "bun:test";
import { readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { contentOf } from "../../src/tokenizer/content.ts";
import { openPrepared } from "../../src/tokenizer/prepared.ts";
import { emptyFolder } from "./hub.ts";

const FROM = new TextEncoder().encode("a vocabulary");
const FORM = Uint8Array.from({ length: 1_000 }, (_, index) => index % 251);

/** Opens a form and says whether it had to be made. */
function ask(home: string, from = FROM) {
  let made = false;
  const form = openPrepared({
    from: contentOf(from),
    env: { XDG_CACHE_HOME: home },
    make: () => {
      made = true;
      return FORM;
    },
    open: (bytes) => {
      if (!Buffer.from(bytes).equals(FORM)) throw new Error("not sound");
      return bytes;
    },
  });
  return { made, form };
}

function kept(home: string): string[] {
  const folder = join(home, "aiperf", "tokenizers");
  return readdirSync(folder).map((name) => join(folder, name));
}

test("a form is made once for a content, and lies in shared memory", () => {
  const home = emptyFolder();
  expect(ask(home).made).toBe(true);
  const again = ask(home);
  expect(again.made).toBe(false);
  expect(again.form.buffer).toBeInstanceOf(SharedArrayBuffer);
  expect(ask(home, FROM.slice(1)).made).toBe(true);
  expect(kept(home).length).toBe(2);
});

test("a kept form that does not open is made again, and mended", () => {
  const home = emptyFolder();
  ask(home);
  const [path] = kept(home) as [string];
  const spoilt = Buffer.from(FORM);
  spoilt[500]! ^= 1;
  for (const spoil of [
    () => writeFileSync(path, spoilt),
    () => truncateSync(path, 700),
    () => truncateSync(path, 0),
    () => writeFileSync(path, Buffer.concat([FORM, FORM])),
  ]) {
    spoil();
    expect(ask(home).made).toBe(true);
    expect(readFileSync(path).equals(FORM)).toBe(true);
    expect(ask(home).made).toBe(false);
  }
});

test("where nothing can be kept, it is made each time", () => {
  const home = emptyFolder();
  writeFileSync(join(home, "aiperf"), "a file where the folder should be");
  expect(ask(home).made).toBe(true);
  expect(ask(home).made).toBe(true);
  expect(readdirSync(home)).toEqual(["aiperf"]);
});

test("a form that cannot be made or opened is not kept", () => {
  const home = emptyFolder();
  const broken = () =>
    openPrepared({
      from: contentOf(FROM),
      env: { XDG_CACHE_HOME: home },
      make: () => FORM,
      open: () => {
        throw new Error("not sound");
      },
    });
  expect(broken).toThrow("not sound");
  expect(readdirSync(home)).toEqual([]);
});
