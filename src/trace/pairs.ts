// Numbers pairs of whole numbers. A trace's block mostly stands at one place and after one other
// block: the first it came with is found in an array, and only further ones need a table.

export interface Pairs {
  /** The number of a pair, from 0 in the order in which pairs first come. */
  numberOf(first: number, second: number): number;
  /** How many different pairs there are. */
  size(): number;
}

/** @param seconds one more than the largest second number of a pair */
export function numberPairs(seconds: number): Pairs {
  const homes = new Int32Array(seconds);
  /** The number of the second number's first pair, and 1; 0 before there is one. */
  const numbers = new Int32Array(seconds);
  const others = new Map<number, number>();
  let size = 0;
  return {
    size: () => size,
    numberOf(first, second) {
      const known = numbers[second]!;
      if (known === 0) {
        homes[second] = first;
        numbers[second] = ++size;
        return size - 1;
      }
      if (homes[second] === first) return known - 1;
      const key = first * seconds + second;
      let number = others.get(key);
      if (number === undefined) others.set(key, (number = size++));
      return number;
    },
  };
}
