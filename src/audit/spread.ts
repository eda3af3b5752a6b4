// How a generator's own delays are spread. Four figures are enough to judge it by.

export interface Spread {
  readonly count: number;
  readonly meanNs: number;
  readonly p50Ns: number;
  readonly p95Ns: number;
  readonly p99Ns: number;
  readonly maxNs: number;
}

/** With fewer samples than this, the p99 is one or two hiccups and the p95 stands for it. */
const SAMPLES_FOR_P99 = 300;

/** The tail that a spread is judged by, and its name. */
export function tailOf(spread: Spread): { readonly name: "p95" | "p99"; readonly ns: number } {
  return spread.count < SAMPLES_FOR_P99
    ? { name: "p95", ns: spread.p95Ns }
    : { name: "p99", ns: spread.p99Ns };
}

/** The spread of some times; undefined of none. NaN counts nowhere. Percentiles interpolate. */
export function spreadOf(valuesNs: Float64Array): Spread | undefined {
  const sorted = valuesNs.filter((value) => !Number.isNaN(value)).sort();
  const count = sorted.length;
  if (count === 0) return undefined;
  const at = (percent: number): number => {
    const place = (percent / 100) * (count - 1);
    const low = sorted[Math.floor(place)]!;
    return low + (sorted[Math.ceil(place)]! - low) * (place % 1);
  };
  return {
    count,
    meanNs: sorted.reduce((sum, value) => sum + value, 0) / count,
    p50Ns: at(50),
    p95Ns: at(95),
    p99Ns: at(99),
    maxNs: sorted[count - 1]!,
  };
}
