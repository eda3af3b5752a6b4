// What texts are made of: words in the places of sentences. Prose unless the plan asks for code, or
// for tokens in no order.

import type { Corpus } from "#config";
import { integerBelow, type Rng } from "#core";
import type { Tokenizer } from "#tokenizer";
import { CODE, STATEMENTS } from "./code.ts";
import { SENTENCES, SYMBOLS } from "./grammar.ts";
import { WORDS } from "./words.ts";

/** Words by the letter that stands for their kind in a sentence. */
export interface Vocabulary {
  readonly words: Readonly<Record<string, readonly string[]>>;
  /** Each a row of letters, literal words and marks, separated by spaces. */
  readonly sentences: readonly string[];
  /** A sentence's first word has a capital letter. */
  readonly capitals: boolean;
}

const PROSE: Vocabulary = {
  words: Object.fromEntries(Object.entries(SYMBOLS).map(([letter, part]) => [letter, WORDS[part]])),
  sentences: SENTENCES,
  capitals: true,
};

const PROGRAM: Vocabulary = { words: CODE, sentences: STATEMENTS, capitals: false };

/** How many different tokens texts of random tokens are made of, and where they are looked for. */
const RANDOM_TOKENS = 3_000;
const RANDOM_IDS = 30_000;

/** @param rng draws the tokens of a corpus of random ones */
export function vocabularyOf(corpus: Corpus, tokenizer: Tokenizer, rng: Rng): Vocabulary {
  if (corpus === "sonnet") return PROSE;
  return corpus === "coding" ? PROGRAM : randomTokens(tokenizer, rng);
}

/** Tokens that can stand between spaces; not all ids of a vocabulary can. */
function randomTokens(tokenizer: Tokenizer, rng: Rng): Vocabulary {
  const words = new Set<string>();
  for (let tries = 0; tries < 4 * RANDOM_TOKENS && words.size < RANDOM_TOKENS; tries++) {
    const word = tokenizer.decode([integerBelow(rng, RANDOM_IDS)]).trim();
    if (/^[\p{L}\p{N}\p{P}]+$/u.test(word) && !word.includes("<")) words.add(word);
  }
  if (words.size === 0) return PROSE;
  return { words: { T: [...words] }, sentences: ["T T T T T T T T"], capitals: false };
}
