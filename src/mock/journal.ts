// The mock's own account of every request, for those who check what a client says. A line is
// written when its request ends, and reaches the file within a fifth of a second.

import { closeSync, openSync, writeSync } from "node:fs";
import { type Epoch, fail, messageOf, wallNs } from "#core";
import type { AskKind } from "./ask.ts";

export type Outcome = "completed" | "error" | "dropped" | "left" | "stopped";

/** One request. Times are monotonic nanoseconds; NaN means that it never happened. */
export interface JournalEntry {
  readonly requestId: string | undefined;
  readonly connection: number;
  readonly kind: AskKind | undefined;
  readonly stream: boolean;
  readonly status: number;
  readonly outcome: Outcome;
  readonly arrivalNs: number;
  readonly firstWriteNs: number;
  readonly lastWriteNs: number;
  readonly endNs: number;
  readonly promptTokens: number;
  readonly requestedTokens: number | undefined;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  readonly chunks: number;
  readonly lateNsMax: number;
}

export interface Journal {
  readonly write: (entry: JournalEntry) => void;
  readonly close: () => void;
}

const FLUSH_BYTES = 64 * 1024;
const FLUSH_MS = 200;

export const NO_JOURNAL: Journal = { write() {}, close() {} };

/** Opens (and empties) the file. Raises E_MOCK_LOG when that is not possible. */
export function openJournal(path: string, epoch: Epoch): Journal {
  let file: number;
  try {
    file = openSync(path, "w");
  } catch (error) {
    fail("E_MOCK_LOG", `--log ${path} cannot be written: ${messageOf(error)}`, "name another file");
  }
  let pending = "";
  let timer: Timer | undefined;

  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (pending !== "") writeSync(file, pending);
    pending = "";
  };

  return {
    write(entry) {
      pending += journalLine(entry, epoch);
      if (pending.length > FLUSH_BYTES) flush();
      else timer ??= setTimeout(flush, FLUSH_MS);
    },
    close() {
      flush();
      closeSync(file);
    },
  };
}

/** Wall-clock times are integers of nanoseconds, more digits than a JavaScript number holds. */
export function journalLine(entry: JournalEntry, epoch: Epoch): string {
  const wall = (ns: number): string => (Number.isNaN(ns) ? "null" : String(wallNs(epoch, ns)));
  return (
    `{"x_request_id":${JSON.stringify(entry.requestId ?? null)},` +
    `"connection":${entry.connection},"kind":${JSON.stringify(entry.kind ?? null)},` +
    `"stream":${entry.stream},"status":${entry.status},"outcome":"${entry.outcome}",` +
    `"arrival_ns":${wall(entry.arrivalNs)},"first_write_ns":${wall(entry.firstWriteNs)},` +
    `"last_write_ns":${wall(entry.lastWriteNs)},"end_ns":${wall(entry.endNs)},` +
    `"left_ns":${entry.outcome === "left" ? wall(entry.endNs) : "null"},` +
    `"prompt_tokens":${entry.promptTokens},"requested_tokens":${entry.requestedTokens ?? null},` +
    `"output_tokens":${entry.outputTokens},"reasoning_tokens":${entry.reasoningTokens},` +
    `"chunks":${entry.chunks},"late_ns_max":${Math.round(entry.lateNsMax)}}\n`
  );
}
