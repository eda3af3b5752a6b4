// Text to tokens and back, and where tokenizers come from.

export { openShared } from "./open.ts";
export type { SharedTokenizer, Tokenizer } from "./tokenizer.ts";
