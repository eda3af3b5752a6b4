// Counts pairs of small whole numbers. A Map would want a string or an object for each pair; one
// array with open addressing holds a million of them in 16 MB, and finds one in a cache line.
//
//   slot: first, second, number of the pair + 1, nothing

/** Numbers pairs of whole numbers from 0 as they first come, from 0. */
export interface PairTable {
  numberOf(first: number, second: number): number;
  /** How many different pairs there are. */
  size(): number;
}

/** @param pairsMax how many different pairs may come; the table does not grow */
export function pairTable(pairsMax: number): PairTable {
  const slots = 2 ** Math.ceil(Math.log2(2 * pairsMax + 2));
  const words = new Int32Array(4 * slots);
  let size = 0;
  return {
    size: () => size,
    numberOf(first, second) {
      for (let slot = slotOf(first, second, slots); ; slot = (slot + 1) & (slots - 1)) {
        const at = 4 * slot;
        const number = words[at + 2]!;
        if (number === 0) {
          words[at] = first;
          words[at + 1] = second;
          words[at + 2] = ++size;
          return size - 1;
        }
        if (words[at] === first && words[at + 1] === second) return number - 1;
      }
    },
  };
}

/** Both numbers count up through a trace: without good mixing they would crowd each other. */
function slotOf(first: number, second: number, slots: number): number {
  let mixed = Math.imul(first, 0x9e3779b1) + Math.imul(second ^ (second >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
  return (mixed ^ (mixed >>> 13)) & (slots - 1);
}
