// A mistyped name is answered with the name that was meant: the fewest slips of the finger away.

/**
 * The known name nearest to `typed`, or undefined when none is near enough to be meant.
 * Ties go to the one that comes first.
 */
export function nearestName(typed: string, known: Iterable<string>): string | undefined {
  const slipsMax = Math.max(2, Math.floor(typed.length / 4));
  let nearest: string | undefined;
  let nearestSlips = slipsMax + 1;
  for (const name of known) {
    if (Math.abs(name.length - typed.length) >= nearestSlips) continue;
    const slips = slipsBetween(typed, name);
    if (slips < nearestSlips) [nearest, nearestSlips] = [name, slips];
  }
  return nearest;
}

/**
 * Letters to insert, leave out, replace, or swap with their neighbour to make one text the other:
 * the optimal string alignment distance, after Damerau, "A technique for computer detection and
 * correction of spelling errors", 1964.
 */
export function slipsBetween(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let slips = Math.min(
        last[column]! + 1,
        current[column - 1]! + 1,
        last[column - 1]! + (same ? 0 : 1),
      );
      const swapped =
        row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) slips = Math.min(slips, beforeLast[column - 2]! + 1);
      current.push(slips);
    }
    [beforeLast, last] = [last, current];
  }
  return last[b.length]!;
}
