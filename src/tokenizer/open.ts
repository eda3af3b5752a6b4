// From a tokenizer on its way between threads to one that works.

import { openJavascript } from "./javascript.ts";
import type { SharedTokenizer, Tokenizer } from "./tokenizer.ts";

/**
 * Opens a tokenizer that another thread has loaded and sent here.
 * @throws E_TOKENIZER_FORMAT when the engine does not know the tokenizer
 */
export async function openShared(shared: SharedTokenizer): Promise<Tokenizer> {
  return openJavascript(shared);
}
