// The engine for the families that matter most: byte-level and SentencePiece-like BPE in C, on a
// prepared form that all threads read. What it does not cover it refuses, and never approximates.

import { AiperfError, fail } from "#core";
import { hasBpe, openBpe, prepareBpe } from "#ffi";
import type { Env, TokenizerFiles } from "./files.ts";
import { openPrepared } from "./prepared.ts";
import type { SharedTokenizer, Tokenizer } from "./tokenizer.ts";

/**
 * Opens files with the native engine.
 * @returns undefined where there is no native core, or the tokenizer asks for more than it does
 * @throws E_TOKENIZER_FORMAT when the files are damaged, which the other engine need not notice
 */
export function nativeFromFiles(files: TokenizerFiles, env: Env): Tokenizer | undefined {
  if (!hasBpe()) return undefined;
  try {
    return openPrepared({
      from: files.stored,
      env,
      make: (stored) => prepareBpe(files.unpack(stored)),
      open(form) {
        const shared = { name: files.name, engine: "native", bytes: form } as const;
        const share = () => ({ ...shared, config: files.config() });
        return { ...openNative({ ...shared, config: "{}" }), share };
      },
    });
  } catch (error) {
    if (!(error instanceof AiperfError)) throw error;
    if (error.code === "E_TOKENIZER_UNSUPPORTED") return undefined;
    if (error.code !== "E_TOKENIZER_FILE") throw error;
    return fail(
      "E_TOKENIZER_FORMAT",
      `${files.name}: tokenizer.json is cut off, or holds what no tokenizer may`,
      "fetch it again, or pass --tokenizer builtin",
    );
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
