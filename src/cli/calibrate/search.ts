// The most of something that a machine holds: doubled until it fails, then halved once or twice in
// between. Each try costs seconds, so the search ends with its time and says what it knows; and it
// can fail by a hiccup of the machine, so only a size that fails twice has failed.

export interface Found<Tried> {
  /** The largest that held; undefined when not even the first one did. */
  readonly best: Tried | undefined;
  /** The smallest that did not; undefined when the search ended before. */
  readonly beyond: Tried | undefined;
}

export interface SearchOptions<Tried> {
  readonly from: number;
  readonly max: number;
  readonly attempt: (size: number) => Promise<Tried>;
  readonly holds: (tried: Tried) => boolean;
  readonly timeLeft: () => boolean;
}

/** Tries within the gap, after the doubling. */
const REFINEMENTS = 2;

/** Looks for the largest size that holds; sizes are whole numbers. */
export async function searchMost<Tried>(options: SearchOptions<Tried>): Promise<Found<Tried>> {
  const { max, attempt, holds, timeLeft } = options;
  let held = 0;
  let failed: number | undefined;
  let best: Tried | undefined;
  let beyond: Tried | undefined;

  async function look(size: number): Promise<void> {
    let tried = await attempt(size);
    if (!holds(tried) && timeLeft()) tried = await attempt(size);
    if (holds(tried)) [held, best] = [size, tried];
    else [failed, beyond] = [size, tried];
  }

  for (
    let size = options.from;
    failed === undefined && timeLeft();
    size = Math.min(max, 2 * size)
  ) {
    await look(size);
    if (size === max) break;
  }
  for (let left = REFINEMENTS; left > 0 && held > 0 && failed !== undefined; left--) {
    if (!timeLeft()) break;
    const middle = Math.round(Math.sqrt(held * failed));
    if (middle <= held || middle >= failed) break;
    await look(middle);
  }
  return { best, beyond };
}
