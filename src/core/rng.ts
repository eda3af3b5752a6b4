// Randomness in named streams. Each consumer owns one, so that adding a consumer never shifts
// what another draws, and one seed reproduces a whole run.

import { createHash, randomBytes } from "node:crypto";
import { assert } from "./errors.ts";

/** Draws uniformly from [0, 1), with 53 random bits. */
export type Rng = () => number;

/** A seed for a run that was given none: 32 bits from the operating system. */
export function freshSeed(): number {
  return randomBytes(4).readUInt32LE(0);
}

/** The stream `name` of a run's seed: SHA-256 over `seed:name` seeds the generator. */
export function rngStream(seed: number, name: string): Rng {
  const hash = createHash("sha256").update(`${seed}:${name}`).digest();
  return sfc32(hash.readUInt32LE(0), hash.readUInt32LE(4), hash.readUInt32LE(8));
}

/** sfc32 by Chris Doty-Humphrey (PractRand): 128 bits of state, one of them a counter. */
function sfc32(seedA: number, seedB: number, seedC: number): Rng {
  let a = seedA | 0;
  let b = seedB | 0;
  let c = seedC | 0;
  let counter = 1;
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return sum >>> 0;
  };
  for (let i = 0; i < 15; i++) next();
  return () => ((next() >>> 5) * 2 ** 26 + (next() >>> 6)) / 2 ** 53;
}

/** An integer in [0, bound). */
export function integerBelow(rng: Rng, bound: number): number {
  assert(bound > 0, "there is something to draw from");
  return Math.floor(rng() * bound);
}

/** One draw of the standard normal distribution: Box and Muller's method, the cosine half. */
export function normal(rng: Rng): number {
  return Math.sqrt(-2 * Math.log(1 - rng())) * Math.cos(2 * Math.PI * rng());
}

/**
 * A positive integer around a mean, as AIPerf draws lengths: without spread the mean rounded half
 * to even, else a normal draw, drawn again while negative and then rounded up; never below 1.
 */
export function positiveInteger(rng: Rng, mean: number, stddev: number): number {
  if (stddev <= 0) return Math.max(1, roundHalfToEven(mean));
  for (let tries = 0; tries < 10_000; tries++) {
    const drawn = mean + stddev * normal(rng);
    if (drawn >= 0) return Math.max(1, Math.ceil(drawn));
  }
  return 1;
}

/** A value rounded to the nearest whole number, and halfway to the even one. */
export function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
