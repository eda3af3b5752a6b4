// Text that is the same in every encoding, one byte a character: names, numbers, heads of requests.
// Writing a short one here costs half of what a call into the runtime does.

const ZERO = 48;

/**
 * Writes `text` to `bytes` from `at` on.
 * @returns false when it is not plain: what lies in its place is then of no use
 */
export function writePlain(bytes: Uint8Array, text: string, at: number): boolean {
  let all = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    all |= code;
    bytes[at + i] = code;
  }
  return all < 0x80;
}

/**
 * Writes a whole number of 0 or more in decimal to `bytes` from `at` on.
 * @returns where it ends
 */
export function writeDigits(bytes: Uint8Array, value: number, at: number): number {
  let end = at + 1;
  for (let rest = value; rest >= 10; rest = Math.floor(rest / 10)) end++;
  for (let rest = value, i = end - 1; i >= at; i--) {
    const tens = Math.floor(rest / 10);
    bytes[i] = ZERO + (rest - tens * 10);
    rest = tens;
  }
  return end;
}
