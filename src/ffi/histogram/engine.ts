// What is done to the memory of a histogram, in C and in JavaScript: the same steps in the same
// order of additions, so that both give the same bits.

import { openNative } from "../library.ts";
import { AT, HEADER_SLOTS, type Layout, leastOf, slotOf, VALUE_MAX, widthOf } from "./layout.ts";

/** The four operations of core.h, over memory with a header. */
export interface HistogramEngine {
  /** Counts values; returns how many were left out: negative, not a number, or too great. */
  record(memory: Float64Array, layout: Layout, values: Float64Array): number;
  /** Adds the counts of another histogram; returns how many found no slot. */
  merge(memory: Float64Array, layout: Layout, other: Float64Array, otherLayout: Layout): number;
  /** Fills `values` with the values at `percents`. */
  quantiles(
    memory: Float64Array,
    layout: Layout,
    percents: Float64Array,
    values: Float64Array,
  ): void;
  /** Fills `moments` with mean and standard deviation. */
  moments(memory: Float64Array, layout: Layout, moments: Float64Array): void;
}

/** The operations in C; undefined where the core cannot be used. */
export function nativeEngine(): HistogramEngine | undefined {
  const core = openNative({
    hist_record: { args: ["ptr", "ptr", "u64"], returns: "f64" },
    hist_merge: { args: ["ptr", "ptr"], returns: "f64" },
    hist_quantiles: { args: ["ptr", "ptr", "ptr", "u64"], returns: "void" },
    hist_moments: { args: ["ptr", "ptr"], returns: "void" },
  });
  if (core === undefined) return undefined;
  return {
    record: (memory, _, values) =>
      values.length === 0 ? 0 : core.hist_record(memory, values, values.length),
    merge: (memory, _, other) => core.hist_merge(memory, other),
    quantiles(memory, _, percents, values) {
      if (percents.length > 0) core.hist_quantiles(memory, percents, values, percents.length);
    },
    moments: (memory, _, moments) => core.hist_moments(memory, moments),
  };
}

/** The operations in JavaScript. */
export const javascriptEngine: HistogramEngine = {
  record(memory, layout, values) {
    let leftOut = 0;
    for (let i = 0; i < values.length; i++) {
      if (!recordOne(memory, layout, values[i]!)) leftOut++;
    }
    return leftOut;
  },

  merge(memory, layout, other, otherLayout) {
    let leftOut = 0;
    for (let i = 0; i < otherLayout.slots; i++) {
      const count = other[HEADER_SLOTS + i]!;
      if (count === 0) continue;
      const slot = slotOf(layout, leastOf(otherLayout, i));
      if (slot < layout.slots) {
        memory[HEADER_SLOTS + slot]! += count;
        memory[AT.total]! += count;
      } else {
        leftOut += count;
      }
    }
    return leftOut;
  },

  quantiles(memory, layout, percents, values) {
    let slot = 0;
    let below = 0;
    for (let i = 0; i < percents.length; i++) {
      const rank = rankOf(memory[AT.total]!, percents[i]!);
      if (rank <= below) slot = below = 0;
      while (slot < layout.slots && below + memory[HEADER_SLOTS + slot]! < rank) {
        below += memory[HEADER_SLOTS + slot++]!;
      }
      if (slot === layout.slots) {
        values[i] = slot = below = 0;
        continue;
      }
      const offset = percents[i]! > 0 ? widthOf(layout, slot) - 1 : 0;
      values[i] = leastOf(layout, slot) + offset;
    }
  },

  moments(memory, layout, moments) {
    const total = memory[AT.total]!;
    moments.fill(0);
    if (total === 0) return;
    let sum = 0;
    for (let slot = 0; slot < layout.slots; slot++) {
      const count = memory[HEADER_SLOTS + slot]!;
      if (count !== 0) sum += middleOf(layout, slot) * count;
    }
    const mean = sum / total;
    let squares = 0;
    for (let slot = 0; slot < layout.slots; slot++) {
      const count = memory[HEADER_SLOTS + slot]!;
      if (count === 0) continue;
      const off = middleOf(layout, slot) - mean;
      squares += off * off * count;
    }
    moments[0] = mean;
    moments[1] = Math.sqrt(squares / total);
  },
};

/** Counts one value; false when it has no slot. Crossing into C would cost more than this does. */
export function recordOne(memory: Float64Array, layout: Layout, value: number): boolean {
  if (!(value >= 0 && value <= VALUE_MAX)) return false;
  const slot = slotOf(layout, value);
  if (slot >= layout.slots) return false;
  memory[HEADER_SLOTS + slot]!++;
  memory[AT.total]!++;
  return true;
}

/** The rank, from 1, of a percentile; forgives a product one rounding above a whole number. */
function rankOf(total: number, percent: number): number {
  const share = (percent / 100) * total * (1 - 2 ** -52);
  if (!(share > 1)) return 1;
  return share >= total ? total : Math.ceil(share);
}

/** The value that stands for a slot in sums. */
function middleOf(layout: Layout, slot: number): number {
  const width = widthOf(layout, slot);
  return leastOf(layout, slot) + (width > 1 ? width / 2 : 0);
}
