// Every length from 1 to 4,000 with every real tokenizer at hand: seconds natively, minutes without.
// bun test --timeout 900000 ./test/oracle/exact.oracle.ts

import { expect, test } from "bun:test";
import { rngStream } from "#core";
import { exactWriter } from "../../src/dataset/exact.ts";
import { weigh } from "../../src/dataset/lexicon.ts";
import { prose } from "../../src/dataset/prose.ts";
import { vocabularyOf } from "../../src/dataset/vocabulary.ts";
import { FAMILIES, familyTokenizer } from "../dataset/tokenizers.ts";

const LENGTH_MAX = 4_000;

test.each(FAMILIES)("%s", async (family) => {
  const tokenizer = await familyTokenizer(family);
  const lengths = Array.from({ length: LENGTH_MAX }, (_, index) => index + 1);
  const rng = rngStream(3, "oracle");
  const lexicon = weigh(tokenizer, vocabularyOf("sonnet", tokenizer, rng));
  const writer = exactWriter(prose(lexicon, tokenizer, rng), tokenizer);
  const texts = writer.write(lengths);
  const ids = texts.map((text) => tokenizer.encode(text));
  expect(ids.map(({ length }) => length)).toEqual(lengths);
  expect(new Set(ids.map((all) => all.subarray(0, 16).join())).size).toBe(LENGTH_MAX);
});
