// Server-sent events out of whatever pieces the network delivered them in. It works on bytes and
// decodes whole events only, so a character cut in two by the network needs no care.
// Source: WHATWG HTML, "Server-sent events"; differences on purpose: values are trimmed on both
// sides, and an event that the end of the stream cuts off is delivered.

/** One event. `data` is undefined when the event had no `data:` line. */
export interface SseEvent {
  data: string | undefined;
  name: string | undefined;
  /** Text of the last comment line, which some servers use to explain an error. */
  comment: string | undefined;
}

const LF = 10;
const CR = 13;
const SPACE = 32;
/** An event larger than this is not one: the reader refuses to gather more. */
const EVENT_MAX_BYTES = 64 * 2 ** 20;
/** A gathered event above this size gives its memory back at the end of its stream. */
const KEPT_MAX_BYTES = 64 * 2 ** 10;

/** Reads one stream. The event passed to a visitor is reused: keep its strings, not the object. */
export class SseReader {
  #rest: Buffer = Buffer.alloc(0);
  #restBytes = 0;
  /** How far the gathered bytes were already searched for a blank line. */
  #searched = 0;
  #refused = false;
  readonly #event: SseEvent = { data: undefined, name: undefined, comment: undefined };

  /** True when no part of an event is waiting for its rest. */
  get idle(): boolean {
    return this.#restBytes === 0 && !this.#refused;
  }

  /** Forgets everything, ready for another stream. */
  reset(): void {
    this.#restBytes = 0;
    this.#searched = 0;
    this.#refused = false;
    if (this.#rest.length > KEPT_MAX_BYTES) this.#rest = Buffer.alloc(0);
  }

  /**
   * Takes bytes in and visits each event that they complete. False: an event grew out of bounds,
   * and nothing more is taken until the reader is reset.
   */
  push(bytes: Buffer, visit: (event: SseEvent) => void): boolean {
    if (this.#refused) return false;
    let whole = bytes;
    if (this.#restBytes > 0) {
      this.#gather(bytes);
      whole = this.#rest.subarray(0, this.#restBytes);
    }
    const length = whole.length;
    let start = 0;
    // Nearly every event of an LLM server is one line; `lineEnd` is then where it ends.
    let oneLine = this.#searched === 0;
    let lf = find(whole, LF, this.#searched);
    let cr = find(whole, CR, this.#searched);
    for (;;) {
      const lineEnd = Math.min(lf, cr);
      let next = lineEnd + 1;
      if (lineEnd === cr && next === lf) next++;
      // At the very end a line end says nothing yet: the blank line, or the LF of a CRLF, may follow.
      if (next >= length) break;
      if (lf < next) lf = find(whole, LF, next);
      if (cr < next) cr = find(whole, CR, next);
      if (lineEnd === start) {
        start = next; // a blank line more than was needed
      } else if (lf !== next && cr !== next) {
        oneLine = false;
      } else {
        if (oneLine) this.#deliverLine(whole, start, lineEnd, visit);
        else this.#deliver(whole.toString("utf8", start, lineEnd), visit);
        start = next + (cr === next && lf === next + 1 ? 2 : 1);
        oneLine = true;
        if (lf < start) lf = find(whole, LF, start);
        if (cr < start) cr = find(whole, CR, start);
      }
    }
    return this.#keep(bytes, start, length - start);
  }

  /** Visits the event that the end of the stream cut off, if there is one. */
  end(visit: (event: SseEvent) => void): void {
    if (this.#restBytes > 0) this.#deliver(this.#rest.toString("utf8", 0, this.#restBytes), visit);
    this.reset();
  }

  /** Keeps what no event has used yet: the last `left` bytes. */
  #keep(bytes: Buffer, start: number, left: number): boolean {
    if (left > EVENT_MAX_BYTES) {
      this.reset();
      this.#refused = true;
      return false;
    }
    if (left === 0) this.#restBytes = 0;
    else if (this.#restBytes === 0) this.#gather(bytes.subarray(start));
    else if (start > 0) {
      this.#rest.copyWithin(0, start, this.#restBytes);
      this.#restBytes = left;
    }
    // A line end of two bytes may have come without the blank line behind it.
    this.#searched = Math.max(0, left - 2);
    return true;
  }

  #gather(bytes: Buffer): void {
    const needed = this.#restBytes + bytes.length;
    if (needed > this.#rest.length) {
      const grown = Buffer.allocUnsafe(Math.max(1024, needed * 2));
      this.#rest.copy(grown, 0, 0, this.#restBytes);
      this.#rest = grown;
    }
    bytes.copy(this.#rest, this.#restBytes);
    this.#restBytes = needed;
  }

  #deliverLine(bytes: Buffer, start: number, end: number, visit: (event: SseEvent) => void): void {
    if (!startsWithData(bytes, start)) {
      this.#deliver(bytes.toString("utf8", start, end), visit);
      return;
    }
    const event = this.#event;
    const from = start + "data:".length;
    event.data = bytes.toString("utf8", bytes[from] === SPACE ? from + 1 : from, end).trim();
    event.name = undefined;
    event.comment = undefined;
    visit(event);
  }

  #deliver(text: string, visit: (event: SseEvent) => void): void {
    const event = this.#event;
    event.data = undefined;
    event.name = undefined;
    event.comment = undefined;
    let any = false;
    for (const line of text.split(LINE_END)) {
      if (line === "") continue;
      any = true;
      const colon = line.indexOf(":");
      const field = (colon === -1 ? line : line.slice(0, colon)).trim();
      const value = colon === -1 ? "" : line.slice(colon + 1).trim();
      if (field === "data")
        event.data = event.data === undefined ? value : `${event.data}\n${value}`;
      else if (field === "event") event.name = value;
      else if (field === "") event.comment = value;
    }
    if (any) visit(event);
  }
}

const LINE_END = /\r\n|\n|\r/;

/** Where `byte` comes next; beyond any position when it does not. */
function find(bytes: Buffer, byte: number, from: number): number {
  const at = bytes.indexOf(byte, from);
  return at === -1 ? Number.POSITIVE_INFINITY : at;
}

function startsWithData(bytes: Buffer, at: number): boolean {
  return (
    bytes[at] === 100 &&
    bytes[at + 1] === 97 &&
    bytes[at + 2] === 116 &&
    bytes[at + 3] === 97 &&
    bytes[at + 4] === 58
  );
}
