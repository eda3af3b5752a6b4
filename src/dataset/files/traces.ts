// Traces: requests that were recorded with their lengths and times. Their texts are made here.

import { basename } from "node:path";
import { type Pieces, pieceMark, type Session, type Turn } from "#core";
import { NO_SYNTHESIS, synthesizeTrace } from "#trace";
import { writeBlocks } from "../blocks.ts";
import { type LoaderContext, plainSession } from "./context.ts";
import { type RecordedRow, readBailian, readBurstGpt, readMooncake } from "./trace-rows.ts";

export interface LoadedTrace {
  readonly sessions: Session[];
  readonly pieces: Pieces | undefined;
  readonly notes: readonly string[];
}

type TraceType = "mooncake-trace" | "bailian-trace" | "burst-gpt-trace";

/** Tokens of the blocks of each type, where the user does not say otherwise. */
export const BLOCK_TOKENS: Readonly<Record<TraceType, number>> = {
  "mooncake-trace": 512,
  "bailian-trace": 16,
  "burst-gpt-trace": 64,
};

const READERS = {
  "mooncake-trace": readMooncake,
  "bailian-trace": readBailian,
  "burst-gpt-trace": readBurstGpt,
} as const;

/**
 * Loads a trace: rows with lengths get texts of exactly those, rows with texts keep them.
 * @throws E_DATA_ROW and relatives for rows, E_TRACE_BLOCK for lengths that do not fit their blocks
 */
export async function loadTrace(
  type: TraceType,
  path: string,
  context: LoaderContext,
): Promise<LoadedTrace> {
  const { dataset } = context.plan;
  const read = READERS[type];
  const blockTokens = dataset.blockTokens ?? BLOCK_TOKENS[type];
  const file = basename(path);
  const groups = await synthesized(await read(path, context), dataset.synthesis ?? NO_SYNTHESIS);

  const shaped = groups.flatMap(({ rows }) => rows.filter((row) => row.inputTokens > 0));
  const texts =
    shaped.length === 0
      ? undefined
      : writeBlocks(
          shaped.map(({ inputTokens: tokens, hashIds, line }) => ({ tokens, hashIds, line })),
          blockTokens,
          context.tokenizer,
          context.seed,
          file,
        );
  let text = 0;
  const sessions = groups.map(({ id, rows, context: mode }) =>
    plainSession(
      id,
      rows.map((row) => turnOf(row, row.inputTokens > 0 ? pieceMark(text++) : undefined)),
      mode,
    ),
  );
  const deviation = texts?.deviation ?? 0;
  const notes =
    deviation === 0
      ? []
      : [
          `${context.tokenizer.name} joins words into tokens: prompts of the trace are up to ${deviation} tokens off their recorded lengths`,
        ];
  return { sessions, pieces: texts?.pieces, notes };

  function turnOf(row: RecordedRow, mark: string | undefined): Turn {
    const contents = mark ?? row.text;
    return {
      role: "user",
      texts: contents === undefined ? [] : [{ name: "text", contents: [contents] }],
      ...row.given,
      model:
        typeof row.given?.payload?.model === "string"
          ? row.given.payload.model
          : context.nextModel(),
      maxTokens: row.given?.payload === undefined ? context.limitOf(row.outputTokens) : undefined,
      inputTokens: mark === undefined ? undefined : row.inputTokens,
      delayNs: context.delayNs(row.delayMs),
      timestampNs: context.timestampNs(row.timestampMs),
    };
  }

  /** The groups with their rows as the plan wants them; those of which nothing is left are gone. */
  async function synthesized(
    groups: Awaited<ReturnType<typeof read>>,
    synthesis: typeof NO_SYNTHESIS,
  ): Promise<typeof groups> {
    if (dataset.synthesis === undefined) return groups;
    const rows = groups.flatMap((group) => group.rows.map((row) => ({ ...row, group })));
    const rng = context.rng("dataset.synthesis.synthesizer");
    const made = Map.groupBy(
      await synthesizeTrace(rows, synthesis, blockTokens, rng),
      ({ group }) => group,
    );
    return groups
      .map((group) => ({ ...group, rows: made.get(group) ?? [] }))
      .filter((group) => group.rows.length > 0);
  }
}
