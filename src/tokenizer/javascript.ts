// The engine that covers every family: Hugging Face's own tokenizers in JavaScript. It is loaded
// only when used, because parsing a large vocabulary takes most of a second.

import { fail, messageOf } from "#core";
import type { SharedTokenizer, Tokenizer } from "./tokenizer.ts";

/** The engine takes vocabularies of any type, and with some it makes nothing of any text. */
const PROBE = "a";

/**
 * Opens `shared.bytes`, the bytes of a `tokenizer.json`.
 * @throws E_TOKENIZER_FORMAT when they are not a tokenizer that the engine knows
 */
export async function openJavascript(shared: SharedTokenizer): Promise<Tokenizer> {
  const { Tokenizer: Engine } = await import("@huggingface/tokenizers");
  const engine = ((): InstanceType<typeof Engine> => {
    try {
      const opened = new Engine(parse(shared.bytes), JSON.parse(shared.config));
      const { ids } = opened.encode(PROBE, { add_special_tokens: false });
      if (ids.length === 0 || !ids.every(Number.isInteger)) throw new Error("it makes no tokens");
      return opened;
    } catch (error) {
      return fail(
        "E_TOKENIZER_FORMAT",
        `${shared.name}: tokenizer.json cannot be used (${messageOf(error)})`,
        "check the file, or pass --tokenizer builtin",
      );
    }
  })();
  const encode = (text: string): number[] =>
    text === "" ? [] : engine.encode(text, { add_special_tokens: false }).ids;

  return {
    name: shared.name,
    engine: "javascript",
    encode: (text) => Uint32Array.from(encode(text)),
    count: (text) => encode(text).length,
    countBatch: (texts) => Uint32Array.from(texts, (text) => encode(text).length),
    decode: (ids) =>
      ids.length === 0
        ? ""
        : engine.decode(Array.from(ids), { clean_up_tokenization_spaces: false }),
    share: () => shared,
  };
}

function parse(bytes: Uint8Array): object {
  // TextDecoder refuses shared memory, so those bytes are copied out first.
  const own = bytes.buffer instanceof SharedArrayBuffer ? bytes.slice() : bytes;
  return JSON.parse(new TextDecoder().decode(own));
}
