// Percentiles need a few places of the sorted sample and not all of it: what lies between two
// wanted places is left unsorted, which saves most of the work on a large sample.

/** A shorter stretch is sorted outright. */
const SHORT = 24;

/**
 * Moves values so that each wanted place holds what it would after sorting, all smaller values
 * before it and all larger ones behind it.
 * @param values none NaN; reordered in place
 * @param places within the sample, in any order
 */
export function selectPlaces(values: Float64Array, places: readonly number[]): void {
  const wanted = [...new Set(places)].sort((a, b) => a - b);
  // A stretch that refuses to shrink is sorted, so that no sample takes quadratic time.
  const depthMax = 2 * Math.ceil(Math.log2(values.length + 1)) + 8;
  select(values, 0, values.length - 1, wanted, 0, wanted.length, depthMax);
}

function select(
  values: Float64Array,
  low: number,
  high: number,
  wanted: readonly number[],
  from: number,
  to: number,
  depth: number,
): void {
  if (from === to || low >= high) return;
  if (high - low < SHORT || depth === 0) {
    values.subarray(low, high + 1).sort();
    return;
  }
  const pivot = pivotOf(values, low, high);
  let left = low;
  let right = high;
  // Hoare's partition; equal values are shared out between both sides.
  while (left <= right) {
    while (values[left]! < pivot) left++;
    while (values[right]! > pivot) right--;
    if (left > right) break;
    const value = values[left]!;
    values[left++] = values[right]!;
    values[right--] = value;
  }
  // Now low..right ≤ pivot ≤ left..high, and what is in between equals it.
  let split = from;
  while (split < to && wanted[split]! <= right) split++;
  select(values, low, right, wanted, from, split, depth - 1);
  while (split < to && wanted[split]! < left) split++;
  select(values, left, high, wanted, split, to, depth - 1);
}

/** The median of nine values that lie apart. */
function pivotOf(values: Float64Array, low: number, high: number): number {
  const step = (high - low) >> 3;
  const at = (i: number): number => values[low + i * step]!;
  return median(
    median(at(0), at(1), at(2)),
    median(at(3), at(4), at(5)),
    median(at(6), at(7), values[high]!),
  );
}

function median(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}
