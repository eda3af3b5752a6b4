// How many of the tokens that a draft proposed a step of the model took, over all steps of a run: the
// mean alone does not say whether a draft is often half right or seldom all right.

/** Steps that took as many as this or more are told together. */
const TOGETHER = 8;

/**
 * The line under the table of speculative decoding; empty where no step was told.
 * @param counts steps by how many proposed tokens they took
 */
export function acceptanceLine(counts: readonly number[]): string {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return "";
  const few = counts.slice(0, TOGETHER);
  const many = counts.slice(TOGETHER).reduce((sum, count) => sum + count, 0);
  const told = few.map((count, taken) => [String(taken), count] as const);
  const all = many > 0 ? [...told, [`${TOGETHER} or more`, many] as const] : told;
  const shares = all.map(([taken, count]) => `${taken}: ${((100 * count) / total).toFixed(0)} %`);
  return `Drafted tokens taken, by share of the steps: ${shares.join(", ")}`;
}
