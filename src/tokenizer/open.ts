// From files, or from a tokenizer on its way between threads, to one that works.

import type { Env, TokenizerFiles } from "./files.ts";
import { openJavascript } from "./javascript.ts";
import { nativeFromFiles, openNative } from "./native.ts";
import type { SharedTokenizer, Tokenizer } from "./tokenizer.ts";

/**
 * Opens files that were found, with the native engine where it covers them.
 * @throws E_TOKENIZER_FORMAT when no engine knows the tokenizer
 */
export async function openFiles(files: TokenizerFiles, env: Env): Promise<Tokenizer> {
  return (
    nativeFromFiles(files, env) ??
    openJavascript({
      name: files.name,
      engine: "javascript",
      bytes: sharedCopy(files.unpack(files.stored.read())),
      config: files.config(),
    })
  );
}

/**
 * Opens a tokenizer that another thread has loaded and sent here.
 * @throws E_TOKENIZER_FORMAT when the engine does not know the tokenizer
 */
export async function openShared(shared: SharedTokenizer): Promise<Tokenizer> {
  return shared.engine === "native" ? openNative(shared) : openJavascript(shared);
}

/** The same bytes where every thread can read them. */
function sharedCopy(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.length));
  copy.set(bytes);
  return copy;
}
