import { expect, test } from "bun:test";
import { gzipSync } from "node:zlib";
import { firstLine } from "../../src/cli/first-line.ts";
import { folderOf } from "../dataset/plans.ts";

test("the first line that is not blank, however the file is packed and wherever it is cut", async () => {
  const folder = await folderOf({});
  const row = JSON.stringify({ timestamp: 5, hash_ids: Array.from({ length: 9000 }, (_, i) => i) });
  const noise = Array.from({ length: 400_000 }, (_, i) => (i * 2654435761) % 4294967296).join("\n");
  const text = `\n  \n${row}\n${noise}\n`;
  const files = {
    plain: Buffer.from(text),
    gzip: gzipSync(text),
    zstd: Bun.zstdCompressSync(text),
  };
  for (const [name, bytes] of Object.entries(files)) {
    await Bun.write(`${folder}/${name}`, bytes);
    expect(firstLine(`${folder}/${name}`), name).toBe(row);
  }
});

test("nothing where there is nothing to read", async () => {
  const folder = await folderOf({ empty: "", short: "a" });
  expect(firstLine(folder)).toBeUndefined();
  expect(firstLine(`${folder}/nowhere`)).toBeUndefined();
  expect(firstLine(`${folder}/empty`)).toBeUndefined();
  expect(firstLine(`${folder}/short`)).toBe("a");
});
