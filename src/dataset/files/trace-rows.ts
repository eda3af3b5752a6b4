// Rows of traces as their files have them, gathered into sessions.

import { basename } from "node:path";
import { z } from "zod";
import { fail, type Json, type Session, type Turn } from "#core";
import { ID_LIST, parseMooncake, parseRow, readLines, type TraceRow, traceRowOf } from "#trace";
import { Grouping, type LoaderContext } from "./context.ts";
import { readCsv } from "./csv.ts";

/** A request that was recorded; `inputTokens` is 0 where it brings its text. */
export interface RecordedRow extends TraceRow {
  readonly line: number;
  readonly text: string | undefined;
  readonly given: GivenTurn | undefined;
}

type GivenTurn = Pick<Turn, "messages" | "tools" | "extra"> & {
  readonly payload?: { readonly [key: string]: Json };
};

export interface RecordedSession {
  readonly id: string;
  readonly rows: readonly RecordedRow[];
  readonly context: NonNullable<Session["context"]>;
}

/** Mooncake's rows; those of one session follow each other. */
export async function readMooncake(
  path: string,
  { nextName }: LoaderContext,
): Promise<RecordedSession[]> {
  const file = basename(path);
  const groups = new Grouping<RecordedRow>(nextName);
  for await (const lines of readLines(path)) {
    for (const line of lines) {
      const row = parseMooncake(line, file);
      const given: GivenTurn = {
        ...(row.messages != null && { messages: row.messages }),
        ...(row.tools != null && { tools: row.tools }),
        ...(row.payload != null && { payload: row.payload }),
        ...(row.extra != null && { extra: row.extra }),
      };
      const shape = traceRowOf({ ...row, input_length: row.input_length ?? 0 })!;
      groups.add(row.session_id, {
        ...shape,
        line: line.number,
        text: row.text_input ?? undefined,
        given: Object.keys(given).length === 0 ? undefined : given,
      });
    }
  }
  return [...groups].map(([id, rows]) => {
    const kinds = new Set(rows.map(kindOf));
    if (kinds.size > 1) {
      const what = `${file}: session ${id} mixes ${[...kinds].join(" and ")}`;
      fail("E_DATA_ROW", what, "give its rows one kind of prompt");
    }
    // Messages and bodies are whole by themselves; the others go on from the replies.
    const isWhole = kinds.has("messages") || kinds.has("payload");
    return { id, rows, context: isWhole ? "none" : "live-replies" };
  });
}

function kindOf({ given, text }: RecordedRow): string {
  if (given?.payload !== undefined) return "payload";
  if (given?.messages !== undefined) return "messages";
  return text === undefined ? "input_length" : "text_input";
}

export const BAILIAN_ROW = z.looseObject({
  chat_id: z.int(),
  parent_chat_id: z.int().default(-1),
  timestamp: z.number().nonnegative(),
  input_length: z.int().positive(),
  output_length: z.int().nonnegative(),
  turn: z.int().default(1),
  hash_ids: ID_LIST.nullish(),
});

/** Bailian's rows: chats by the root that they go back to, in order of their turns. */
export async function readBailian(
  path: string,
  { nextName }: LoaderContext,
): Promise<RecordedSession[]> {
  const file = basename(path);
  const roots = new Map<number, number>();
  const chats = new Map<number, { readonly turn: number; readonly row: RecordedRow }[]>();
  for await (const lines of readLines(path)) {
    for (const line of lines) {
      const row = parseRow(BAILIAN_ROW, line, file);
      const root = roots.get(row.parent_chat_id) ?? row.chat_id;
      roots.set(row.chat_id, root);
      const chat = chats.get(root);
      const turn = { turn: row.turn, row: bailianRow(row, line.number) };
      if (chat === undefined) chats.set(root, [turn]);
      else chat.push(turn);
    }
  }
  return [...chats.values()].map((turns) => ({
    id: nextName(),
    rows: turns.sort((a, b) => a.turn - b.turn).map(({ row }) => row),
    // A recorded length is that of the whole prompt, what was said before included.
    context: "none",
  }));
}

function bailianRow(row: z.infer<typeof BAILIAN_ROW>, line: number): RecordedRow {
  return {
    timestampMs: row.timestamp * 1000,
    delayMs: undefined,
    sessionId: undefined,
    inputTokens: row.input_length,
    outputTokens: row.output_length,
    hashIds: row.hash_ids ?? [],
    line,
    text: undefined,
    given: undefined,
  };
}

export const BURST_COLUMNS = ["Timestamp", "Request tokens", "Response tokens"] as const;

/** BurstGPT's table; rows that are no request are left out, as failed ones were recorded too. */
export async function readBurstGpt(
  path: string,
  { nextName }: LoaderContext,
): Promise<RecordedSession[]> {
  const sessions: RecordedSession[] = [];
  for await (const { line, fields } of readCsv(path, BURST_COLUMNS)) {
    const row = burstRow(line, fields);
    if (row !== undefined) sessions.push({ id: nextName(), rows: [row], context: "live-replies" });
  }
  return sessions;
}

/** A row by the columns of {@link BURST_COLUMNS}; undefined for one that is no request. */
export function burstRow(line: number, fields: readonly string[]): RecordedRow | undefined {
  const [timestampS, inputTokens, outputTokens] = fields.map((field) =>
    field.trim() === "" ? Number.NaN : Number(field),
  );
  const isRequest =
    timestampS! >= 0 && Number.isInteger(inputTokens) && inputTokens! > 0 && outputTokens! > 0;
  if (!isRequest) return undefined;
  return {
    timestampMs: timestampS! * 1000,
    delayMs: undefined,
    sessionId: undefined,
    inputTokens: inputTokens!,
    outputTokens: Math.round(outputTokens!),
    hashIds: [],
    line,
    text: undefined,
    given: undefined,
  };
}
