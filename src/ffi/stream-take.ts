// What native/stream.c does, in JavaScript, on the same memory: events of a shape are recognised,
// their texts taken, and what fills the holes follows the last event.

const EROOM = -2;
const NUMBER_MAX_BYTES = 24;

/** The words before a shape's bytes, as core.h has them. */
export const WORD = {
  before: 0,
  after: 1,
  textAt: 2,
  textBytes: 3,
  textRoom: 4,
  holes: 5,
  firstHole: 6,
} as const;
/** Of a hole: where it begins, how long it is, whether it is a number. */
export const HOLE_WORDS = 3;
/** With room for STREAM_HOLES_MAX holes. */
export const HEADER_BYTES = 4 * (WORD.firstHole + 12 * HOLE_WORDS);

/** A shape's memory. */
export interface Fillings {
  readonly memory: Buffer;
  readonly words: Uint32Array;
}

/** Takes events as `stream_take` of core.h does. */
export function takeInJavaScript(
  shape: Fillings,
  bytes: Buffer,
  start: number,
  end: number,
): number {
  const { memory, words } = shape;
  const textAt = HEADER_BYTES + words[WORD.textAt]!;
  const room = words[WORD.textRoom]!;
  let filled = words[WORD.textBytes]!;
  let events = 0;
  for (let at = start; at < end; events++) {
    const open = partEnd(shape, 0, words[WORD.before]!, bytes, at, end);
    if (open === -1) return 0;
    const close = textEnd(bytes, open, end);
    if (close === open || close >= end) return 0;
    if (room - filled < close - open) return EROOM;
    bytes.copy(memory, textAt + filled, open, close);
    filled += close - open;
    const before = words[WORD.before]!;
    at = partEnd(shape, before, before + words[WORD.after]!, bytes, close, end);
    if (at === -1) return 0;
  }
  words[WORD.textBytes] = filled;
  return events;
}

/** Where the part [from, to) ends that begins at `at`; -1 when it is another. */
function partEnd(
  shape: Fillings,
  from: number,
  to: number,
  bytes: Buffer,
  at: number,
  end: number,
): number {
  const { memory } = shape;
  if (isSame(memory, HEADER_BYTES + from, HEADER_BYTES + to, bytes, at, end)) return at + to - from;
  return shape.words[WORD.holes] === 0 ? -1 : refill(shape, from, to, bytes, at, end);
}

/** Fills the holes of a part as the segment has them; -1, and nothing is changed, when more differs. */
function refill(
  { memory, words }: Fillings,
  from: number,
  to: number,
  bytes: Buffer,
  start: number,
  end: number,
): number {
  const holes = words.slice(WORD.firstHole, WORD.firstHole + words[WORD.holes]! * HOLE_WORDS);
  let at = start;
  let literal = from;
  let moved = 0;
  for (let word = 0; word < holes.length; word += HOLE_WORDS) {
    const holeAt = holes[word]!;
    if (holeAt >= to) holes[word] = holeAt + moved;
    if (holeAt < from || holeAt >= to) continue;
    if (!isSame(memory, HEADER_BYTES + literal, HEADER_BYTES + holeAt, bytes, at, end)) return -1;
    at += holeAt - literal;
    const filled = holes[word + 2] === 1 ? numberEnd(bytes, at, end) : nameEnd(bytes, at, end);
    if (filled === at) return -1;
    literal = holeAt + holes[word + 1]!;
    holes[word] = from + (at - start);
    holes[word + 1] = filled - at;
    at = filled;
    moved = at - start - (literal - from);
  }
  if (!isSame(memory, HEADER_BYTES + literal, HEADER_BYTES + to, bytes, at, end)) return -1;
  at += to - literal;
  const around = words[WORD.before]! + words[WORD.after]!;
  if (around + moved > words[WORD.textAt]!) return -1;
  memory.copyWithin(HEADER_BYTES + to + moved, HEADER_BYTES + to, HEADER_BYTES + around);
  bytes.copy(memory, HEADER_BYTES + from, start, at);
  words.set(holes, WORD.firstHole);
  if (from === 0) words[WORD.before] = at - start;
  words[WORD.after] = around + moved - words[WORD.before]!;
  return at;
}

/** Whether `memory[from, to)` is what stands in `bytes` at `at`. */
function isSame(
  memory: Buffer,
  from: number,
  to: number,
  bytes: Buffer,
  at: number,
  end: number,
): boolean {
  const until = at + to - from;
  return until <= end && bytes.compare(memory, from, to, at, until) === 0;
}

const QUOTE = 34;
const MINUS = 45;
const POINT = 46;
const ZERO = 48;
const NINE = 57;
const BACKSLASH = 92;

/** Where a JSON text that begins at `at` closes; `end` when it does not or is none. */
function textEnd(bytes: Buffer, at: number, end: number): number {
  for (let i = at; i < end; ) {
    const byte = bytes[i]!;
    if (byte === QUOTE) return i;
    if (byte < 0x20) return end;
    i += byte === BACKSLASH ? 2 : 1;
  }
  return end;
}

/** Where a text without escapes ends; `at` when there is none. */
function nameEnd(bytes: Buffer, at: number, end: number): number {
  for (let i = at; i < end; i++) {
    const byte = bytes[i]!;
    if (byte === QUOTE) return i;
    if (byte < 0x20 || byte === BACKSLASH) return at;
  }
  return at;
}

function digitsEnd(bytes: Buffer, at: number, end: number): number {
  let i = at;
  while (i < end && bytes[i]! >= ZERO && bytes[i]! <= NINE) i++;
  return i;
}

/** Where a JSON number without exponent ends; `at` when there is none. */
function numberEnd(bytes: Buffer, at: number, end: number): number {
  const whole = at < end && bytes[at] === MINUS ? at + 1 : at;
  let i = digitsEnd(bytes, whole, end);
  if (i === whole || (bytes[whole] === ZERO && i > whole + 1)) return at;
  if (i < end && bytes[i] === POINT) {
    const fraction = i + 1;
    i = digitsEnd(bytes, fraction, end);
    if (i === fraction) return at;
  }
  return i - at > NUMBER_MAX_BYTES ? at : i;
}
