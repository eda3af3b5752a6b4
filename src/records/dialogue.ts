// How many tokens went in, where a request repeats what was said before it: the texts of the turns
// so far and of the replies that came, counted as they stood in the body, joined by spaces.

import type { ChatTemplate, TemplateMessage, Tokenizer } from "#tokenizer";

/** What a request's own turn adds to its input. */
export interface EntryTexts {
  /** Texts that every request of the session begins with. */
  readonly lead: readonly string[];
  readonly own: readonly string[];
  /** The same as messages of a chat, where they are counted with what a template adds. */
  readonly messages?: {
    readonly lead: readonly TemplateMessage[];
    readonly own: readonly TemplateMessage[];
  };
}

/** One slot's session. */
export class Dialogue {
  readonly #tokenizer: Tokenizer;
  #texts: string[] = [];
  #messages: TemplateMessage[] = [];
  readonly #template: ChatTemplate | undefined;
  /** Where the texts are not at hand: what was counted of them beforehand. */
  #tokens = 0;

  constructor(tokenizer: Tokenizer, template?: ChatTemplate) {
    this.#tokenizer = tokenizer;
    this.#template = template;
  }

  /** A reply that the next requests repeat. */
  said(text: string): void {
    this.#texts.push(text);
    this.#messages.push({ role: "assistant", content: text });
    this.#tokens += this.#tokenizer.count(text);
  }

  /** Input tokens of a request with these texts, which the next ones repeat. */
  ask(turn: number, { lead, own, messages }: EntryTexts): number {
    if (this.#template !== undefined && messages !== undefined) {
      if (turn === 0) this.#messages = [...messages.lead];
      this.#messages.push(...messages.own);
      return this.#tokenizer.count(this.#template(this.#messages));
    }
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
