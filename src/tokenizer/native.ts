// The engine for the families that matter most: byte-level and SentencePiece-like BPE in C, on a
// prepared form that all threads read. What it does not cover it refuses, and never approximates.

import { AiperfError } from "#core";
import { hasBpe, openBpe, prepareBpe } from "#ffi";
import type { Env, TokenizerFiles } from "./files.ts";
import { openPrepared } from "./prepared.ts";
import type { SharedTokenizer, Tokenizer } from "./tokenizer.ts";

/**
 * Opens files with the native engine.
 * @returns undefined where there is no native core, or the tokenizer asks for more than it does
 */
export function nativeFromFiles(files: TokenizerFiles, env: Env): Tokenizer | undefined {
  if (!hasBpe()) return undefined;
  try {
    return openPrepared({
      from: files.stored,
      env,
      make: () => prepareBpe(files.json()),
      open(form) {
        const shared = { name: files.name, engine: "native", bytes: form } as const;
        const share = () => ({ ...shared, config: files.config() });
        return { ...openNative({ ...shared, config: "{}" }), share };
      },
    });
  } catch (error) {
    // Damaged files too: the other engine says what is wrong with them.
    if (error instanceof AiperfError && error.code.startsWith("E_TOKENIZER_")) return undefined;
    throw error;
  }
}

/**
 * Opens `shared.bytes`, a prepared form.
 * @throws E_TOKENIZER_FILE when it is not whole and sound
 */
export function openNative(shared: SharedTokenizer): Tokenizer {
  const engine = openBpe(shared.bytes);
  return {
    name: shared.name,
    engine: "native",
    encode: (text) => engine.encode(text),
    count: (text) => engine.count(text),
    countBatch: (texts) => engine.countBatch(texts),
    decode: (ids) => engine.decode(ids),
    share: () => shared,
  };
}
