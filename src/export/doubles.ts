// The shortest decimal that reads back as a double, digit by digit (Steele and White, "How to Print
// Floating-Point Numbers Accurately", 1990): as soon as what is left is smaller than half the way to
// a neighbour, the digits so far say which double is meant. A rate needs sixteen of them, and with
// its whole part below 2^31 all that is left fits into two integers of 27 and 26 bits.

const ZERO = 48;
const POINT = 46;

const LOW_BITS = 26;
const LOW_MASK = 2 ** LOW_BITS - 1;
const HIGH_BITS = 27;
const HIGH_MASK = 2 ** HIGH_BITS - 1;
const ONE = 2 ** (HIGH_BITS + LOW_BITS);

/**
 * Puts the point and the digits behind it that `String(value)` has.
 * @param value not whole, from 1 on and below 2^31; its whole part is there already
 * @returns where they end; -1 when they have to be found in another way
 */
export function putFraction(bytes: Uint8Array, start: number, value: number): number {
  const whole = value | 0;
  const scaled = (value - whole) * ONE;
  let high = (scaled / 2 ** LOW_BITS) | 0;
  let low = scaled - high * 2 ** LOW_BITS;
  // Half the distance to the next double, on the same scale.
  let half = 2 ** (31 - Math.clz32(whole));
  // Below a power of two the doubles lie closer.
  if (scaled === 2 * half) return -1;
  bytes[start] = POINT;
  for (let at = start + 1; ; at++) {
    low *= 10;
    high = high * 10 + (low >>> LOW_BITS);
    low &= LOW_MASK;
    const digit = high >>> HIGH_BITS;
    high &= HIGH_MASK;
    half *= 10;
    const rest = high * 2 ** LOW_BITS + low;
    const isBelow = rest < half;
    const isAbove = rest > ONE - half;
    if (!isBelow && !isAbove) {
      // In the very middle between two doubles it is the even one that is meant.
      if (rest === half || rest === ONE - half) return -1;
      bytes[at] = ZERO + digit;
      continue;
    }
    const twice = 2 * rest;
    const last = isAbove && (!isBelow || twice > ONE) ? digit + 1 : digit;
    if (last === 10 || twice === ONE) return -1;
    bytes[at] = ZERO + last;
    return at + 1;
  }
}
