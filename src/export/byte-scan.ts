// What stands in bytes of JSON: known text, compared four bytes at a time; numbers, without making
// texts of them; strings that need no unescaping. Every method takes a place and answers the one
// behind what it found there, or NONE. A line end is part of none of these, and the bytes end with
// one, so no step asks how many there are; behind it there must be room for the longest known text.

const [QUOTE, BACKSLASH, MINUS, PLUS, POINT] = [34, 92, 45, 43, 46];
const [ZERO, NINE, UPPER_E, LOWER_E] = [48, 57, 69, 101];
const SPACE = 32;

/** No place: what was looked for is not there. */
export const NONE = -1;

/** Longest text that may be looked for; as many bytes behind the end of all can be read. */
export const TEXT_BYTES_MAX = 256;

const NANO_DIGITS = 9;
const STAMP_DIGITS_MAX = 19;
/** Up to here a double holds any digits, and any power of ten is one. */
const DIGITS_MAX = 15;
const POWERS = Float64Array.from({ length: DIGITS_MAX + 1 }, (_, power) => Number(`1e${power}`));

/** A text to look for, of four bytes or more. */
export class KnownText {
  readonly length: number;
  readonly words: Int32Array;

  constructor(text: string) {
    const bytes = Buffer.from(text);
    this.length = bytes.length;
    // The last word overlaps the one before it.
    this.words = Int32Array.from({ length: Math.ceil(bytes.length / 4) }, (_, i) =>
      bytes.readInt32LE(Math.min(4 * i, bytes.length - 4)),
    );
  }
}

export class ByteScan {
  /** The number that was read last. */
  value = Number.NaN;
  /** The seconds of the time that was read last. */
  whole = Number.NaN;
  bytes: Buffer = Buffer.alloc(0);
  #view: DataView = new DataView(new ArrayBuffer(0));

  /** Takes other bytes. */
  open(bytes: Buffer): void {
    if (bytes === this.bytes) return;
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  known({ length, words }: KnownText, at: number): number {
    const view = this.#view;
    const last = words.length - 1;
    // Texts that are alike begin alike.
    if (view.getInt32(at + length - 4, true) !== words[last]) return NONE;
    for (let i = 0; i < last; i++) {
      if (view.getInt32(at + 4 * i, true) !== words[i]) return NONE;
    }
    return at + length;
  }

  /** A string in its quotes, without backslashes. */
  string(at: number): number {
    return this.bytes[at] === QUOTE ? this.restOfString(at + 1) : NONE;
  }

  /** The same, its first quote passed. */
  restOfString(from: number): number {
    const { bytes } = this;
    const view = this.#view;
    let at = from;
    while (arePlain(view.getInt32(at, true))) at += 4;
    for (;;) {
      const byte = bytes[at++]!;
      if (byte === QUOTE) return at;
      if (byte < SPACE || byte === BACKSLASH) return NONE;
    }
  }

  /** Digits of a time in nanoseconds, ten to nineteen: `whole` are its seconds, `value` the rest. */
  stamp(from: number): number {
    const end = this.#passDigits(from);
    const restFrom = end - NANO_DIGITS;
    if (restFrom <= from || end - from > STAMP_DIGITS_MAX || this.bytes[from] === ZERO) return NONE;
    this.whole = this.#digitsBetween(from, restFrom);
    this.value = this.#digitsBetween(restFrom, end);
    return end;
  }

  /** A number, as JSON spells them; `value` is the double next to it. */
  number(from: number): number {
    const { bytes } = this;
    const view = this.#view;
    const first = bytes[from] === MINUS ? from + 1 : from;
    let at = first;
    let digits = 0;
    for (let word = view.getInt32(at, true); areDigits(word); word = view.getInt32(at, true)) {
      digits = digits * 1e4 + fourDigits(word);
      at += 4;
    }
    let byte = bytes[at]!;
    for (; byte >= ZERO && byte <= NINE; byte = bytes[++at]!) digits = digits * 10 + (byte - ZERO);
    // No number begins with a zero that says nothing.
    if (at === first || (at > first + 1 && bytes[first] === ZERO)) return NONE;
    let decimals = 0;
    if (byte === POINT) {
      const decimalsFrom = ++at;
      for (let word = view.getInt32(at, true); areDigits(word); word = view.getInt32(at, true)) {
        digits = digits * 1e4 + fourDigits(word);
        at += 4;
      }
      byte = bytes[at]!;
      for (; byte >= ZERO && byte <= NINE; byte = bytes[++at]!)
        digits = digits * 10 + (byte - ZERO);
      decimals = at - decimalsFrom;
      if (decimals === 0) return NONE;
    }
    if (byte === LOWER_E || byte === UPPER_E || at - first > DIGITS_MAX) {
      const end = this.#passExponent(at);
      if (end !== NONE) this.value = Number(bytes.toString("latin1", from, end));
      return end;
    }
    const value = decimals === 0 ? digits : digits / POWERS[decimals]!;
    this.value = first === from ? value : -value;
    return at;
  }

  /** The same, of which the value does not matter. */
  passNumber(from: number): number {
    const { bytes } = this;
    const first = bytes[from] === MINUS ? from + 1 : from;
    let at = this.#passDigits(first);
    if (at === first || (at > first + 1 && bytes[first] === ZERO)) return NONE;
    if (bytes[at] === POINT) {
      const decimalsFrom = at + 1;
      at = this.#passDigits(decimalsFrom);
      if (at === decimalsFrom) return NONE;
    }
    return this.#passExponent(at);
  }

  /** An exponent, or nothing. */
  #passExponent(from: number): number {
    const { bytes } = this;
    if (bytes[from] !== LOWER_E && bytes[from] !== UPPER_E) return from;
    const sign = bytes[from + 1];
    const first = sign === MINUS || sign === PLUS ? from + 2 : from + 1;
    const at = this.#passDigits(first);
    return at === first ? NONE : at;
  }

  #passDigits(from: number): number {
    const { bytes } = this;
    const view = this.#view;
    let at = from;
    while (areDigits(view.getInt32(at, true))) at += 4;
    for (let byte = bytes[at]!; byte >= ZERO && byte <= NINE; byte = bytes[at]!) at++;
    return at;
  }

  #digitsBetween(from: number, to: number): number {
    const view = this.#view;
    let value = 0;
    let at = from;
    for (; to - at >= 4; at += 4) value = value * 1e4 + fourDigits(view.getInt32(at, true));
    for (; at < to; at++) value = value * 10 + (this.bytes[at]! - ZERO);
    return value;
  }
}

/** Whether the four bytes of a word are surely neither quotes nor backslashes nor control codes. */
function arePlain(word: number): boolean {
  const quotes = word ^ 0x22222222;
  const backslashes = word ^ 0x5c5c5c5c;
  // A byte that is less than what is taken off borrows its highest bit.
  const below =
    ((word - 0x20202020) & ~word) |
    ((quotes - 0x01010101) & ~quotes) |
    ((backslashes - 0x01010101) & ~backslashes);
  return (below & 0x80808080) === 0;
}

/** Whether the four bytes of a word are digits. */
function areDigits(word: number): boolean {
  const high = word & 0xf0f0f0f0;
  const highPlusSix = (word + 0x06060606) & 0xf0f0f0f0;
  return high === 0x30303030 && highPlusSix === 0x30303030;
}

/** The number that they are, of which the first is in the lowest byte. */
function fourDigits(word: number): number {
  const digits = word & 0x0f0f0f0f;
  const pairs = Math.imul(digits, 10) + (digits >>> 8);
  return (pairs & 0xff) * 100 + ((pairs >>> 16) & 0xff);
}
