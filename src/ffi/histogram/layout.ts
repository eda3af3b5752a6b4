// Where a histogram keeps what, in one Float64Array that C and JavaScript both work on: the header
// of core.h, then the counts. The slots are HdrHistogram's, so its files can be read and written.
//
//   values   0 .. 2047   2048 .. 4095   4096 .. 8191   …   (3 digits: 2^halfBits is 1024)
//   width    1           2              4

import { assert, NS_PER_S } from "#core";

/** Numbers before the first count, and which of them is what. */
export const HEADER_SLOTS = 8;
export const AT = {
  lowest: 0,
  highest: 1,
  digits: 2,
  unitBits: 3,
  halfBits: 4,
  slots: 5,
  total: 6,
} as const;

/** What a histogram tells apart. */
export interface Resolution {
  /** Values that differ by less may fall into one slot; at least 1. */
  readonly lowest: number;
  /** The least value that must have a slot; those beyond the last slot are left out. */
  readonly highest: number;
  /** Significant decimal digits of every value, 0 to 5. */
  readonly digits: number;
}

/** Nanoseconds up to a day, to a thousandth: 304 KiB; about 40 KiB with a digit less. */
export const NANOSECONDS: Resolution = { lowest: 1, highest: 86_400 * NS_PER_S, digits: 3 };

/** Above this a double no longer holds every integer. */
export const VALUE_MAX = Number.MAX_SAFE_INTEGER;

/** Slots and values, as numbers to calculate with. */
export interface Layout extends Resolution {
  readonly unitBits: number;
  readonly halfBits: number;
  readonly slots: number;
}

/** Why a resolution cannot be had; undefined when it can. */
export function objection({ lowest, highest, digits }: Resolution): string | undefined {
  if (!Number.isInteger(digits) || digits < 0 || digits > 5) return "digits are a whole 0 to 5";
  if (!Number.isSafeInteger(lowest) || lowest < 1) return "the lowest value is an integer from 1";
  if (!Number.isSafeInteger(highest)) return "the highest value is an integer up to 2^53 - 1";
  if (highest < 2 * lowest) return "the highest value is at least twice the lowest";
  return undefined;
}

/** Lays slots out as HdrHistogram does: single units up to 2 * 10^digits, then by powers of two. */
export function layoutOf(resolution: Resolution): Layout {
  const reason = objection(resolution);
  assert(reason === undefined, `a histogram's resolution: ${reason}`);
  const { lowest, highest, digits } = resolution;
  const unitBits = exponentOf(lowest);
  const exact = 2 * 10 ** digits;
  const halfBits = exponentOf(exact) + (2 ** exponentOf(exact) < exact ? 1 : 0) - 1;
  let powers = 1;
  while (2 ** (halfBits + unitBits + powers) <= highest) powers++;
  return { lowest, highest, digits, unitBits, halfBits, slots: (powers + 1) * 2 ** halfBits };
}

/** Makes a header in memory of `HEADER_SLOTS + layout.slots` zeros. */
export function writeHeader(memory: Float64Array, layout: Layout): void {
  assert(memory.length === HEADER_SLOTS + layout.slots, "memory has room for each slot");
  memory[AT.lowest] = layout.lowest;
  memory[AT.highest] = layout.highest;
  memory[AT.digits] = layout.digits;
  memory[AT.unitBits] = layout.unitBits;
  memory[AT.halfBits] = layout.halfBits;
  memory[AT.slots] = layout.slots;
}

/** The layout of memory that {@link writeHeader} has prepared, perhaps on another thread. */
export function readHeader(memory: Float64Array): Layout {
  const layout = layoutOf({
    lowest: memory[AT.lowest] ?? 0,
    highest: memory[AT.highest] ?? 0,
    digits: memory[AT.digits] ?? 0,
  });
  assert(memory.length === HEADER_SLOTS + layout.slots, "memory has room for each slot");
  return layout;
}

const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);

/** The bits of a positive double, but for the lower 32: exponent and 20 bits of the fraction. */
export function upperBits(value: number): number {
  double[0] = value;
  return words[1]!;
}

/** The power of two at or below a positive double. */
export function exponentOf(value: number): number {
  return (upperBits(value) >>> 20) - 1023;
}

/** The width of a slot, in units of value. */
export function widthOf(layout: Layout, slot: number): number {
  return 2 ** (layout.unitBits + Math.max(0, (slot >>> layout.halfBits) - 1));
}

/** The least value in a slot. */
export function leastOf(layout: Layout, slot: number): number {
  const below = Math.max(0, (slot >>> layout.halfBits) - 1) * 2 ** layout.halfBits;
  return (slot - below) * widthOf(layout, slot);
}

/** The greatest value in a slot. */
export function greatestOf(layout: Layout, slot: number): number {
  return leastOf(layout, slot) + widthOf(layout, slot) - 1;
}

/** The slot of a value from 0 to {@link VALUE_MAX}; may lie beyond the last one. See histogram.c. */
export function slotOf(layout: Layout, value: number): number {
  const { halfBits, unitBits } = layout;
  if (value < 2 ** (halfBits + unitBits)) return Math.floor(value / 2 ** unitBits);
  return (upperBits(value) >>> (20 - halfBits)) - (1022 + halfBits + unitBits) * 2 ** halfBits;
}
