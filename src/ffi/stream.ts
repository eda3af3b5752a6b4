// The usual chunk of a token stream, recognised by its shape: see native/stream.c. Its twin in
// JavaScript compares the same bytes and gives the same answers.

import { type Pointer, ptr } from "bun:ffi";
import { assert } from "#core";
import { openNative } from "./library.ts";
import { type Fillings, HEADER_BYTES, HOLE_WORDS, takeInJavaScript, WORD } from "./stream-take.ts";

const EROOM = -2;
const FIRST_ROOM_BYTES = 2048;
/** Names and numbers of later events may be longer than those of the event that was learnt. */
const SLACK_BYTES = 256;
/** Holes that a shape may have: STREAM_HOLES_MAX. */
export const HOLES_MAX = 12;

const native = openNative({ stream_take: { args: ["ptr", "ptr", "u32"], returns: "i32" } });

/** A place in `before` and `after`, one behind the other, that anything of its kind may fill. */
export interface StreamHole {
  readonly at: number;
  readonly bytes: number;
  /** A JSON number without exponent; else a text without escapes. */
  readonly isNumber: boolean;
}

/** What the events of one stream look like around their text. */
export interface StreamLook<Meaning> {
  readonly before: Uint8Array;
  readonly after: Uint8Array;
  /** By their place, at most `HOLES_MAX`. */
  readonly holes: readonly StreamHole[];
  /** The caller's own; it goes where the shape goes. */
  readonly meaning: Meaning;
}

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
 * Takes events of one look. The caller vouches that any JSON text between `before` and `after`, and
 * anything that fits into the holes, changes nothing else of an event's meaning.
 */
export class StreamShape<Meaning> implements Fillings {
  memory: Buffer = Buffer.alloc(0);
  words: Uint32Array = new Uint32Array(0);
  #pointer: Pointer | undefined;
  #meaning: Meaning | undefined;

  /** What was learnt or adopted with the look; undefined while there is none. */
  get meaning(): Meaning | undefined {
    return this.#meaning;
  }

  /** Takes on a look; texts that were taken and not yet read are lost. */
  learn({ before, after, holes, meaning }: StreamLook<Meaning>): void {
    assert(holes.length <= HOLES_MAX, "a shape has room for its holes");
    const around = before.length + after.length;
    this.#make(HEADER_BYTES + around + SLACK_BYTES + FIRST_ROOM_BYTES);
    const { memory, words } = this;
    words[WORD.before] = before.length;
    words[WORD.after] = after.length;
    words[WORD.textAt] = around + SLACK_BYTES;
    words[WORD.holes] = holes.length;
    for (const [index, { at, bytes, isNumber }] of holes.entries())
      words.set([at, bytes, Number(isNumber)], WORD.firstHole + index * HOLE_WORDS);
    memory.set(before, HEADER_BYTES);
    memory.set(after, HEADER_BYTES + before.length);
    this.#open(meaning);
  }

  /** Takes on the look of another stream of the same server; what differs will fill the holes. */
  adopt(known: StreamShape<Meaning>): void {
    if (known.#meaning === undefined) return;
    const template = HEADER_BYTES + known.words[WORD.textAt]!;
    this.#make(template + FIRST_ROOM_BYTES);
    known.memory.copy(this.memory, 0, 0, template);
    this.#open(known.#meaning);
  }

  forget(): void {
    this.#meaning = undefined;
  }

  /**
   * Takes the texts of `memory.bytes[start, end)` if it consists of events of this shape.
   * @returns how many events there were; 0, and nothing is taken, when any of them differs
   */
  take(segment: SegmentMemory, start: number, end: number): number {
    if (this.#meaning === undefined) return 0;
    let events = this.#takeOnce(segment, start, end);
    if (events === EROOM) {
      this.#grow(end - start);
      events = this.#takeOnce(segment, start, end);
    }
    assert(events >= 0, "there is room for the texts");
    return events;
  }

  /** The texts taken since they were last read, joined; still as JSON writes them. */
  readText(): string {
    const bytes = this.#meaning === undefined ? 0 : this.words[WORD.textBytes]!;
    if (bytes === 0) return "";
    const at = HEADER_BYTES + this.words[WORD.textAt]!;
    this.words[WORD.textBytes] = 0;
    return this.memory.toString("utf8", at, at + bytes);
  }

  /** What the last event had in a hole. */
  filling(hole: number): string {
    const word = WORD.firstHole + hole * HOLE_WORDS;
    const at = HEADER_BYTES + this.words[word]!;
    return this.memory.toString("utf8", at, at + this.words[word + 1]!);
  }

  #takeOnce(segment: SegmentMemory, start: number, end: number): number {
    if (native !== undefined && segment.pointer !== undefined) {
      return native.stream_take(
        this.#pointer as Pointer,
        (segment.pointer + start) as Pointer,
        end - start,
      );
    }
    return takeInJavaScript(this, segment.bytes, start, end);
  }

  #open(meaning: Meaning): void {
    this.words[WORD.textBytes] = 0;
    this.words[WORD.textRoom] = this.memory.length - HEADER_BYTES - this.words[WORD.textAt]!;
    this.#meaning = meaning;
  }

  #grow(wantedBytes: number): void {
    const old = this.memory;
    const taken = HEADER_BYTES + this.words[WORD.textAt]! + this.words[WORD.textBytes]!;
    this.#make(old.length * 2 + wantedBytes);
    old.copy(this.memory, 0, 0, taken);
    this.words[WORD.textRoom] = this.memory.length - HEADER_BYTES - this.words[WORD.textAt]!;
  }

  #make(bytes: number): void {
    if (this.memory.length >= bytes) return;
    // A buffer of its own, not a piece of Node's pool: C reads it as words from its start.
    this.memory = Buffer.from(new ArrayBuffer(Math.ceil(bytes / 8) * 8));
    this.words = new Uint32Array(this.memory.buffer, 0, HEADER_BYTES / 4);
    this.#pointer = native === undefined ? undefined : ptr(this.memory);
  }
}
