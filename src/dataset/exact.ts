// Texts of exactly the wanted number of tokens, no two of which begin alike. What the writer
// promised is checked by the tokenizer itself, and what it missed is cut or stretched until it fits.

import { fail } from "#core";
import type { Tokenizer } from "#tokenizer";
import type { Prose } from "./prose.ts";

/** Servers cache prompts by blocks of tokens, the smallest of which are this long. */
const HEAD_TOKENS = 16;

/** So many words are at least HEAD_TOKENS tokens, but for tokenizers that join words. */
const HEAD_WORDS = 20;

/** A text of so many characters keeps its head when its tail is mended. */
const LONG_CHARACTERS = 600;

/** Texts counted in one call: enough to be fast, few enough to need little memory. */
const BATCH = 128;

const REPAIRS_MAX = 200;
const REDRAWS_MAX = 1_000;

/** Writes texts and remembers how they began, so that the whole run has no two alike. */
export interface ExactWriter {
  /**
   * One text for each of `lengths`, in order, of exactly so many tokens.
   * @throws E_DATASET_LENGTH when the tokenizer cannot be brought to a length
   */
  write(lengths: readonly number[]): string[];
  /**
   * The same texts, each cut or stretched at its end until it has so many tokens.
   * @param keep characters at the beginning that must not be touched
   * @throws E_DATASET_LENGTH when the tokenizer cannot be brought to a length
   */
  fit(texts: readonly string[], lengths: readonly number[], keep: number): string[];
}

/** A writer whose texts `tokenizer` counts, without special tokens, as asked. */
export function exactWriter(prose: Prose, tokenizer: Tokenizer): ExactWriter {
  const heads = new Set<string>();
  /** Lengths of which nearly all texts that there are have been written. */
  const exhausted = new Set<number>();

  const headOf = (text: string): string => {
    const few = tokenizer.encode(firstWords(text, HEAD_WORDS));
    const ids = few.length < HEAD_TOKENS ? tokenizer.encode(text) : few;
    return ids.subarray(0, HEAD_TOKENS).join();
  };

  /** A text that begins as no other; short lengths allow only so many. */
  const draw = (tokens: number, compose: (tokens: number) => string): string => {
    for (let tries = exhausted.has(tokens) ? REDRAWS_MAX : 1; ; tries++) {
      const text = compose(tokens);
      const head = headOf(text);
      if (!heads.has(head)) {
        heads.add(head);
        return text;
      }
      if (tries < REDRAWS_MAX) continue;
      exhausted.add(tokens);
      return text;
    }
  };

  const repaired = (text: string, tokens: number): string => {
    let mended = text;
    for (let round = 0; round < REPAIRS_MAX; round++) {
      const missing = tokens - tokenizer.count(mended);
      if (missing === 0) return mended;
      if (missing < 0) mended = withoutWords(mended, -missing);
      else mended += round % 3 === 2 ? prose.any() : prose.more(missing);
      if (mended === "") mended = prose.write(tokens);
    }
    return fail(
      "E_DATASET_LENGTH",
      `no text of exactly ${tokens} tokens was found for tokenizer ${tokenizer.name}`,
      "choose another --isl, or another --tokenizer",
    );
  };

  const writeBatch = (lengths: readonly number[]): string[] => {
    const texts = lengths.map((tokens) => draw(tokens, prose.write));
    const counts = tokenizer.countBatch(texts);
    return texts.map((text, index) => {
      const tokens = lengths[index]!;
      if (counts[index] === tokens) return text;
      // A long text keeps its head when its tail is mended; a short one is drawn anew.
      if (text.length > LONG_CHARACTERS) {
        const mended = repaired(text, tokens);
        if (mended.startsWith(text.slice(0, LONG_CHARACTERS / 2))) return mended;
      }
      heads.delete(headOf(text));
      return draw(tokens, (wanted) => repaired(prose.write(wanted), wanted));
    });
  };

  const fitted = (text: string, tokens: number, keep: number): string => {
    for (let tries = 0; tries < REPAIRS_MAX; tries++) {
      const mended = repaired(text, tokens);
      if (mended.startsWith(text.slice(0, keep))) return mended;
    }
    return fail(
      "E_DATASET_LENGTH",
      `a text of ${keep} characters cannot be continued to exactly ${tokens} tokens`,
      "choose a longer --isl, or another --tokenizer",
    );
  };

  return {
    fit(texts, lengths, keep) {
      const counts = tokenizer.countBatch(texts);
      return texts.map((text, index) =>
        counts[index] === lengths[index] ? text : fitted(text, lengths[index]!, keep),
      );
    },

    write(lengths) {
      const texts: string[] = [];
      for (let start = 0; start < lengths.length; start += BATCH) {
        for (const text of writeBatch(lengths.slice(start, start + BATCH))) texts.push(text);
      }
      return texts;
    },
  };
}

/** A text's first words, or all of it. */
function firstWords(text: string, words: number): string {
  let end = 0;
  for (let seen = 0; seen < words; seen++) {
    end = text.indexOf(" ", end + 1);
    if (end < 0) return text;
  }
  return text.slice(0, end);
}

/** The text less its last words; empty when it has no more than those. */
function withoutWords(text: string, words: number): string {
  let end = text.length;
  for (let dropped = 0; dropped < words && end > 0; dropped++) {
    end = Math.max(0, text.lastIndexOf(" ", end - 1));
  }
  return text.slice(0, end);
}
