// How many tokens went in, where a request repeats what was said before it: the texts of the turns
// so far and of the replies that came, counted as they stood in the body, joined by spaces.

import type { Tokenizer } from "#tokenizer";

/** What a request's own turn adds to its input. */
export interface EntryTexts {
  /** Texts that every request of the session begins with. */
  readonly lead: readonly string[];
  readonly own: readonly string[];
}

/** One slot's session. */
export class Dialogue {
  readonly #tokenizer: Tokenizer;
  #texts: string[] = [];
  /** Where the texts are not at hand: what was counted of them beforehand. */
  #tokens = 0;

  constructor(tokenizer: Tokenizer) {
    this.#tokenizer = tokenizer;
  }

  /** A reply that the next requests repeat. */
  said(text: string): void {
    this.#texts.push(text);
    this.#tokens += this.#tokenizer.count(text);
  }

  /** Input tokens of a request with these texts, which the next ones repeat. */
  ask(turn: number, { lead, own }: EntryTexts): number {
    if (turn === 0) this.#texts = [...lead];
    this.#texts.push(...own);
    return this.#tokenizer.count(this.#texts.join(" "));
  }

  /** The same of a request whose texts are only known by their number of tokens. */
  add(turn: number, tokens: number): number {
    if (turn === 0) {
      this.#tokens = 0;
      this.#texts = [];
    }
    this.#tokens += tokens;
    return this.#tokens;
  }
}
