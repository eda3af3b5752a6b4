// A worker's sockets in the native core: see native/wire.c. One call waits, reads, stamps and puts
// bodies into the ring, and comes back when there is something that JavaScript must decide. Linux
// has it; elsewhere, and for TLS, Bun's own sockets are the twin.

import { type Pointer, ptr } from "bun:ffi";
import { assert } from "#core";
import { setTimerSlackNs } from "./libc.ts";
import { openNative } from "./library.ts";

/** What a turn led to: the codes of core.h. */
export const WIRE_NONE = 0;
export const WIRE_OPENED = 1;
export const WIRE_WRITABLE = 2;
export const WIRE_HEAD = 3;
export const WIRE_HEARD = 4;
export const WIRE_ENDED = 5;
export const WIRE_MALFORMED = 6;
export const WIRE_CLOSED = 7;
export const WIRE_UNASKED = 8;
export const WIRE_BELL = 9;
export const WIRE_PULSE = 10;

/** How a body's end is found, once its head was read: the modes of wire.c. */
export const WIRE_LENGTH = 2;
export const WIRE_TO_CLOSE = 3;
export const WIRE_CHUNKED = 4;
const HEAD = 0;
const HELD_HEAD = 1;

/** Why bytes are malformed, by `error`. */
const DEFECTS = [
  "",
  "a chunk does not begin with its size",
  "a chunk is longer than it said",
  "a line of the chunked body does not end",
] as const;

/** The header's 4-byte words, in the order of core.h. */
const BELL = 1;
const PULSE_PORT = 3;
const PLACE = 4;
const ERROR = 6;
const KNOWN_HEAD = 14;
const KNOWN_KIND = 15;
const KNOWN_MODE = 16;
const AT = 18;
const END = 19;
const IS_SPOILT = 20;
const SEGMENT_BYTES = 21;
const KNOWN_BYTES = 22;
const RING_BYTES = 23;
const FRAME_AT = 24;
const FRAME_BYTES = 25;
const KEPT = 29;
/** And its doubles. */
const NOW_NS = 16;
const PULSE_NS = 17;
const KNOWN_LEFT = 18;

const POLLED_AT = 168;
const KNOWN_AT = POLLED_AT + 256 * 16;
const KNOWN_MAX_BYTES = 2048;
const SEGMENT_AT = KNOWN_AT + KNOWN_MAX_BYTES;

/** A connection's words, then its doubles. */
const CONN_BYTES = 128;
const FD = 0;
const MODE = 3;
const BUSY = 4;
const WATCHED = 5;
const SLOT = 6;
const KIND = 7;
const CONN_HEAD = 8;
const LEFT = 7;
const ACK_NS = 8;
const FIRST_NS = 9;
const LAST_NS = 10;
const BYTES = 11;
const SEGMENTS = 12;
const LOST = 13;

const SEGMENT_MAX_BYTES = 64 * 1024;
const FIRST_PLACES = 64;
/** In the ring's memory, before its frames; and a frame's own header: ring/layout.ts. */
const RING_CONTROL_BYTES = 64;
const FRAME_HEADER_BYTES = 16;

const NO_BYTES = new Uint8Array(1);

const native =
  process.platform === "linux"
    ? openNative({
        wire_open: { args: ["ptr"], returns: "i32" },
        wire_shut: { args: ["ptr"], returns: "void" },
        wire_ring: { args: ["i32"], returns: "void" },
        wire_connect: {
          args: ["ptr", "ptr", "u32", "ptr", "u32", "ptr", "u32"],
          returns: "i32",
        },
        wire_close: { args: ["ptr", "ptr", "u32", "i32"], returns: "void" },
        wire_send: { args: ["ptr", "ptr", "u32", "ptr", "u32", "ptr", "u32"], returns: "i32" },
        wire_write: { args: ["ptr", "ptr", "u32", "ptr", "u32"], returns: "i32" },
        wire_turn: { args: ["ptr", "ptr", "ptr", "f64"], returns: "i32" },
      })
    : undefined;

/** What came of a reply's body; times are monotonic ns, 0 where nothing came. */
export interface BodyTally {
  ackNs: number;
  firstByteNs: number;
  lastByteNs: number;
  bytesReceived: number;
  segments: number;
  framesLost: number;
}

/** How the body behind a head is framed, and what its frames in the ring are marked with. */
export interface BodyFraming {
  readonly mode: typeof WIRE_LENGTH | typeof WIRE_TO_CLOSE | typeof WIRE_CHUNKED;
  /** With WIRE_LENGTH. */
  readonly lengthBytes: number;
  readonly frameKind: number;
  /** The caller's number of the head. */
  readonly head: number;
}

/** Wakes the thread whose wire has this bell; for any thread. */
export function ringWireBell(bell: number): void {
  native?.wire_ring(bell);
}

/**
 * Opens the calling thread's sockets.
 * @param ring what {@link Wire.turn} puts bodies into; its writer must live on the same thread
 * @returns undefined where the system or the native core lacks them
 */
export function openWire(ring: SharedArrayBuffer): Wire | undefined {
  if (native === undefined) return undefined;
  const wire = new Wire(native, ring);
  return wire.open() ? wire : undefined;
}

export class Wire {
  readonly #native: NonNullable<typeof native>;
  readonly #ring: Uint8Array;
  readonly #ringPointer: Pointer;
  readonly #words: Int32Array;
  readonly #doubles: Float64Array;
  readonly #known: Uint8Array;
  readonly #pointer: Pointer;
  /** The bytes that came last. */
  readonly segment: Buffer;

  #places = 0;
  #connWords = new Int32Array(0);
  #connDoubles = new Float64Array(0);
  #connPointer: Pointer = 0 as Pointer;
  readonly #free: number[] = [];

  constructor(library: NonNullable<typeof native>, ring: SharedArrayBuffer) {
    this.#native = library;
    this.#ring = new Uint8Array(ring);
    this.#ringPointer = ptr(this.#ring);
    const ringBytes = ring.byteLength - RING_CONTROL_BYTES;
    const segmentBytes = Math.min(SEGMENT_MAX_BYTES, ringBytes / 4);
    const memory = new ArrayBuffer(SEGMENT_AT + segmentBytes);
    this.#words = new Int32Array(memory, 0, POLLED_AT / 4);
    this.#doubles = new Float64Array(memory, 0, POLLED_AT / 8);
    this.#known = new Uint8Array(memory, KNOWN_AT, KNOWN_MAX_BYTES);
    this.segment = Buffer.from(memory, SEGMENT_AT, segmentBytes);
    this.#words[SEGMENT_BYTES] = segmentBytes;
    this.#words[RING_BYTES] = ringBytes;
    this.#pointer = ptr(new Uint8Array(memory));
    this.#grow(FIRST_PLACES);
  }

  /** False when the system does not let it. */
  open(): boolean {
    // Due times are waited for in the kernel, which is else 50 us late on purpose.
    setTimerSlackNs(1);
    return this.#native.wire_open(this.#pointer) === 0;
  }

  /** Closes everything. */
  shut(): void {
    for (let place = 0; place < this.#places; place++) this.close(place, false);
    this.#native.wire_shut(this.#pointer);
  }

  /** For {@link ringWireBell}. */
  get bell(): number {
    return this.#words[BELL]!;
  }
  /** Where on the loopback pulses are awaited; undefined when they cannot be. */
  get pulsePort(): number | undefined {
    return this.#words[PULSE_PORT]! || undefined;
  }

  // --- connections ---

  /** A place for a connection. */
  takePlace(): number {
    if (this.#free.length === 0) this.#grow(this.#places * 2);
    return this.#free.pop()!;
  }

  /**
   * Begins to connect.
   * @param address a struct sockaddr, as is `source`
   * @returns 1: it is open; 0: WIRE_OPENED will tell; below 0: the system's error
   */
  connect(place: number, address: Uint8Array, source: Uint8Array | undefined): number {
    const from = source ?? NO_BYTES;
    return this.#native.wire_connect(
      this.#pointer,
      this.#connPointer,
      place,
      ptr(address),
      address.length,
      ptr(from),
      source?.length ?? 0,
    );
  }

  /** Closes the connection and frees its place. */
  close(place: number, abruptly: boolean): void {
    this.#native.wire_close(this.#pointer, this.#connPointer, place, abruptly ? 1 : 0);
  }

  freePlace(place: number): void {
    this.#free.push(place);
  }

  /**
   * Begins a request.
   * @param body must stay as it is until all of it was written
   * @param slot what the reply's frames are marked with
   * @param isWatched each of its frames is told by WIRE_HEARD
   * @returns bytes that were written, or below 0 the system's error
   */
  send(
    place: number,
    head: Uint8Array,
    headBytes: number,
    body: Uint8Array,
    slot: number,
    isWatched: boolean,
  ): number {
    const at = (place * CONN_BYTES) / 4;
    this.#connWords[at + SLOT] = slot;
    this.#connWords[at + WATCHED] = isWatched ? 1 : 0;
    return this.#native.wire_send(
      this.#pointer,
      this.#connPointer,
      place,
      ptr(head),
      headBytes,
      ptr(body.length > 0 ? body : NO_BYTES),
      body.length,
    );
  }

  /** Writes more of a request. */
  write(place: number, bytes: Uint8Array): number {
    return this.#native.wire_write(
      this.#pointer,
      this.#connPointer,
      place,
      ptr(bytes),
      bytes.length,
    );
  }

  // --- what happens ---

  /** Works until `untilNs` or until there is something to tell; see core.h. */
  turn(untilNs: number): number {
    return this.#native.wire_turn(this.#pointer, this.#connPointer, this.#ringPointer, untilNs);
  }

  /** What the last turn was about. */
  get place(): number {
    return this.#words[PLACE]!;
  }
  /** The system's error, positive; 0 for none. */
  get error(): number {
    return this.#words[ERROR]!;
  }
  get nowNs(): number {
    return this.#doubles[NOW_NS]!;
  }
  get pulseNs(): number {
    return this.#doubles[PULSE_NS]!;
  }
  /** Why the bytes are malformed. */
  get defect(): string {
    return DEFECTS[this.error] ?? "";
  }
  /** After WIRE_ENDED: the connection is not good for another request. */
  get isSpoilt(): boolean {
    return this.#words[IS_SPOILT] === 1;
  }
  /** What of the segment is not read yet. */
  get at(): number {
    return this.#words[AT]!;
  }
  get end(): number {
    return this.#words[END]!;
  }

  /** The body that WIRE_HEARD tells of, where it lies: in the ring, unless that had no room. */
  heard(): Buffer {
    const keptBytes = this.#words[KEPT]!;
    if (keptBytes > 0) return this.segment.subarray(0, keptBytes);
    const at = RING_CONTROL_BYTES + this.#words[FRAME_AT]! + FRAME_HEADER_BYTES;
    return Buffer.from(this.#ring.buffer, this.#ring.byteOffset + at, this.#words[FRAME_BYTES]!);
  }
  isEvents(place: number, frameKind: number): boolean {
    return this.#connWords[(place * CONN_BYTES) / 4 + KIND] === frameKind;
  }

  /** True once bytes of a reply's head have come. */
  hasBegun(place: number): boolean {
    return this.#connWords[(place * CONN_BYTES) / 4 + MODE] !== HEAD;
  }
  /** True where the close of the connection is the end of the body. */
  endsByClose(place: number): boolean {
    const at = (place * CONN_BYTES) / 4;
    return this.#connWords[at + BUSY] === 1 && this.#connWords[at + MODE] === WIRE_TO_CLOSE;
  }
  /** The number of the head that came; -1 before it did. */
  headOf(place: number): number {
    return this.#connWords[(place * CONN_BYTES) / 4 + CONN_HEAD]!;
  }

  /** The bytes up to `next` are read, and the head goes on: what follows is the caller's again. */
  holdHead(place: number, next: number, isHeld: boolean): void {
    this.#words[AT] = next;
    this.#connWords[(place * CONN_BYTES) / 4 + MODE] = isHeld ? HELD_HEAD : HEAD;
  }

  /**
   * A head was read up to `next`.
   * @param isWhole all of it was in this segment, from `at` on: the same bytes mean the same then
   */
  takeHead(place: number, next: number, framing: BodyFraming, isWhole: boolean): void {
    const at = (place * CONN_BYTES) / 4;
    const start = this.#words[AT]!;
    const { mode, lengthBytes, frameKind, head } = framing;
    if (isWhole && next - start <= KNOWN_MAX_BYTES) {
      this.#known.set(this.segment.subarray(start, next));
      this.#words[KNOWN_BYTES] = next - start;
      this.#words[KNOWN_HEAD] = head;
      this.#words[KNOWN_KIND] = frameKind;
      this.#words[KNOWN_MODE] = mode;
      this.#doubles[KNOWN_LEFT] = lengthBytes;
    }
    this.#words[AT] = next;
    this.#connWords[at + CONN_HEAD] = head;
    this.#connWords[at + KIND] = frameKind;
    this.#connWords[at + MODE] = mode;
    // Digits of a chunk's size, of them those that count, bytes of its line, a carriage return.
    this.#connWords.fill(0, at + CONN_HEAD + 1, at + CONN_HEAD + 5);
    this.#connDoubles[at / 2 + LEFT] = mode === WIRE_LENGTH ? lengthBytes : 0;
    this.#connDoubles[at / 2 + ACK_NS] = this.nowNs;
  }

  /** What has come of the reply so far. */
  readTally(place: number, into: BodyTally): void {
    const at = (place * CONN_BYTES) / 8;
    const doubles = this.#connDoubles;
    into.ackNs = doubles[at + ACK_NS]!;
    into.firstByteNs = doubles[at + FIRST_NS]!;
    into.lastByteNs = doubles[at + LAST_NS]!;
    into.bytesReceived = doubles[at + BYTES]!;
    into.segments = doubles[at + SEGMENTS]!;
    into.framesLost = doubles[at + LOST]!;
  }

  #grow(places: number): void {
    assert(places > this.#places, "memory only grows");
    const memory = new ArrayBuffer(places * CONN_BYTES);
    const words = new Int32Array(memory);
    words.set(this.#connWords);
    for (let place = places - 1; place >= this.#places; place--) {
      words[(place * CONN_BYTES) / 4 + FD] = -1;
      this.#free.push(place);
    }
    this.#places = places;
    this.#connWords = words;
    this.#connDoubles = new Float64Array(memory);
    this.#connPointer = ptr(words);
  }
}
