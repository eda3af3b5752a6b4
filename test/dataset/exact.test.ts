import { expect, test } from "bun:test";
import { rngStream } from "#core";
import type { Tokenizer } from "#tokenizer";
import { exactWriter } from "../../src/dataset/exact.ts";
import { weigh } from "../../src/dataset/lexicon.ts";
import { prose } from "../../src/dataset/prose.ts";
import { vocabularyOf } from "../../src/dataset/vocabulary.ts";
import { FAMILIES, familyTokenizer } from "./tokenizers.ts";

function writerFor(tokenizer: Tokenizer, seed = 1) {
  const rng = rngStream(seed, "dataset.prompt.corpus");
  const lexicon = weigh(tokenizer, vocabularyOf("sonnet", tokenizer, rng));
  return exactWriter(prose(lexicon, tokenizer, rng), tokenizer);
}

/** How a text begins, found from the whole of it. */
function headOf(tokenizer: Tokenizer, text: string): string {
  return tokenizer.encode(text).subarray(0, 16).join();
}

test.each(FAMILIES)("%s: every length is exact, and no two texts begin alike", async (family) => {
  const tokenizer = await familyTokenizer(family);
  const lengths = Array.from({ length: 300 }, (_, index) => index + 1);
  lengths.push(512, 777, 1_000, 1_024, 2_047, 4_000);
  const texts = writerFor(tokenizer).write(lengths);
  expect(texts.map((text) => tokenizer.encode(text).length)).toEqual(lengths);
  expect(new Set(texts.map((text) => headOf(tokenizer, text))).size).toBe(lengths.length);
});

test("short texts are unique while there are enough", async () => {
  const tokenizer = await familyTokenizer("gpt4o");
  for (const [tokens, texts] of [
    [1, 1_000],
    [2, 2_000],
    [15, 2_000],
    [16, 2_000],
  ] as const) {
    const written = writerFor(tokenizer).write(Array.from({ length: texts }, () => tokens));
    expect(new Set(written).size).toBe(texts);
  }
});

test("more short texts than there are words still end", async () => {
  const tokenizer = await familyTokenizer("gpt4o");
  const written = writerFor(tokenizer).write(Array.from({ length: 6_000 }, () => 1));
  expect(written.length).toBe(6_000);
  expect(new Set(written).size).toBeGreaterThan(2_500);
});

/** Tokenizers that no model has, to which the writer's sum of costs does not apply. */
const ODD = {
  characters: (text: string) => [...text].map((character) => character.codePointAt(0)!),
  "pairs of characters": (text: string) =>
    (text.match(/[\s\S]{1,2}/g) ?? []).map(
      (pair) => pair.charCodeAt(0) * 65_536 + pair.charCodeAt(1),
    ),
  "words, of which two short ones are one": (text: string) =>
    (text.match(/\b\w{1,3} \w{1,3}\b|\w+|[^\w\s]/g) ?? []).map((word) =>
      Number(Bun.hash.crc32(word)),
    ),
};

test.each(Object.entries(ODD))("a tokenizer of %s is brought to length too", (name, split) => {
  const encode = (text: string) => Uint32Array.from(split(text));
  const odd: Tokenizer = {
    name,
    engine: "javascript",
    encode,
    count: (text) => encode(text).length,
    countBatch: (texts) => Uint32Array.from(texts, (text) => encode(text).length),
    decode: () => "",
    share: () => ({ name, engine: "javascript", bytes: new Uint8Array(), config: "{}" }),
  };
  const lengths = Array.from({ length: 200 }, (_, index) => index + 20);
  const texts = writerFor(odd).write(lengths);
  expect(texts.map((text) => odd.count(text))).toEqual(lengths);
});

test("a length that cannot be had is refused by name", async () => {
  const real = await familyTokenizer("llama2");
  const even: Tokenizer = {
    ...real,
    name: "even",
    count: (text) => real.count(text) * 2,
    countBatch: (texts) => real.countBatch(texts).map((count) => count * 2),
  };
  expect(() => writerFor(even).write([7])).toThrow(
    "no text of exactly 7 tokens was found for tokenizer even; choose another --isl",
  );
});
