// Adding many numbers up. A sum of doubles drifts by what each step rounds off; here that is added
// up beside it, and put back at the end.

/** Neumaier's summation: the error does not grow with the number of values. */
export function sumOf(values: Float64Array): number {
  let sum = 0;
  let lost = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    const next = sum + value;
    lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
    sum = next;
  }
  return sum + lost;
}
