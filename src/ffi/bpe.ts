// The native tokenizer: from a tokenizer.json to one block of shared memory that every thread
// reads, and from texts to tokens through memory that each thread makes once and keeps.

import { type Pointer, ptr } from "bun:ffi";
import { assert, fail } from "#core";
import { checked } from "./codes.ts";
import { openNative } from "./library.ts";

/** Readable bytes that core.h wants after every text. */
const PAD = 32;
/** Words of core.h's BPE_PLAN. */
const PLAN_WORDS = 40;
/** A thread's memory begins with this many bytes of text, and grows as texts ask for it. */
const FIRST_TEXT_BYTES = 64 * 1024;
/** Texts of a batch cross over together until they have so many characters. */
const BATCH_CHARACTERS = 256 * 1024;

const ROOM = -2;
const DATA = -3;
const SCRATCH = -10;

/** What a tokenizer.json may ask for that the core leaves to another engine. */
const UNSUPPORTED = [
  { code: -20, what: "its model is not plain BPE" },
  { code: -21, what: "its normalizer is none that the native core has" },
  { code: -22, what: "its pre-tokenizer is none that the native core has" },
  { code: -23, what: "its decoder is none that the native core has" },
  { code: -24, what: "some bytes have no token" },
  { code: -25, what: "its added tokens have flags or ids that the native core does not take" },
  { code: -26, what: "its vocabulary is too large or its merges unusual" },
] as const;

function openSymbols() {
  return openNative({
    bpe_plan: { args: ["ptr", "u32", "ptr"], returns: "i32" },
    bpe_prepare: { args: ["ptr", "ptr", "u32", "ptr", "u32"], returns: "i32" },
    bpe_check: { args: ["ptr", "u32"], returns: "i32" },
    bpe_cache_size: { args: [], returns: "u32" },
    bpe_cache_clear: { args: ["ptr"], returns: "void" },
    bpe_encode: {
      args: ["ptr", "ptr", "ptr", "u32", "ptr", "ptr", "u32", "ptr", "u32", "ptr"],
      returns: "i32",
    },
    bpe_decode: { args: ["ptr", "ptr", "u32", "i32", "ptr", "u32"], returns: "i32" },
  });
}

let opened: ReturnType<typeof openSymbols>;

/** The core's functions, opened at the first use; undefined where there is no core. */
function symbols() {
  opened ??= openSymbols();
  return opened;
}

function core() {
  const found = symbols();
  if (found === undefined) {
    return fail("E_NATIVE", "the native core is not in use", "use the JavaScript engine");
  }
  return found;
}

/** Whether this thread can use the native tokenizer at all. */
export function hasBpe(): boolean {
  return symbols() !== undefined;
}

/**
 * Makes the prepared form of a `tokenizer.json`: shared memory without pointers, which another
 * thread can open, and which a file can hold as it is.
 * @throws E_TOKENIZER_UNSUPPORTED when it asks for what the core does not do; nothing is approximated
 * @throws E_TOKENIZER_FILE when it is not a sound tokenizer.json
 */
export function prepareBpe(json: Uint8Array): Uint8Array {
  const { bpe_plan, bpe_prepare } = core();
  if (json.length === 0) refuse(DATA);
  const plan = new BigUint64Array(PLAN_WORDS);
  refuse(bpe_plan(ptr(json), json.length, ptr(plan)));
  const model = new Uint8Array(new SharedArrayBuffer(Number(plan[0])));
  const scratch = new Uint8Array(Number(plan[1]));
  refuse(bpe_prepare(ptr(plan), ptr(model), model.length, ptr(scratch), scratch.length));
  return model;
}

/** Raises what a negative answer about a tokenizer.json means. */
function refuse(answer: number): void {
  if (answer >= 0) return;
  const row = UNSUPPORTED.find((row) => row.code === answer);
  if (row !== undefined) {
    fail("E_TOKENIZER_UNSUPPORTED", `tokenizer.json: ${row.what}`, "use the JavaScript engine");
  }
  if (answer === DATA) {
    fail("E_TOKENIZER_FILE", "tokenizer.json is damaged or not a tokenizer", "fetch it again");
  }
  checked(answer, "preparing a tokenizer");
}

/** Whether a block is a prepared form that this program can open: whole, of its version, sound. */
export function isPreparedBpe(model: Uint8Array): boolean {
  if (model.length === 0 || model.byteOffset % 8 !== 0) return false;
  return core().bpe_check(ptr(model), model.length) === 0;
}

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

/** Memory that C reads and writes; it grows by being replaced. */
class Block {
  bytes: Uint8Array;
  words: Uint32Array;
  at: Pointer;

  constructor(bytes: number) {
    // The buffer comes first: a small array that is asked for its buffer later moves.
    const buffer = new ArrayBuffer(Math.ceil(bytes / 8) * 8);
    this.bytes = new Uint8Array(buffer);
    this.words = new Uint32Array(buffer);
    this.at = ptr(buffer);
  }

  /** Makes room for so many bytes; what was there is lost when that takes a larger block. */
  reserve(bytes: number): void {
    if (bytes > this.bytes.length) Object.assign(this, new Block(bytes * 1.5));
  }
}

/** One thread's use of a tokenizer. Special tokens written out in a text are recognised, none added. */
export class BpeEncoder {
  /** The prepared form, for other threads to open. */
  readonly model: Uint8Array;
  readonly #core = core();
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
    // A byte for each character: then the texts end where their characters do.
    if (this.#writer.encodeInto(texts.join(""), this.#text.bytes).written === characters) {
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
