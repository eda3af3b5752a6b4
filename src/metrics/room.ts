// Laying out the columns of a million requests takes 8 MB each time, and what is laid out is done
// with at once. The collector of garbage sees small objects and waits; here it is told.

/** Fewer requests leave nothing behind that matters. */
const REQUESTS_MIN = 100_000;

/** To be called where large arrays of a run have just been used for the last time. */
export function giveBack(requests: number): void {
  if (requests >= REQUESTS_MIN) Bun.gc(true);
}
