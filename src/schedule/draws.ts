// A sequence that several threads share without asking each other: each produces all of it from
// the same seed, and keeps what it has taken the number of.

import { assert } from "#core";

/** Answers with member `index`, from 0, of what `source` yields. Indexes must not fall. */
export function sequence<Item>(source: Generator<Item, never>): (index: number) => Item {
  let at = -1;
  let current: Item | undefined;
  return (index) => {
    assert(index >= at, "a sequence is not read backwards");
    for (; at < index; at++) current = source.next().value;
    return current as Item;
  };
}
