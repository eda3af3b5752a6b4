// How late the mock's own writes were: a histogram whose slots are at most 1/32 as wide as their
// values, so that hours of writes take a few kilobytes and no allocation.
//
//     values   0 .. 63   64 .. 127   128 .. 255   …   in units of 50 ns
//     width    1         2           4

const UNIT_NS = 50;
const SUB_BITS = 5;
const SUB = 1 << SUB_BITS;
const SLOTS = (31 - SUB_BITS + 1) * SUB;

export interface LatenessSummary {
  readonly count: number;
  readonly p50Ns: number;
  readonly p99Ns: number;
  readonly maxNs: number;
}

export interface Lateness {
  readonly record: (lateNs: number) => void;
  readonly summary: () => LatenessSummary;
}

export function lateness(): Lateness {
  const slots = new Float64Array(SLOTS);
  let count = 0;
  let maxNs = 0;

  /** The upper end of the slot that holds the nearest rank of fraction `q`. */
  const quantileNs = (q: number): number => {
    const rank = Math.max(1, Math.ceil(q * count));
    let seen = 0;
    for (let slot = 0; slot < SLOTS; slot++) {
      seen += slots[slot]!;
      if (seen >= rank) return Math.min(maxNs, slotEnd(slot) * UNIT_NS);
    }
    return maxNs;
  };

  return {
    record(lateNs) {
      const units = Math.min(0x7fffffff, Math.max(0, lateNs) / UNIT_NS) | 0;
      const halvings = 31 - SUB_BITS - Math.clz32(units | SUB);
      const slot = (halvings << SUB_BITS) + (units >> halvings);
      slots[slot] = slots[slot]! + 1;
      count++;
      if (lateNs > maxNs) maxNs = lateNs;
    },
    summary: () => ({ count, p50Ns: quantileNs(0.5), p99Ns: quantileNs(0.99), maxNs }),
  };
}

/** One past the largest value in `slot`. */
function slotEnd(slot: number): number {
  const row = slot >> SUB_BITS;
  const halvings = row > 0 ? row - 1 : 0;
  return (slot - (halvings << SUB_BITS) + 1) * 2 ** halvings;
}
