// What each piece of text costs in tokens. Almost every tokenizer splits at spaces and punctuation
// before it does anything else, so the cost of a text is the sum of the costs of its pieces; where
// that is not quite so, exact.ts sets it right.

import type { Tokenizer } from "#tokenizer";
import type { Vocabulary } from "./vocabulary.ts";

/** A run of text that continues another: a word with the space before it, or a mark. */
export interface Piece {
  readonly text: string;
  readonly tokens: number;
  /** Stands for a word, and may be replaced by one of another cost. */
  readonly word: boolean;
}

/** A sentence: for each place the pieces that may stand there. */
export type Shape = readonly (readonly Piece[])[];

export interface Lexicon {
  readonly shapes: readonly Shape[];
  /** Every word of the vocabulary once, small and capitalised: what short texts are made of. */
  readonly words: readonly Piece[];
  /** Pieces of one token, which fill what nothing else fits. Empty for odd tokenizers. */
  readonly singles: readonly Piece[];
  /** Punctuation that follows a word without a space. */
  readonly marks: readonly Piece[];
  readonly stop: Piece;
}

const MARKS = [".", ",", ";", "!", "?"];

/** A text that a piece can continue. */
const BEFORE = "a";

/** Weighs a whole vocabulary with a tokenizer; that of prose takes some 6,000 counts. */
export function weigh(tokenizer: Tokenizer, vocabulary: Vocabulary): Lexicon {
  const { words: kinds, sentences, capitals } = vocabulary;
  const first = (word: string): string => (capitals ? capital(word) : word);
  const texts = new Set<string>(MARKS);
  const literals = sentences
    .flatMap((sentence) => sentence.split(" "))
    .filter((symbol) => {
      return kinds[symbol] === undefined && !MARKS.includes(symbol);
    });
  for (const word of [...Object.values(kinds).flat(), ...literals]) {
    texts.add(` ${word}`).add(` ${first(word)}`);
  }

  const all = [...texts];
  const before = tokenizer.count(BEFORE);
  const counts = tokenizer.countBatch(all.map((text) => BEFORE + text));
  const pieces = new Map(
    all.map((text, index) => {
      const tokens = counts[index]! - before;
      return [text, { text, tokens, word: text.startsWith(" ") }] as const;
    }),
  );
  const piece = (text: string): Piece => pieces.get(text)!;

  const placesOf = (of: (word: string) => string) =>
    Object.fromEntries(
      Object.entries(kinds).map(([kind, words]) => [
        kind,
        words.map((word) => piece(` ${of(word)}`)),
      ]),
    );
  const inside = placesOf((word) => word);
  const opening = placesOf(first);
  const shapes = sentences.map((sentence) =>
    sentence.split(" ").map((symbol, place) => {
      if (MARKS.includes(symbol)) return [piece(symbol)];
      return (
        (place === 0 ? opening : inside)[symbol] ?? [
          piece(` ${place === 0 ? first(symbol) : symbol}`),
        ]
      );
    }),
  );
  const words = [...pieces.values()].filter(({ word }) => word);
  const ones = [...pieces.values()].filter(({ tokens }) => tokens === 1);
  const singles = ones.filter(({ text }) => text === text.toLowerCase() && text.startsWith(" "));
  return {
    shapes,
    words,
    singles: singles.length > 0 ? singles : ones,
    marks: MARKS.map(piece),
    stop: piece("."),
  };
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
