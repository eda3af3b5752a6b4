// The native tokenizer: texts to tokens and back on one thread, through memory that is made once,
// kept, and grown when a text asks for more.

import { type Pointer, ptr } from "bun:ffi";
import { assert, fail } from "#core";
import { Block } from "./bpe/block.ts";
import { isPreparedBpe } from "./bpe/form.ts";
import { bpeCore } from "./bpe/symbols.ts";
import { checked } from "./codes.ts";

/** Readable bytes that core.h wants after every text. */
const PAD = 32;
/** A thread's memory begins with this many bytes of text, and grows as texts ask for it. */
const FIRST_TEXT_BYTES = 64 * 1024;
/** Texts of a batch cross over together until they have so many characters. */
const BATCH_CHARACTERS = 256 * 1024;

/** Texts of so many characters on average are not joined before they cross over. */
const LONG_CHARACTERS = 256;

const ROOM = -2;
const SCRATCH = -10;

/**
 * Opens a prepared form on this thread.
 * @throws E_TOKENIZER_FILE when it is not one
 */
export function openBpe(model: Uint8Array): BpeEncoder {
  if (!isPreparedBpe(model)) {
    fail("E_TOKENIZER_FILE", "the prepared tokenizer is damaged", "delete it: it is made again");
  }
  return new BpeEncoder(model);
}

/** One thread's use of a tokenizer. Special tokens written out in a text are recognised, none added. */
export class BpeEncoder {
  /** The prepared form, for other threads to open. */
  readonly model: Uint8Array;
  readonly #core = bpeCore();
  readonly #modelAt: Pointer;
  readonly #cache: Uint8Array;
  readonly #cacheAt: Pointer;
  readonly #text = new Block(FIRST_TEXT_BYTES);
  readonly #scratch = new Block(FIRST_TEXT_BYTES);
  readonly #ids = new Block(4 * FIRST_TEXT_BYTES);
  readonly #ends = new Block(64);
  readonly #counts = new Block(64);
  readonly #writer = new TextEncoder();
  readonly #reader = new TextDecoder("utf-8", { ignoreBOM: true });

  constructor(model: Uint8Array) {
    this.model = model;
    this.#modelAt = ptr(model);
    this.#cache = new Uint8Array(this.#core.bpe_cache_size());
    this.#cacheAt = ptr(this.#cache);
    this.clearCache();
  }

  /** Forgets the words seen so far; for benchmarks. */
  clearCache(): void {
    this.#core.bpe_cache_clear(this.#cacheAt);
  }

  encode(text: string): Uint32Array {
    const count = this.#run(this.#writeOne(text), 1, true, false);
    return this.#ids.words.slice(0, count);
  }

  count(text: string): number {
    return this.#run(this.#writeOne(text), 1, false, false);
  }

  /** `count` of each text, in order. */
  countBatch(texts: readonly string[]): Uint32Array {
    const counts = new Uint32Array(texts.length);
    for (const { from, to, bytes } of this.#batches(texts)) {
      this.#run(bytes, to - from, false, true);
      counts.set(this.#counts.words.subarray(0, to - from), from);
    }
    return counts;
  }

  /** `encode` of each text, in order. */
  encodeBatch(texts: readonly string[]): Uint32Array[] {
    const all: Uint32Array[] = [];
    for (const { from, to, bytes } of this.#batches(texts)) {
      const total = this.#run(bytes, to - from, true, true);
      const ids = this.#ids.words.slice(0, total);
      const counts = this.#counts.words.subarray(0, to - from);
      let at = 0;
      for (const count of counts) all.push(ids.subarray(at, (at += count)));
    }
    return all;
  }

  /**
   * The text of some tokens; bytes that are no UTF-8 become U+FFFD, ids without a token nothing.
   * @param options.skipSpecial leaves control tokens out
   */
  decode(ids: ArrayLike<number>, options: { readonly skipSpecial?: boolean } = {}): string {
    this.#ids.reserve(4 * ids.length);
    this.#ids.words.set(ids);
    for (;;) {
      const room = this.#text.bytes.length;
      const size = this.#core.bpe_decode(
        this.#modelAt,
        this.#ids.at,
        ids.length,
        options.skipSpecial ? 1 : 0,
        this.#text.at,
        room,
      );
      if (checked(size, "the tokenizer") <= room)
        return this.#reader.decode(this.#text.bytes.subarray(0, size));
      this.#text.reserve(size);
    }
  }

  /** Puts a text where C reads it, and returns its length in bytes. */
  #writeOne(text: string): number {
    this.#text.reserve(3 * text.length + PAD);
    const { written } = this.#writer.encodeInto(text, this.#text.bytes);
    this.#ends.words[0] = written;
    return written;
  }

  /** Puts as many texts as belong together where C reads them, and then the next. */
  *#batches(texts: readonly string[]): Generator<{ from: number; to: number; bytes: number }> {
    for (let from = 0; from < texts.length; ) {
      let characters = 0;
      let to = from;
      do characters += texts[to++]!.length;
      while (to < texts.length && characters + texts[to]!.length <= BATCH_CHARACTERS);
      yield { from, to, bytes: this.#writeMany(texts.slice(from, to), characters) };
      from = to;
    }
  }

  #writeMany(texts: readonly string[], characters: number): number {
    this.#text.reserve(3 * characters + PAD);
    this.#ends.reserve(4 * texts.length);
    this.#counts.reserve(4 * texts.length);
    const ends = this.#ends.words;
    let at = 0;
    // A byte for each character: then the texts end where their characters do. Long texts cross over
    // one by one as fast, and leave no garbage of their length.
    const isJoined = characters < LONG_CHARACTERS * texts.length;
    if (
      isJoined &&
      this.#writer.encodeInto(texts.join(""), this.#text.bytes).written === characters
    ) {
      for (const [index, text] of texts.entries()) ends[index] = at += text.length;
      return at;
    }
    for (const [index, text] of texts.entries()) {
      at += this.#writer.encodeInto(text, this.#text.bytes.subarray(at)).written;
      ends[index] = at;
    }
    return at;
  }

  /** Encodes or counts what was written, with more memory as long as C asks for more. */
  #run(bytes: number, texts: number, ids: boolean, counts: boolean): number {
    if (ids) this.#ids.reserve(4 * (bytes + 4 * texts));
    for (;;) {
      const answer = this.#core.bpe_encode(
        this.#modelAt,
        this.#cacheAt,
        this.#scratch.at,
        this.#scratch.bytes.length,
        this.#text.at,
        this.#ends.at,
        texts,
        ids ? this.#ids.at : null,
        this.#ids.words.length,
        counts ? this.#counts.at : null,
      );
      if (answer >= 0) return answer;
      if (answer === SCRATCH) {
        const need = this.#scratch.words[0]!;
        assert(need > this.#scratch.bytes.length, "more scratch is asked for than there was");
        this.#scratch.reserve(need);
      } else if (answer === ROOM && this.#ids.bytes.length < 48 * (bytes + 64 * texts)) {
        this.#ids.reserve(2 * this.#ids.bytes.length);
      } else {
        return checked(answer, "the tokenizer");
      }
    }
  }
}
