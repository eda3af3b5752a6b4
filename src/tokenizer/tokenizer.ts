// What the program asks of a tokenizer, whoever does the work. Counts are of plain text: no
// begin or end token is ever added, because a prompt's length is the user's text alone.

/** Text to tokens and back. Never adds special tokens; ones written out in a text are recognised. */
export interface Tokenizer {
  /** What the results call it: a hub id, a path, or `builtin`. */
  readonly name: string;
  readonly engine: "native" | "javascript";
  encode(text: string): Uint32Array;
  count(text: string): number;
  /** `count` of each text, in order. */
  countBatch(texts: readonly string[]): Uint32Array;
  decode(ids: ArrayLike<number>): string;
  /** What another thread needs to open the same tokenizer; survives `postMessage`. */
  share(): SharedTokenizer;
}

/** A tokenizer on its way to another thread: shared memory, so nothing large is copied. */
export interface SharedTokenizer {
  readonly name: string;
  readonly engine: Tokenizer["engine"];
  /** The prepared form for the native engine, `tokenizer.json` itself for the other. */
  readonly bytes: Uint8Array;
  /** The text of `tokenizer_config.json`; `{}` where there is none. */
  readonly config: string;
}
