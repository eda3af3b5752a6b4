// A file looked at without sending it: how many rows it has, which of them are wrong, and whether
// what they say of times, blocks and lengths fits together.

import { basename } from "node:path";
import type { FileType } from "#config";
import { AiperfError } from "#core";
import { checkRow, type Line, MOONCAKE_ROW, parseJson, readLines } from "#trace";
import { readCsv } from "./csv.ts";
import { PAYLOAD } from "./payloads.ts";
import { type TraceCheck, traceCheck } from "./trace-check.ts";
import { BAILIAN_ROW, BURST_COLUMNS, burstRow } from "./trace-rows.ts";
import { TURN_ROW } from "./turn-row.ts";
import { SESSION_ROW } from "./turns.ts";

export interface Inspection {
  readonly rows: number;
  /** Rows that are wrong, and the first few of them in words. */
  readonly wrong: number;
  readonly errors: readonly string[];
  readonly sessions: number;
  /** What fits together and what does not, a line each. */
  readonly findings: readonly Finding[];
}

export interface Finding {
  readonly isGood: boolean;
  readonly text: string;
}

const ERRORS_SHOWN = 5;

/** Reads one row: raises what is wrong with it, and notes what it says. */
type Look = (line: Line, file: string, noted: Noted) => void;

interface Noted {
  readonly sessions: Set<string>;
  /** Rows that are sessions of their own. */
  alone: number;
  readonly trace: TraceCheck;
}

const LOOKS: { readonly [type in FileType]?: Look } = {
  "single-turn": (line, file, noted) => {
    noteSession(noted, checkRow(TURN_ROW, parseJson(line, file), line.number, file).session_id);
  },
  "random-pool": (line, file, noted) => {
    checkRow(TURN_ROW, parseJson(line, file), line.number, file);
    noted.alone++;
  },
  "multi-turn": (line, file, noted) => {
    noteSession(noted, checkRow(SESSION_ROW, parseJson(line, file), line.number, file).session_id);
  },
  "raw-payload": (line, file, noted) => {
    checkRow(PAYLOAD, parseJson(line, file), line.number, file);
    noted.alone++;
  },
  "mooncake-trace": (line, file, noted) => {
    const row = checkRow(MOONCAKE_ROW, parseJson(line, file), line.number, file);
    noteSession(noted, row.session_id);
    noted.trace.add({
      line: line.number,
      timestampMs: row.timestamp ?? undefined,
      tokens: row.input_length ?? undefined,
      hashIds: row.hash_ids ?? [],
    });
  },
  "bailian-trace": (line, file, noted) => {
    const row = checkRow(BAILIAN_ROW, parseJson(line, file), line.number, file);
    if (row.parent_chat_id < 0) noted.alone++;
    noted.trace.add({
      line: line.number,
      timestampMs: row.timestamp * 1000,
      tokens: row.input_length,
      hashIds: row.hash_ids ?? [],
    });
  },
};

/**
 * Looks at a file of rows.
 * @param blockTokens tokens of one block of a trace
 * @throws E_FILE_READ, E_FILE_ENCODING and what else ends the reading
 */
export async function inspectFile(
  path: string,
  type: FileType,
  blockTokens: number,
): Promise<Inspection> {
  const file = basename(path);
  const noted: Noted = { sessions: new Set(), alone: 0, trace: traceCheck(blockTokens) };
  if (type === "burst-gpt-trace") return inspectTable(path);
  const look = LOOKS[type]!;
  const errors: string[] = [];
  let rows = 0;
  let wrong = 0;
  for await (const lines of readLines(path)) {
    for (const line of lines) {
      rows++;
      try {
        look(line, file, noted);
      } catch (error) {
        if (!(error instanceof AiperfError)) throw error;
        if (wrong++ < ERRORS_SHOWN) errors.push(error.what);
      }
    }
  }
  const sessions = noted.sessions.size + noted.alone;
  return { rows, wrong, errors, sessions, findings: noted.trace.findings() };
}

/** A table has no wrong rows, only some that are no requests. */
async function inspectTable(path: string): Promise<Inspection> {
  const trace = traceCheck(1);
  let rows = 0;
  let requests = 0;
  for await (const { line, fields } of readCsv(path, BURST_COLUMNS)) {
    rows++;
    const row = burstRow(line, fields);
    if (row === undefined) continue;
    requests++;
    trace.add({ line, timestampMs: row.timestampMs, tokens: row.inputTokens, hashIds: [] });
  }
  const skipped = { isGood: true, text: `${rows - requests} rows are no requests and are skipped` };
  const findings = [...(rows > requests ? [skipped] : []), ...trace.findings()];
  return { rows, wrong: 0, errors: [], sessions: requests, findings };
}

function noteSession(noted: Noted, id: string | null | undefined): void {
  if (id == null) noted.alone++;
  else noted.sessions.add(id);
}
