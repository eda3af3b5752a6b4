// The keys of JSON objects that are much alike, as they come: each knows which one followed it last,
// so that the next object's keys are found without looking for them.

import { type ByteScan, KnownText, NONE, TEXT_BYTES_MAX } from "./byte-scan.ts";

/** Found nowhere. */
const NOTHING = new KnownText("\n\n\n\n");

/** Keys that are told apart in an object; no line has as many. */
const KEYS_MAX = 256;

/** A key, the text up to its value, and the key that came after it last. */
export class Key {
  readonly text: KnownText;
  readonly place: number;
  next: Key | undefined;
  /** What stood behind its value last. */
  after = NOTHING;
  /** Number of the line in which it was seen last: in one line it comes once. */
  line = 0;

  constructor(text: string, place: number) {
    this.text = new KnownText(text);
    this.place = place;
  }
}

/** The keys of an object that have been seen, in all lines. */
export class Keys {
  /** Before the first. */
  readonly head = new Key("----", -1);
  readonly #all: Key[] = [];
  readonly #after: string;
  readonly #places: readonly string[];

  /** @param places names in the order of the places that their keys are to have; others have -1 */
  constructor(after: string, places: readonly string[]) {
    this.#after = after;
    this.#places = places;
  }

  /** The key that is at a place; undefined when none is. */
  find(scan: ByteScan, at: number): Key | undefined {
    for (const key of this.#all) if (scan.known(key.text, at) !== NONE) return key;
    const end = scan.string(at);
    if (this.#all.length === KEYS_MAX || end === NONE) return undefined;
    const name = scan.bytes.toString("utf8", at + 1, end - 1);
    const text = `"${name}${this.#after}`;
    if (name === "" || Buffer.byteLength(text) > TEXT_BYTES_MAX) return undefined;
    const key = new Key(text, this.#places.indexOf(name));
    if (scan.known(key.text, at) === NONE) return undefined;
    this.#all.push(key);
    return key;
  }
}
