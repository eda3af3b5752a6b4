// A row of a trace in Mooncake's format: when a request came, how long it and its reply were, and
// which blocks of its prompt it shared with others. Or instead of lengths, what was said.

import { z } from "zod";
import type { Json } from "#core";
import type { Line } from "./lines.ts";
import { checkRow, parseJson } from "./rows.ts";

const isId = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;

function isIdList(value: unknown): boolean {
  if (!Array.isArray(value)) return false;
  for (let at = 0; at < value.length; at++) if (!isId(value[at])) return false;
  return true;
}

/** A list of block ids. A loop of our own checks it in a twentieth of the time that a schema takes. */
export const ID_LIST = z.custom<readonly number[]>(
  isIdList,
  "expected a list of whole numbers from 0",
);

export const JSON_OBJECT = z.custom<{ readonly [key: string]: Json }>(
  (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  "expected an object",
);

/** Chat messages as a server takes them. */
export const MESSAGES = z
  .array(JSON_OBJECT)
  .min(1, "expected at least one message")
  .refine(
    (messages) => messages.every((message) => typeof message.role === "string"),
    "expected a role in every message",
  );

const WAYS = ["input_length", "text_input", "messages", "payload"] as const;

export const MOONCAKE_ROW = z
  .looseObject({
    timestamp: z.number().nonnegative().nullish(),
    delay: z.number().nonnegative().nullish(),
    session_id: z.string().min(1).nullish(),
    input_length: z.int().positive().nullish(),
    output_length: z.int().nonnegative().nullish(),
    hash_ids: ID_LIST.nullish(),
    text_input: z.string().min(1).nullish(),
    messages: MESSAGES.nullish(),
    payload: JSON_OBJECT.nullish(),
    tools: z.array(JSON_OBJECT).min(1).nullish(),
    extra: JSON_OBJECT.nullish(),
  })
  .check(({ value: row, issues }) => {
    const complain = (message: string) => issues.push({ code: "custom", message, input: row });
    const ways = WAYS.filter((way) => row[way] != null);
    if (ways.length !== 1) {
      const found = ways.length === 0 ? "none" : ways.join(" and ");
      complain(`expected exactly one of ${WAYS.join(", ")}, found ${found}`);
    }
    if (row.hash_ids != null && row.input_length == null) complain("hash_ids need input_length");
    if (row.tools != null && row.messages == null) complain("tools need messages");
  });

export type MooncakeRow = z.infer<typeof MOONCAKE_ROW>;

/** A row whose prompt is made from its length and its blocks. */
export interface TraceRow {
  readonly timestampMs: number | undefined;
  readonly delayMs: number | undefined;
  readonly sessionId: string | undefined;
  readonly inputTokens: number;
  readonly outputTokens: number | undefined;
  readonly hashIds: readonly number[];
}

/** @throws E_DATA_JSON, E_DATA_ROW */
export function parseMooncake(line: Line, file: string): MooncakeRow {
  const row = parseJson(line, file);
  return isUsual(row) ? row : checkRow(MOONCAKE_ROW, row, line.number, file);
}

/** The fields of nearly all rows of nearly all traces. */
const USUAL = new Set(["timestamp", "input_length", "output_length", "hash_ids"]);

/** Whether the schema would find nothing to say, for rows where that is quickly seen. */
function isUsual(row: { readonly [field: string]: unknown }): row is MooncakeRow {
  for (const field in row) if (!USUAL.has(field)) return false;
  const { timestamp, input_length, output_length, hash_ids } = row;
  return (
    isId(input_length) &&
    (input_length as number) > 0 &&
    isId(output_length) &&
    isId(timestamp) &&
    isIdList(hash_ids)
  );
}

/** The lengths and blocks of a row; undefined when it brings its text instead. */
export function traceRowOf(row: MooncakeRow): TraceRow | undefined {
  if (row.input_length == null) return undefined;
  return {
    timestampMs: row.timestamp ?? undefined,
    delayMs: row.delay ?? undefined,
    sessionId: row.session_id ?? undefined,
    inputTokens: row.input_length,
    outputTokens: row.output_length ?? undefined,
    hashIds: row.hash_ids ?? [],
  };
}
