// Writes synthetic text of a wanted number of tokens, in one pass: each piece's cost is known
// before it is written, and the last ones are chosen to come out even.

import { integerBelow, type Rng } from "#core";
import type { Tokenizer } from "#tokenizer";
import type { Lexicon, Piece } from "./lexicon.ts";

/** Below this, sentences would all begin alike: short texts are words in no order. */
const PROSE_TOKENS_MIN = 8;

/** How often a text's first word is drawn again because it does not fit. */
const OPENINGS_MAX = 50;

export interface Prose {
  /** A text of `tokens` tokens for a tokenizer that splits at spaces; near that for others. */
  write(tokens: number): string;
  /** Pieces of about `tokens` tokens, to make a text longer. */
  more(tokens: number): string;
  /** Any one piece: a way on where pieces of known cost lead in circles. */
  any(): string;
}

/** A writer that draws from one stream. */
export function prose(lexicon: Lexicon, tokenizer: Tokenizer, rng: Rng): Prose {
  const { shapes, words, singles, marks, stop } = lexicon;
  const pick = <T>(choices: readonly T[]): T => choices[integerBelow(rng, choices.length)]!;

  /** First words have no space before them, and their own cost. */
  const openingTokens = new Map<string, number>();
  const openingOf = (piece: Piece): { text: string; tokens: number } => {
    const text = piece.text.trimStart();
    let tokens = openingTokens.get(text);
    if (tokens === undefined) openingTokens.set(text, (tokens = tokenizer.count(text)));
    return { text, tokens };
  };

  /** The pieces of the text at hand: joined at once they leave no garbage of a thousand ropes. */
  const parts: string[] = [];
  let count = 0;
  const put = (text: string): void => {
    parts[count++] = text;
  };
  const joined = (): string => {
    parts.length = count;
    count = 0;
    return parts.join("");
  };

  const write = (tokens: number): string => {
    const isProse = tokens >= PROSE_TOKENS_MIN;
    let shape = pick(shapes);
    let place = 0;
    const next = (): Piece => {
      if (!isProse) return pick(words);
      if (place === shape.length) {
        shape = pick(shapes);
        place = 0;
      }
      return pick(shape[place++]!);
    };

    let opening = openingOf(next());
    for (let tries = 1; opening.tokens > tokens && tries < OPENINGS_MAX; tries++) {
      opening = openingOf(pick(words));
    }
    put(opening.text);
    let left = tokens - opening.tokens;
    while (left > stop.tokens) {
      let piece = next();
      // What leaves no room for the stop, or would stand before it as a second mark, is replaced.
      const after = left - piece.tokens;
      if (after < stop.tokens || (after === stop.tokens && !piece.word)) {
        if (singles.length === 0) break;
        piece = pick(singles);
      }
      put(piece.text);
      left -= piece.tokens;
    }
    if (left > 0) put(stop.text);
    return joined();
  };

  const more = (tokens: number): string => {
    const fitting = singles.length > 0 ? singles : words;
    for (let left = tokens; left > 0; ) {
      const piece = pick(fitting);
      put(piece.text);
      left -= Math.max(1, piece.tokens);
    }
    return joined();
  };

  const any = (): string => pick(pick([words, marks])).text;

  return { write, more, any };
}
