// A text of which every cut between two words is a cut between two tokens: each word and each mark
// is one token, whatever stands beside it. A prompt of any length is then a slice of it, or several
// slices one after the other, and nothing has to be counted or mended.

import { integerBelow, type Rng } from "#core";
import type { Tokenizer } from "#tokenizer";
import { type Lexicon, type Piece, weigh } from "./lexicon.ts";
import { vocabularyOf } from "./vocabulary.ts";

/** With fewer words of one token than this, texts would repeat themselves. */
const WORDS_MIN = 100;

export interface SpanCorpus {
  readonly text: string;
  /** Where each token ends, in characters, which are bytes; a word's space is before it. */
  readonly ends: Uint32Array;
  /** Tokens at which a text may begin, even a prompt: words that are one token without space too. */
  readonly starts: Uint32Array;
}

/**
 * Writes a corpus.
 * @param starts how many different beginnings are needed, at least
 * @param longest tokens of the longest slice
 * @param marks whether there are commas and stops; tokenizers that join them to words need none
 */
export function writeSpanCorpus(
  tokenizer: Tokenizer,
  rng: Rng,
  starts: number,
  longest: number,
  marks: boolean,
): SpanCorpus {
  const lexicon = weigh(tokenizer, vocabularyOf("sonnet", tokenizer, rng));
  const openings = openingWords(lexicon, tokenizer);
  const shapes = singleShapes(lexicon, marks);
  const body: Piece[] = [];
  let beginnings = 0;
  while (beginnings < starts || body.length < longest) {
    for (const choices of shapes[integerBelow(rng, shapes.length)]!) {
      const piece = choices[integerBelow(rng, choices.length)]!;
      if (openings.has(piece.text)) beginnings++;
      body.push(piece);
    }
  }

  // What is cut near the end goes on with the beginning.
  const pieces = [...body, ...body.slice(0, longest)];
  const ends = new Uint32Array(pieces.length);
  const isStart = (piece: Piece, at: number) => at < body.length && openings.has(piece.text);
  let length = 0;
  for (const [at, { text }] of pieces.entries()) ends[at] = length += text.length;
  return {
    text: pieces.map(({ text }) => text).join(""),
    ends,
    starts: Uint32Array.from(pieces.flatMap((piece, at) => (isStart(piece, at) ? [at] : []))),
  };
}

/** Small words that are one token with and without a space before them. */
function openingWords({ singles, words }: Lexicon, tokenizer: Tokenizer): ReadonlySet<string> {
  const bare = singles.map(({ text }) => text.trimStart());
  const counts = tokenizer.countBatch(bare);
  const openings = singles.filter((_, index) => counts[index] === 1).map(({ text }) => text);
  // Without enough of them lengths cannot be exact; whoever asked looks how far they are off.
  return new Set(openings.length >= WORDS_MIN ? openings : words.map(({ text }) => text));
}

/** The sentences, of words of one token alone. */
function singleShapes({ shapes, singles, words }: Lexicon, marks: boolean) {
  const enough = singles.length >= WORDS_MIN ? singles : words;
  const fitting = shapes.map((shape) =>
    shape
      .filter(([first]) => marks || first!.word)
      .map((choices) => {
        const ones = choices.filter(({ tokens }) => tokens === 1);
        return ones.length > 0 ? ones : enough;
      }),
  );
  return fitting.filter((shape) => shape.length > 0);
}
