// Two decimals, as the CSV and the tables show every figure. Where a number lies exactly in the
// middle it goes to the even digit, as in Python: half-up would differ from AIPerf at 10.625.

/** `12.34` */
export function fixed2(value: number): string {
  // Only odd eighths lie exactly between two hundredths: .125, .375, .625 and .875.
  const eighths = value * 8;
  if (Number.isInteger(eighths) && eighths % 2 !== 0) {
    const below = Math.floor(value * 100);
    return ((below % 2 === 0 ? below : below + 1) / 100).toFixed(2);
  }
  return value.toFixed(2);
}
