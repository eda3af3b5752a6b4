// Units of time and size. Inside the program a time is a number of nanoseconds; what a person
// reads is converted once, when it is shown or written.

export const NS_PER_US = 1e3;
export const NS_PER_MS = 1e6;
export const NS_PER_S = 1e9;

/** Seconds, as a user gives them, in nanoseconds. Infinity stays infinite. */
export function secondsToNs(seconds: number): number {
  return seconds * NS_PER_S;
}
