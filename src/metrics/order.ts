// Sorting many numbers while remembering whose they are: a radix sort on the bits of doubles. A
// million take 30 ms, where sorting indexes with a comparison takes half a second.

const DIGITS = 4;
const RADIX = 65_536;
/** Fewer are compared with each other: going through all digits takes a millisecond by itself. */
const MANY = 4096;

/**
 * The indexes of `keys` in ascending order of their values; equal ones keep their order.
 * @param keys none negative, none NaN: only then do the bits sort as the values do
 */
export function ascendingOrder(keys: Float64Array<ArrayBuffer>): Uint32Array {
  if (keys.length < MANY) return fewInOrder(keys);
  // All machines that Bun runs on put the lowest digit first.
  const digits = new Uint16Array(keys.buffer, keys.byteOffset, keys.length * DIGITS);
  let order = new Uint32Array(keys.length);
  for (let index = 0; index < order.length; index++) order[index] = index;
  let spare = new Uint32Array(keys.length);
  const places = new Uint32Array(RADIX + 1);
  for (let digit = 0; digit < DIGITS; digit++) {
    places.fill(0);
    for (let at = digit; at < digits.length; at += DIGITS) places[digits[at]! + 1]!++;
    if (places.includes(keys.length)) continue;
    for (let value = 1; value < RADIX; value++) places[value]! += places[value - 1]!;
    for (let at = 0; at < order.length; at++) {
      const index = order[at]!;
      spare[places[digits[index * DIGITS + digit]!]!++] = index;
    }
    [order, spare] = [spare, order];
  }
  return order;
}

function fewInOrder(keys: Float64Array): Uint32Array {
  const order = new Uint32Array(keys.length);
  for (let index = 0; index < order.length; index++) order[index] = index;
  return order.sort((a, b) => keys[a]! - keys[b]! || a - b);
}
