// The usual chunk of a token stream, recognised by its shape: see native/stream.c. Its twin in
// JavaScript compares the same bytes and gives the same answers.

import { type Pointer, ptr } from "bun:ffi";
import { assert } from "#core";
import { openNative } from "./library.ts";

const HEADER_BYTES = 28;
const BEFORE_BYTES = 0;
const AFTER_BYTES = 1;
const TEXT_AT = 2;
const TEXT_BYTES = 3;
const TEXT_ROOM = 4;
const ID_AT = 5;
const ID_BYTES = 6;

const EROOM = -2;
const FIRST_ROOM_BYTES = 2048;

const QUOTE = 34;
const BACKSLASH = 92;

const native = openNative({
  stream_take: { args: ["ptr", "ptr", "u32"], returns: "i32" },
  stream_adopt: { args: ["ptr", "u32", "ptr", "ptr", "u32"], returns: "i32" },
});

/** Where in a shape's `before` the name of its stream lies. */
export interface StreamName {
  readonly at: number;
  readonly bytes: number;
}

const NO_NAME: StreamName = { at: 0, bytes: 0 };
/** Names of streams are some dozen bytes; one much longer than the known one is not adopted. */
const NAME_ROOM_BYTES = 256;

/** Memory in which segments lie, with its address where the native core reads it. */
export interface SegmentMemory {
  readonly bytes: Buffer;
  readonly pointer: Pointer | undefined;
}

/** Makes the bytes of a ring, or any other memory that stays where it is, readable for shapes. */
export function segmentMemory(bytes: Uint8Array): SegmentMemory {
  return {
    bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    pointer: native === undefined ? undefined : ptr(bytes),
  };
}

/**
 * What the events of one stream look like around their text. The caller vouches that any JSON text
 * between `before` and `after` changes nothing else of an event's meaning.
 */
export class StreamShape {
  #memory: Buffer;
  #words: Uint32Array;
  #pointer: Pointer | undefined;
  #usable = false;

  constructor() {
    this.#memory = Buffer.alloc(0);
    this.#words = new Uint32Array(0);
  }

  /** True once `learn` was called. */
  get usable(): boolean {
    return this.#usable;
  }

  /**
   * Takes on a shape; texts that were taken and not yet read are lost.
   * @param name where in `before` the stream's own name lies, if any name would do as well
   */
  learn(before: Uint8Array, after: Uint8Array, name = NO_NAME): void {
    const templateBytes = before.length + after.length;
    const wanted = HEADER_BYTES + templateBytes + FIRST_ROOM_BYTES;
    if (this.#memory.length < wanted) this.#make(wanted);
    this.#describe(before.length, after.length, name);
    this.#memory.set(before, HEADER_BYTES);
    this.#memory.set(after, HEADER_BYTES + before.length);
    this.#usable = true;
  }

  /**
   * Takes on the shape of another stream of the same server, with the name in the first event of
   * `memory.bytes[start, end)`. False when that event differs in more than its name and its text.
   */
  adopt(known: StreamShape, memory: SegmentMemory, start: number, end: number): boolean {
    if (!known.#usable || known.#words[ID_BYTES] === 0) return false;
    const room = known.#words[TEXT_AT]! + NAME_ROOM_BYTES + FIRST_ROOM_BYTES;
    if (this.#memory.length < HEADER_BYTES + room) this.#make(HEADER_BYTES + room);
    const adopted = this.#adoptOnce(known, memory, start, end) === 1;
    this.#usable = adopted;
    return adopted;
  }

  forget(): void {
    this.#usable = false;
  }

  /**
   * Takes the texts of `memory.bytes[start, end)` if it consists of events of this shape.
   * @returns how many events there were; 0, and nothing is taken, when any of them differs
   */
  take(memory: SegmentMemory, start: number, end: number): number {
    if (!this.#usable) return 0;
    let events = this.#takeOnce(memory, start, end);
    if (events === EROOM) {
      this.#grow(end - start);
      events = this.#takeOnce(memory, start, end);
    }
    assert(events >= 0, "there is room for the texts");
    return events;
  }

  /** The texts taken since they were last read, joined; still as JSON writes them. */
  readText(): string {
    const bytes = this.#usable ? this.#words[TEXT_BYTES]! : 0;
    if (bytes === 0) return "";
    const at = HEADER_BYTES + this.#words[TEXT_AT]!;
    this.#words[TEXT_BYTES] = 0;
    return this.#memory.toString("utf8", at, at + bytes);
  }

  #describe(beforeBytes: number, afterBytes: number, name: StreamName): void {
    const words = this.#words;
    words[BEFORE_BYTES] = beforeBytes;
    words[AFTER_BYTES] = afterBytes;
    words[TEXT_AT] = beforeBytes + afterBytes;
    words[TEXT_BYTES] = 0;
    words[TEXT_ROOM] = this.#memory.length - HEADER_BYTES - beforeBytes - afterBytes;
    words[ID_AT] = name.at;
    words[ID_BYTES] = name.bytes;
  }

  #adoptOnce(known: StreamShape, memory: SegmentMemory, start: number, end: number): number {
    if (native !== undefined && memory.pointer !== undefined) {
      return native.stream_adopt(
        this.#pointer as Pointer,
        this.#memory.length - HEADER_BYTES,
        known.#pointer as Pointer,
        (memory.pointer + start) as Pointer,
        end - start,
      );
    }
    return this.#adoptInJavaScript(known, memory.bytes, start, end);
  }

  #adoptInJavaScript(known: StreamShape, bytes: Buffer, start: number, end: number): number {
    const knownBefore = known.#words[BEFORE_BYTES]!;
    const after = known.#words[AFTER_BYTES]!;
    const idAt = known.#words[ID_AT]!;
    if (end - start < knownBefore) return 0;
    const idStart = start + idAt;
    if (bytes.compare(known.#memory, HEADER_BYTES, HEADER_BYTES + idAt, start, idStart) !== 0)
      return 0;
    const idEnd = textEnd(bytes, idStart, end);
    const restAt = HEADER_BYTES + idAt + known.#words[ID_BYTES]!;
    const afterAt = HEADER_BYTES + knownBefore;
    const rest = afterAt - restAt;
    if (idEnd === idStart || end - idEnd < rest) return 0;
    if (bytes.compare(known.#memory, restAt, afterAt, idEnd, idEnd + rest) !== 0) return 0;
    const before = idEnd + rest - start;
    if (before + after > this.#memory.length - HEADER_BYTES) return EROOM;
    this.#describe(before, after, { at: idAt, bytes: idEnd - idStart });
    bytes.copy(this.#memory, HEADER_BYTES, start, start + before);
    known.#memory.copy(this.#memory, HEADER_BYTES + before, afterAt, afterAt + after);
    return 1;
  }

  #takeOnce(memory: SegmentMemory, start: number, end: number): number {
    if (native !== undefined && memory.pointer !== undefined) {
      return native.stream_take(
        this.#pointer as Pointer,
        (memory.pointer + start) as Pointer,
        end - start,
      );
    }
    return this.#takeInJavaScript(memory.bytes, start, end);
  }

  #takeInJavaScript(bytes: Buffer, start: number, end: number): number {
    const words = this.#words;
    const before = words[BEFORE_BYTES]!;
    const after = words[AFTER_BYTES]!;
    const afterAt = HEADER_BYTES + before;
    const textAt = HEADER_BYTES + words[TEXT_AT]!;
    const room = words[TEXT_ROOM]!;
    let filled = words[TEXT_BYTES]!;
    let events = 0;
    for (let at = start; at < end; events++) {
      if (end - at < before + after) return 0;
      if (bytes.compare(this.#memory, HEADER_BYTES, afterAt, at, at + before) !== 0) return 0;
      at += before;
      const close = textEnd(bytes, at, end);
      if (close === at || end - close < after) return 0;
      if (bytes.compare(this.#memory, afterAt, afterAt + after, close, close + after) !== 0)
        return 0;
      if (room - filled < close - at) return EROOM;
      bytes.copy(this.#memory, textAt + filled, at, close);
      filled += close - at;
      at = close + after;
    }
    words[TEXT_BYTES] = filled;
    return events;
  }

  #grow(wantedBytes: number): void {
    const old = this.#memory;
    const taken = HEADER_BYTES + this.#words[TEXT_AT]! + this.#words[TEXT_BYTES]!;
    this.#make(old.length * 2 + wantedBytes);
    old.copy(this.#memory, 0, 0, taken);
    this.#words[TEXT_ROOM] = this.#memory.length - HEADER_BYTES - this.#words[TEXT_AT]!;
  }

  #make(bytes: number): void {
    // A buffer of its own, not a piece of Node's pool: C reads it as words from its start.
    this.#memory = Buffer.from(new ArrayBuffer(Math.ceil(bytes / 8) * 8));
    this.#words = new Uint32Array(this.#memory.buffer, 0, HEADER_BYTES / 4);
    this.#pointer = native === undefined ? undefined : ptr(this.#memory);
  }
}

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
