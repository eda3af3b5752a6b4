// Whether the rows of a trace fit together: times that run forward, lengths that fit their blocks,
// blocks of one length each.

import type { Finding } from "./inspect.ts";

export interface CheckedRow {
  readonly line: number;
  readonly timestampMs: number | undefined;
  /** Undefined where the row brings its text. */
  readonly tokens: number | undefined;
  readonly hashIds: readonly number[];
}

export interface TraceCheck {
  add(row: CheckedRow): void;
  findings(): readonly Finding[];
}

/** @param blockTokens tokens of one block */
export function traceCheck(blockTokens: number): TraceCheck {
  const sizes = new Map<number, number>();
  const unfit: number[] = [];
  const longer: number[] = [];
  const changed: number[] = [];
  const backward: number[] = [];
  let rows = 0;
  let timed = 0;
  let blocked = 0;
  let lastMs = Number.NEGATIVE_INFINITY;
  let firstMs = Number.POSITIVE_INFINITY;

  const checkBlocks = ({ line, tokens, hashIds }: CheckedRow): void => {
    if (tokens === undefined || hashIds.length === 0) return;
    blocked++;
    const last = Math.min(blockTokens, tokens - (hashIds.length - 1) * blockTokens);
    if (last < 1) {
      unfit.push(line);
      return;
    }
    if (tokens > hashIds.length * blockTokens) longer.push(line);
    let isChanged = false;
    for (const [at, id] of hashIds.entries()) {
      const size = at === hashIds.length - 1 ? last : blockTokens;
      const known = sizes.get(id);
      if (known === undefined) sizes.set(id, size);
      else if (known !== size) isChanged = true;
    }
    if (isChanged) changed.push(line);
  };

  return {
    add(row) {
      rows++;
      if (row.timestampMs !== undefined) {
        timed++;
        if (row.timestampMs < lastMs) backward.push(row.line);
        lastMs = Math.max(lastMs, row.timestampMs);
        firstMs = Math.min(firstMs, row.timestampMs);
      }
      checkBlocks(row);
    },
    findings() {
      const findings: Finding[] = [];
      const note = (isGood: boolean, text: string) => findings.push({ isGood, text });
      if (timed === rows && rows > 0)
        note(
          true,
          `every row has a timestamp; they span ${((lastMs - firstMs) / 1000).toFixed(1)} s`,
        );
      else if (timed > 0) note(false, `${timed} of ${rows} rows have a timestamp, the others none`);
      if (backward.length > 0) note(true, `timestamps go back at ${linesOf(backward)}`);
      if (unfit.length > 0)
        note(
          false,
          `lengths are less than their blocks of ${blockTokens} tokens at ${linesOf(unfit)}`,
        );
      if (longer.length > 0)
        note(true, `prompts are longer than their blocks at ${linesOf(longer)}`);
      if (changed.length > 0)
        note(false, `blocks have another length than before at ${linesOf(changed)}`);
      if (blocked > 0 && unfit.length + changed.length === 0)
        note(
          true,
          `${sizes.size} blocks of ${blockTokens} tokens fit the lengths of ${blocked} rows`,
        );
      return findings;
    },
  };
}

function linesOf(lines: readonly number[]): string {
  const shown = lines.slice(0, 3).join(", ");
  const more = lines.length > 3 ? ` and ${lines.length - 3} more` : "";
  return `line${lines.length > 1 ? "s" : ""} ${shown}${more}`;
}
