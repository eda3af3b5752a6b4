// The shapes that the streams of a thread have taught: the one that was learnt last, with which the
// next stream begins, and for each kind of text the last one of it. A stream that goes from thoughts
// to an answer, as its neighbours do, changes its shape without another lesson.

import { StreamShape } from "#ffi";
import type { Meaning, Shape } from "./shape.ts";

type Fact = Meaning["fact"];

export class KnownShapes {
  readonly #byFact = new Map<Fact, StreamShape<Meaning>>();
  #last = new StreamShape<Meaning>();

  /** Without a meaning before anything was learnt. */
  get last(): StreamShape<Meaning> {
    return this.#last;
  }

  of(fact: Fact): StreamShape<Meaning> | undefined {
    return this.#byFact.get(fact);
  }

  learn(shape: Shape): void {
    const { fact } = shape.meaning;
    let known = this.#byFact.get(fact);
    if (known === undefined) this.#byFact.set(fact, (known = new StreamShape<Meaning>()));
    known.learn(shape);
    this.#last = known;
  }
}
