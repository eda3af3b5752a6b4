// HdrHistogram's V2 compressed encoding, the form in which its tools in every language exchange
// histograms: zlib around a header and counts, a count in one to nine bytes, a run of empty slots
// in as few.
//
//   compressed   cookie u32 · length u32 · zlib of:
//   plain        cookie u32 · length u32 · offset i32 · digits i32 · lowest i64 · highest i64 ·
//                ratio f64 · counts                                        (all big-endian)

import { deflateSync, inflateSync } from "node:zlib";
import { fail, messageOf } from "#core";
import { HEADER_SLOTS, type Layout, layoutOf, objection } from "./layout.ts";

const COOKIE_COMPRESSED = 0x1c849314;
const COOKIE_PLAIN = 0x1c849313;
const HEADER_BYTES = 40;
const COUNT_BYTES_MAX = 9;
/** More than any histogram of doubles here has: a small text must not inflate without end. */
const PLAIN_BYTES_MAX = 64 * 2 ** 20;

/** A histogram as it was read: where values go, and how many each slot has. */
export interface Decoded {
  readonly layout: Layout;
  readonly counts: ReadonlyMap<number, number>;
}

/** Writes memory with a header in base64. */
export function encodeHistogram(memory: Float64Array, layout: Layout): string {
  const counts = memory.subarray(HEADER_SLOTS);
  const plain = new Uint8Array(HEADER_BYTES + usedSlots(counts) * COUNT_BYTES_MAX);
  const end = writeCounts(counts, plain, HEADER_BYTES);
  const view = new DataView(plain.buffer);
  view.setUint32(0, COOKIE_PLAIN);
  view.setUint32(4, end - HEADER_BYTES);
  view.setInt32(12, layout.digits);
  view.setBigInt64(16, BigInt(layout.lowest));
  view.setBigInt64(24, BigInt(layout.highest));
  view.setFloat64(32, 1);

  const packed = deflateSync(plain.subarray(0, end));
  const head = Buffer.alloc(8);
  head.writeUInt32BE(COOKIE_COMPRESSED, 0);
  head.writeUInt32BE(packed.length, 4);
  return Buffer.concat([head, packed]).toString("base64");
}

/**
 * Reads what {@link encodeHistogram}, or HdrHistogram in any language, has written.
 * @throws E_HISTOGRAM when the text is none, or one of a kind that has no place here
 */
export function decodeHistogram(base64: string): Decoded {
  const packed = Buffer.from(base64.trim(), "base64");
  if (packed.length < 8 || packed.readUInt32BE(0) !== COOKIE_COMPRESSED) {
    return malformed("it does not begin as HdrHistogram's V2 compressed encoding");
  }
  const plain = inflate(packed.subarray(8, 8 + packed.readUInt32BE(4)));
  if (plain.length < HEADER_BYTES || plain.readUInt32BE(0) !== COOKIE_PLAIN) {
    return malformed("its content is not of the V2 encoding");
  }
  // The offset says how the writer kept its slots, not how it wrote them: it is of no interest here.
  const resolution = {
    digits: plain.readInt32BE(12),
    lowest: Number(plain.readBigInt64BE(16)),
    highest: Number(plain.readBigInt64BE(24)),
  };
  const reason = objection(resolution);
  if (reason !== undefined) return malformed(reason);
  const layout = layoutOf(resolution);
  const end = HEADER_BYTES + plain.readUInt32BE(4);
  if (end > plain.length) return malformed("its counts are cut short");
  return { layout, counts: readCounts(plain.subarray(HEADER_BYTES, end), layout.slots) };
}

function inflate(packed: Uint8Array): Buffer {
  try {
    return inflateSync(packed, { maxOutputLength: PLAIN_BYTES_MAX });
  } catch (error) {
    return malformed(messageOf(error));
  }
}

function malformed(reason: string): never {
  fail("E_HISTOGRAM", `this is no histogram that can be read: ${reason}`, "");
}

/** Slots up to the last that has a count. */
function usedSlots(counts: Float64Array): number {
  let used = counts.length;
  while (used > 0 && counts[used - 1] === 0) used--;
  return used;
}

/** Writes each count, and two or more empty slots as their number below zero. */
function writeCounts(counts: Float64Array, bytes: Uint8Array, start: number): number {
  const used = usedSlots(counts);
  let at = start;
  for (let slot = 0; slot < used; ) {
    let next = slot + 1;
    if (counts[slot] === 0) while (counts[next] === 0) next++;
    const empty = next - slot;
    at = writeNumber(bytes, at, empty > 1 ? -empty : counts[slot]!);
    slot = next;
  }
  return at;
}

function readCounts(bytes: Uint8Array, slots: number): Map<number, number> {
  const counts = new Map<number, number>();
  const cursor = { at: 0 };
  let slot = 0;
  while (cursor.at < bytes.length) {
    const number = readNumber(bytes, cursor);
    if (number < 0) {
      slot += -number;
      continue;
    }
    if (slot >= slots) malformed("it has more counts than slots");
    if (number > 0) counts.set(slot, number);
    slot++;
  }
  return counts;
}

/** ZigZag, so that small negative numbers are short, then 7 bits a byte, least first. */
function writeNumber(bytes: Uint8Array, start: number, number: number): number {
  let rest = number < 0 ? -number * 2 - 1 : number * 2;
  let at = start;
  while (rest >= 128) {
    bytes[at++] = (rest % 128) + 128;
    rest = Math.floor(rest / 128);
  }
  bytes[at++] = rest;
  return at;
}

/** The ninth byte, if there is one, holds 8 bits. */
function readNumber(bytes: Uint8Array, cursor: { at: number }): number {
  let zigzag = 0;
  for (let i = 0; ; i++) {
    const byte = bytes[cursor.at++];
    if (byte === undefined) malformed("a count is cut short");
    const last = i === COUNT_BYTES_MAX - 1;
    zigzag += (last ? byte : byte % 128) * 128 ** i;
    if (last || byte < 128) break;
  }
  const number = zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
  if (!Number.isSafeInteger(number)) malformed("a count is above 2^53");
  return number;
}
