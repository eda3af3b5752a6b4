// Rows of turns: one turn a row, or a whole session a row.

import { basename } from "node:path";
import { z } from "zod";
import type { Pieces, Session, Turn } from "#core";
import { parseRow, readLines } from "#trace";
import { textsOf } from "../count.ts";
import { Grouping, type LoaderContext, plainSession } from "./context.ts";
import { keeperFor, type TextKeeper } from "./text-keeper.ts";
import { TURN_ROW, type TurnRow, turnOf } from "./turn-row.ts";

export interface LoadedTurns {
  readonly sessions: Session[];
  readonly pieces: Pieces | undefined;
}

/** One turn a row; those of one session follow each other, and none repeats what was before it. */
export async function loadSingleTurns(path: string, context: LoaderContext): Promise<LoadedTurns> {
  const file = basename(path);
  const keeper = keeperFor(path);
  const groups = new Grouping<Turn>(context.nextName);
  for await (const lines of readLines(path)) {
    for (const line of lines) {
      const row = parseRow(TURN_ROW, line, file);
      const turn = turnOf(row, context, `${file} line ${line.number}`);
      groups.add(row.session_id, kept(turn, keeper, context));
    }
  }
  const sessions = [...groups].map(([id, turns]) => plainSession(id, sentOnce(turns), "none"));
  return { sessions, pieces: keeper.pieces() };
}

/**
 * The turns of a session without the images that an earlier one of them had: their names are left.
 * Within a turn nothing is left out, as the server has what is new only when the turn is over.
 */
function sentOnce(turns: readonly Turn[]): readonly Turn[] {
  const sent = new Set<string>();
  return turns.map((turn) => {
    if (turn.images?.every(({ uuids }) => uuids === undefined) ?? true) return turn;
    const images = turn.images!.map((group) => ({
      ...group,
      contents: group.contents.map((content, at) =>
        sent.has(group.uuids?.[at] ?? "") ? "" : content,
      ),
    }));
    for (const { contents, uuids } of images)
      for (const [at, uuid] of (uuids ?? []).entries())
        if (uuid !== undefined && contents[at] !== "") sent.add(uuid);
    return { ...turn, images };
  });
}

/** The turn with marks for its long texts, counted while those are at hand. */
function kept(turn: Turn, keeper: TextKeeper, { tokenizer, plan }: LoaderContext): Turn {
  const texts = turn.texts.map((group) => ({
    ...group,
    contents: group.contents.map(keeper.keep),
  }));
  const isChanged = texts.some(({ contents }, group) =>
    contents.some((text, at) => text !== turn.texts[group]!.contents[at]),
  );
  if (!isChanged) return turn;
  const counts = !plan.endpoint.useServerTokenCount;
  const inputTokens = counts ? tokenizer.count(textsOf(turn).join(" ")) : undefined;
  return { ...turn, texts, inputTokens };
}

export const SESSION_ROW = z.looseObject({
  session_id: z.string().min(1).nullish(),
  turns: z.array(TURN_ROW).min(1, "expected at least one turn"),
});

/** A session a row; those of one id are one session. Turns repeat what was said before them. */
export async function loadMultiTurns(path: string, context: LoaderContext): Promise<Session[]> {
  const file = basename(path);
  const groups = new Grouping<{ readonly row: TurnRow; readonly line: number }>(context.nextName);
  for await (const lines of readLines(path)) {
    for (const line of lines) {
      const { session_id, turns } = parseRow(SESSION_ROW, line, file);
      groups.add(session_id, ...turns.map((row) => ({ row, line: line.number })));
    }
  }
  return [...groups].map(([id, rows]) => {
    const system = rows.length > 1 ? systemTextOf(rows[0]!.row) : undefined;
    const rest = system === undefined ? rows : rows.slice(1);
    const turns = rest.map(({ row, line }) => turnOf(row, context, `${file} line ${line}`));
    return { ...plainSession(id, turns), systemText: system };
  });
}

/** The text of a turn that is nothing but a system message. */
function systemTextOf(row: TurnRow): string | undefined {
  const { role, text, timestamp, delay, output_length, extra, images, image } = row;
  const isBare =
    role === "system" &&
    [timestamp, delay, output_length, extra, images, image].every((field) => field == null);
  return isBare ? (text ?? undefined) : undefined;
}
