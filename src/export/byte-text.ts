// Text that is written as bytes from the start. A line of a request has two thousand characters of
// which two hundred are news: as strings they would be joined, flattened, encoded and collected,
// forty thousand times a second; here the news are put between copies of what was there before.

import { putFraction } from "./doubles.ts";
import { putMillionths, putWhole, WHOLE_MAX } from "./numerals.ts";

const FIRST_BYTES = 72 * 1024;
/** A double takes 24 characters at most. */
export const NUMBER_BYTES_MAX = 25;
const QUOTE = 34;
const BACKSLASH = 92;
const COMMA = 44;

export class ByteText {
  /** What is written lies in `bytes[0, length)`; the buffer moves when it grows. */
  bytes: Buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  length = 0;

  /** Sees to room for more: `put` methods ask for none, those for texts of any length do. */
  reserve(more: number): void {
    if (this.length + more > this.bytes.length) this.#grow(more);
  }

  /** Adds bytes. */
  put(piece: Uint8Array): void {
    this.bytes.set(piece, this.length);
    this.length += piece.length;
  }

  /** Adds `from.bytes[start, end)`; of this text, too. */
  putPart(from: ByteText, start: number, end: number): void {
    if (start === end) return;
    from.bytes.copy(this.bytes, this.length, start, end);
    this.length += end - start;
  }

  putByte(byte: number): void {
    this.bytes[this.length++] = byte;
  }

  /** Adds a number as JavaScript spells it. */
  putNumber(value: number): void {
    if (value >= 0 && value <= WHOLE_MAX) {
      if (Number.isInteger(value)) {
        this.length = putWhole(this.bytes, this.length, value);
        return;
      }
      if (value >= 1) {
        const end = putFraction(this.bytes, putWhole(this.bytes, this.length, value), value);
        if (end !== -1) {
          this.length = end;
          return;
        }
      }
    }
    this.length += this.bytes.write(String(value), this.length, "latin1");
  }

  /** Adds what `ns / 1e6` is spelled as. */
  putMillionths(ns: number): void {
    this.length = putMillionths(this.bytes, this.length, ns);
  }

  /** The same of many, with commas between them. */
  millionthsList(values: Float64Array): void {
    this.reserve(values.length * (NUMBER_BYTES_MAX + 1));
    const { bytes } = this;
    let at = this.length;
    for (let i = 0; i < values.length; i++) {
      if (i > 0) bytes[at++] = COMMA;
      at = putMillionths(bytes, at, values[i]!);
    }
    this.length = at;
  }

  /** Adds a text as it is. */
  text(text: string): void {
    this.reserve(3 * text.length);
    this.length += this.bytes.write(text, this.length, "utf8");
  }

  /** Adds a text as JSON, in its quotes. */
  json(text: string): void {
    const { length } = text;
    this.reserve(length + 2);
    const { bytes } = this;
    let at = this.length;
    bytes[at++] = QUOTE;
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code < 0x20 || code > 0x7e || code === QUOTE || code === BACKSLASH) {
        this.text(JSON.stringify(text));
        return;
      }
      bytes[at++] = code;
    }
    bytes[at++] = QUOTE;
    this.length = at;
  }

  toString(from = 0): string {
    return this.bytes.toString("utf8", from, this.length);
  }

  #grow(more: number): void {
    const grown = Buffer.allocUnsafeSlow(2 * (this.length + more));
    this.bytes.copy(grown, 0, 0, this.length);
    this.bytes = grown;
  }
}
