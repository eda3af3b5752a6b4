// Another trace made from one: longer or shorter prefixes and prompts, more trees of prefixes,
// closer arrivals. AIPerf's rules, so that the same flags make the same trace.

import { fail, integerBelow, type Rng, roundHalfToEven } from "#core";
import type { TraceRow } from "./mooncake.ts";

export interface Synthesis {
  /** Times are divided by this; 0 leaves them. */
  readonly speedup: number;
  readonly prefixLength: number;
  readonly prefixRoots: number;
  readonly promptLength: number;
  readonly outputLength: number;
  /** Longer prompts are left out, and what becomes longer is cut. */
  readonly inputTokensMax: number | undefined;
  readonly outputTokensMax: number | undefined;
}

/** Changes nothing. */
export const NO_SYNTHESIS: Synthesis = {
  speedup: 1,
  prefixLength: 1,
  prefixRoots: 1,
  promptLength: 1,
  outputLength: 1,
  inputTokensMax: undefined,
  outputTokensMax: undefined,
};

/** Whether anything but a limit is asked for: only then are blocks renumbered. */
function reshapes(synthesis: Synthesis): boolean {
  const { inputTokensMax: _, outputTokensMax: __, ...factors } = synthesis;
  return Object.entries(factors).some(
    ([name, factor]) => factor !== NO_SYNTHESIS[name as keyof typeof factors],
  );
}

/**
 * The rows that a trace becomes, each still with whatever else it has.
 * @param blockTokens tokens of one block
 * @throws E_SYNTHESIS_LENGTH for a row that has no token for its last block
 */
export async function synthesizeTrace<Row extends TraceRow>(
  rows: readonly Row[],
  synthesis: Synthesis,
  blockTokens: number,
  rng: Rng,
): Promise<Row[]> {
  // The library is large and most runs synthesise nothing.
  const { from, escape: derived } = await import("arquero");
  const { speedup, outputLength } = synthesis;
  const inputMax = synthesis.inputTokensMax ?? Number.POSITIVE_INFINITY;
  const outputMax = synthesis.outputTokensMax ?? Number.POSITIVE_INFINITY;
  const reshaping = reshapes(synthesis);

  const fitting = rows.filter((row) => row.inputTokens <= inputMax);
  const shapes = reshaping ? reshape(fitting, synthesis, blockTokens, rng) : fitting;
  const table = from(fitting.map((row, index) => ({ row, shape: shapes[index]! })))
    .derive({
      timestampMs: derived(({ row }: Pair) =>
        reshaping && speedup !== 0 && row.timestampMs !== undefined
          ? Math.trunc(row.timestampMs / speedup)
          : row.timestampMs,
      ),
      outputTokens: derived(({ row }: Pair) => {
        if (row.outputTokens === undefined) return undefined;
        if (!reshaping) return Math.min(row.outputTokens, outputMax);
        return Math.max(1, Math.min(roundHalfToEven(row.outputTokens * outputLength), outputMax));
      }),
      inputTokens: derived(({ shape }: Pair) => Math.min(shape.inputTokens, inputMax)),
      // What is cut keeps the blocks that are still whole.
      hashIds: derived(({ shape: { inputTokens, hashIds } }: Pair) =>
        inputTokens > inputMax ? hashIds.slice(0, Math.floor(inputMax / blockTokens)) : hashIds,
      ),
    })
    .select("timestampMs", "outputTokens", "inputTokens", "hashIds");
  const changed = table.objects() as Pick<Row, keyof Columns>[];
  return fitting.map((row, index) => ({ ...row, ...changed[index]! }));
}

interface Pair {
  readonly row: TraceRow;
  readonly shape: Shape;
}

type Shape = Pick<TraceRow, "inputTokens" | "hashIds">;
type Columns = Pick<TraceRow, "timestampMs" | "outputTokens" | "inputTokens" | "hashIds">;

/** New lengths and blocks: what is shared is stretched or cut, what is not is numbered anew. */
function reshape(
  rows: readonly TraceRow[],
  { prefixLength, promptLength, prefixRoots }: Synthesis,
  blockTokens: number,
  rng: Rng,
): Shape[] {
  const shared = sharedIds(rows);
  const copies = prefixLength > 1 ? Math.trunc(prefixLength) : 1;
  let last = ([...shared].reduce((a, b) => Math.max(a, b), 0) + 1) * copies;

  const stretched = (ids: readonly number[]): number[] => {
    if (prefixLength === 1) return [...ids];
    if (prefixLength < 1) return ids.slice(0, Math.max(1, Math.trunc(ids.length * prefixLength)));
    const long = ids.flatMap((id) => Array.from({ length: copies }, (_, i) => id * copies + i));
    while (long.length < Math.ceil(ids.length * prefixLength)) long.push(++last);
    return long;
  };

  const shapes = rows.map((row, index) => {
    const { inputTokens, hashIds } = row;
    if (hashIds.length === 0) return { inputTokens, hashIds };
    if (inputTokens <= (hashIds.length - 1) * blockTokens) {
      const what = `request ${index + 1} of the trace has ${inputTokens} tokens in ${hashIds.length} blocks of ${blockTokens}`;
      fail("E_SYNTHESIS_LENGTH", what, "give the blocks' size with --isl-block-size");
    }
    const fresh = hashIds.findIndex((id) => !shared.has(id));
    // Caches hold whole blocks: a last one that is not full is no part of a prefix.
    const whole = Math.floor(inputTokens / blockTokens);
    const prefix = hashIds.slice(0, Math.min(whole, fresh < 0 ? hashIds.length : fresh));
    const prompt = inputTokens - prefix.length * blockTokens;
    const ids = stretched(prefix);
    // A prefix that is cut keeps a block's length even where there was none, as in AIPerf.
    const prefixBlocks = prefixLength < 1 ? Math.max(1, ids.length) : ids.length;
    const newPrompt = Math.trunc(prompt * promptLength);
    for (let tokens = 0; tokens < newPrompt; tokens += blockTokens) ids.push(++last);
    return { inputTokens: prefixBlocks * blockTokens + newPrompt, hashIds: ids };
  });
  if (prefixRoots === 1) return shapes;
  return shapes.map(({ inputTokens, hashIds }) => {
    const shift = integerBelow(rng, prefixRoots) * (last + 1);
    return { inputTokens, hashIds: hashIds.map((id) => id + shift) };
  });
}

/** Ids that occur more than once in the trace. */
function sharedIds(rows: readonly TraceRow[]): ReadonlySet<number> {
  const seen = new Set<number>();
  const shared = new Set<number>();
  for (const { hashIds } of rows) {
    for (const id of hashIds) {
      if (seen.has(id)) shared.add(id);
      else seen.add(id);
    }
  }
  return shared;
}
