// One event whose bytes are known but for some places. A small reply is one segment of two or three
// events that differ from each other and hardly from those of the reply before: each is compared
// with what it was, four bytes at a time, and only what fills its holes is read.

import type { Usage } from "#core";
import type { ReplyFacts } from "#endpoint";
import type { Shape } from "./shape.ts";

const TEXT = 0;
const NAME = 1;
const NUMBER = 2;
const LAST = 3;

/** Bytes as they were, and what follows them. */
interface Part {
  readonly words: Uint32Array;
  /** What is left of them after whole words. */
  readonly rest: Uint8Array;
  readonly bytes: number;
  readonly follows: typeof TEXT | typeof NAME | typeof NUMBER | typeof LAST;
}

const QUOTE = 34;
const BACKSLASH = 92;
const MINUS = 45;
const POINT = 46;
const ZERO = 48;
const NINE = 57;
const NONE = -1;

export class KnownEvent {
  readonly #parts: readonly Part[];
  readonly #meaning: Shape["meaning"];
  /** Where each hole's filling lies in the event at hand, by the hole's number. */
  readonly #from: Int32Array;
  readonly #to: Int32Array;
  #textFrom = 0;
  #textTo = 0;

  constructor({ before, after, holes, meaning }: Shape) {
    const whole = Buffer.concat([before, after]);
    const gaps = holes.map(({ at, bytes, isNumber }) => {
      return { from: at, to: at + bytes, follows: isNumber ? NUMBER : NAME } as const;
    });
    const text = { from: before.length, to: before.length, follows: TEXT } as const;
    const all = meaning.fact === undefined ? gaps : [...gaps, text];
    all.sort((a, b) => a.from - b.from);
    const end = { from: whole.length, to: whole.length, follows: LAST } as const;
    let at = 0;
    this.#parts = [...all, end].map(({ from, to, follows }) => {
      const part = partOf(whole.subarray(at, from), follows);
      at = to;
      return part;
    });
    this.#meaning = meaning;
    this.#from = new Int32Array(holes.length);
    this.#to = new Int32Array(holes.length);
  }

  /** Where the event ends if it begins at `start` and is like this one; -1 when it is not. */
  match(bytes: DataView, start: number, end: number): number {
    const parts = this.#parts;
    let at = start;
    let hole = 0;
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i]!;
      if (end - at < part.bytes || !isSame(bytes, at, part)) return NONE;
      at += part.bytes;
      if (part.follows === LAST) return at;
      const to = part.follows === NUMBER ? numberEnd(bytes, at, end) : textEnd(bytes, at, end);
      if (to === NONE) return NONE;
      if (part.follows === TEXT) {
        this.#textFrom = at;
        this.#textTo = to;
      } else {
        this.#from[hole] = at;
        this.#to[hole++] = to;
      }
      at = to;
    }
    return NONE;
  }

  /** Puts what the event says, which was matched last, into cleared facts. */
  tell(bytes: Buffer, facts: ReplyFacts): void {
    const { fact, usage, counts } = this.#meaning;
    if (fact !== undefined) facts[fact] = bytes.toString("utf8", this.#textFrom, this.#textTo);
    if (usage === undefined) return;
    const told: { -readonly [field in keyof Usage]: Usage[field] } = { ...usage };
    for (const { field, hole } of counts)
      told[field] = numberIn(bytes, this.#from[hole]!, this.#to[hole]!);
    facts.usage = told;
  }
}

function partOf(bytes: Buffer, follows: Part["follows"]): Part {
  const words = Uint32Array.from({ length: bytes.length >> 2 }, (_, i) =>
    bytes.readUInt32LE(4 * i),
  );
  return { words, rest: bytes.subarray(4 * words.length), bytes: bytes.length, follows };
}

function isSame(bytes: DataView, start: number, { words, rest }: Part): boolean {
  let at = start;
  for (let i = 0; i < words.length; i++) {
    if (bytes.getUint32(at, true) !== words[i]!) return false;
    at += 4;
  }
  for (let i = 0; i < rest.length; i++) if (bytes.getUint8(at + i) !== rest[i]!) return false;
  return true;
}

/** Where a JSON text without escapes closes; -1 when it is empty or has some. */
function textEnd(bytes: DataView, start: number, end: number): number {
  for (let at = start; at < end; at++) {
    const byte = bytes.getUint8(at);
    if (byte === QUOTE) return at === start ? NONE : at;
    if (byte === BACKSLASH || byte < 0x20) return NONE;
  }
  return NONE;
}

/** Where a JSON number without exponent ends; -1 when there is none. */
function numberEnd(bytes: DataView, start: number, end: number): number {
  const from = start < end && bytes.getUint8(start) === MINUS ? start + 1 : start;
  const whole = digitsEnd(bytes, from, end);
  if (whole === from || (whole > from + 1 && bytes.getUint8(from) === ZERO)) return NONE;
  if (whole === end || bytes.getUint8(whole) !== POINT) return whole;
  const fraction = digitsEnd(bytes, whole + 1, end);
  return fraction === whole + 1 ? NONE : fraction;
}

function digitsEnd(bytes: DataView, start: number, end: number): number {
  let at = start;
  while (at < end && isDigit(bytes.getUint8(at))) at++;
  return at;
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}

/** Digits that a double adds up without rounding. */
const DIGITS_MAX = 15;

function numberIn(bytes: Buffer, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at++) {
    const byte = bytes[at]!;
    if (!isDigit(byte) || to - from > DIGITS_MAX) return Number(bytes.toString("latin1", from, to));
    value = 10 * value + byte - ZERO;
  }
  return value;
}
