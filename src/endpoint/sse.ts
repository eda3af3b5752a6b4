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
/** An event larger than this is not one: the reader refuses to gather more. */
const EVENT_MAX_BYTES = 64 * 2 ** 20;

/** Reads one stream. The event passed to a visitor is reused: keep its strings, not the object. */
export class SseReader {
  #rest: Buffer = Buffer.alloc(0);
  #restBytes = 0;
  /** How far the gathered bytes were already searched for a blank line. */
  #searched = 0;
  readonly #event: SseEvent = { data: undefined, name: undefined, comment: undefined };

  /** Forgets everything, ready for another stream. */
  reset(): void {
    this.#restBytes = 0;
    this.#searched = 0;
    if (this.#rest.length > 2 ** 16) this.#rest = Buffer.alloc(0);
  }

  /** Takes bytes in and visits each event that they complete. False: an event grew out of bounds. */
  push(bytes: Buffer, visit: (event: SseEvent) => void): boolean {
    let whole = bytes;
    if (this.#restBytes > 0) {
      this.#gather(bytes);
      whole = this.#rest.subarray(0, this.#restBytes);
    }
    let start = 0;
    let from = this.#searched;
    for (;;) {
      const end = endOfEvent(whole, from);
      if (end === -1) break;
      this.#deliver(whole.toString("utf8", start, end), visit);
      start = end;
      from = end;
    }
    const left = whole.length - start;
    if (left === 0) {
      this.#restBytes = 0;
      this.#searched = 0;
      return true;
    }
    if (this.#restBytes > 0) {
      this.#rest.copy(this.#rest, 0, start, this.#restBytes);
      this.#restBytes = left;
    } else {
      this.#gather(start === 0 ? bytes : bytes.subarray(start));
    }
    // A blank line may begin in the last three bytes: "\r\n\r" waits for its "\n".
    this.#searched = Math.max(0, left - 3);
    return left <= EVENT_MAX_BYTES;
  }

  /** Visits the event that the end of the stream cut off, if there is one. */
  end(visit: (event: SseEvent) => void): void {
    if (this.#restBytes > 0) this.#deliver(this.#rest.toString("utf8", 0, this.#restBytes), visit);
    this.reset();
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

  #deliver(text: string, visit: (event: SseEvent) => void): void {
    const event = this.#event;
    event.data = undefined;
    event.name = undefined;
    event.comment = undefined;
    // Nearly every event of an LLM server is a single `data:` line.
    if (text.startsWith("data:") && text.search(LINE_WITHIN) === -1) {
      event.data = text.slice(5).trim();
      visit(event);
      return;
    }
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
/** A line end that is not among those that close the event. */
const LINE_WITHIN = /[\r\n][^\r\n]/;

/** Where the first event in `bytes` ends, its blank line included; -1 if it goes on. */
function endOfEvent(bytes: Buffer, from: number): number {
  for (let at = from; ; at++) {
    at = nextLineEnd(bytes, at);
    if (at === -1) return -1;
    const afterFirst = afterLineEnd(bytes, at);
    if (afterFirst === -1 || afterFirst >= bytes.length) return -1;
    const next = bytes[afterFirst];
    if (next !== LF && next !== CR) continue;
    const afterSecond = afterLineEnd(bytes, afterFirst);
    // "\r" at the very end may be half of "\r\n"; the blank line is complete either way.
    return afterSecond === -1 ? bytes.length : afterSecond;
  }
}

function nextLineEnd(bytes: Buffer, from: number): number {
  const lf = bytes.indexOf(LF, from);
  const cr = bytes.indexOf(CR, from);
  if (cr === -1) return lf;
  return lf === -1 ? cr : Math.min(lf, cr);
}

/** The position after the line end at `at`; -1 when a "\r" at the end may still become "\r\n". */
function afterLineEnd(bytes: Buffer, at: number): number {
  if (bytes[at] === LF) return at + 1;
  if (at + 1 === bytes.length) return -1;
  return bytes[at + 1] === LF ? at + 2 : at + 1;
}
