// Laws that random arrivals are held to, computed the plain way.

/** Kolmogorov and Smirnov's distance between a sample and a distribution function. */
export function distance(sample: readonly number[], cdf: (x: number) => number): number {
  const sorted = sample.toSorted((a, b) => a - b);
  let most = 0;
  sorted.forEach((x, i) => {
    const p = cdf(x);
    most = Math.max(most, p - i / sorted.length, (i + 1) / sorted.length - p);
  });
  return most;
}

/** A distance that a true sample of this size exceeds once in a million (Kolmogorov's limit). */
export function distanceMax(size: number): number {
  return Math.sqrt(-Math.log(1e-6 / 2) / 2 / size);
}

/** The exponential law of mean 1. */
export function exponentialCdf(x: number): number {
  return 1 - Math.exp(-x);
}

/** The gamma law of this shape and mean 1: the regularised incomplete gamma function, as a series. */
export function gammaCdf(shape: number): (x: number) => number {
  return (x) => {
    const z = x * shape;
    if (z <= 0) return 0;
    let term = 1 / shape;
    let sum = term;
    for (let n = 1; term > sum * 1e-15; n++) {
      term *= z / (shape + n);
      sum += term;
    }
    return Math.min(1, Math.exp(shape * Math.log(z) - z - logGamma(shape)) * sum);
  };
}

/** Stirling's series, after the argument was raised to where it is good. */
function logGamma(x: number): number {
  let shift = 0;
  let z = x;
  for (; z < 10; z++) shift -= Math.log(z);
  const series = 1 / (12 * z) - 1 / (360 * z ** 3) + 1 / (1260 * z ** 5);
  return shift + (z - 0.5) * Math.log(z) - z + 0.5 * Math.log(2 * Math.PI) + series;
}
