// A line of profile_export.jsonl back into the record that it was made of, so that figures can be
// made again. This is the way that takes any line; lines that are as this program writes them can
// be read faster (line-scanner.ts), with the same result.

import type { Epoch, RequestRecord } from "#core";
import { CELL_TAGS, emptyParts, GAPS_TAG, type LineParts, recordOf } from "./line-parts.ts";
import type { Line } from "./schema-line.ts";
import { speculationOf } from "./spec-decode.ts";

/** The parts of a line that a record is made of. */
type ParsedLine = Pick<Line, "metadata" | "metrics" | "spec_decode_acceptance" | "error">;

/** The wall-clock time of a line's first stamp, as the zero of a file's monotonic times. */
export function epochOf(line: string): Epoch | undefined {
  const digits = stampOf(line, "credit_issued_ns") ?? stampOf(line, "request_start_ns");
  return digits === undefined ? undefined : { monotonicNs: 0, wallNs: BigInt(digits) };
}

/**
 * Reads lines of a file whose times are told from one epoch.
 * @throws SyntaxError for a line that is no JSON, TypeError for one that is no record
 */
export function lineReader(epoch: Epoch): (line: string) => RequestRecord {
  const seconds = Number(epoch.wallNs / 1_000_000_000n);
  const fraction = Number(epoch.wallNs % 1_000_000_000n);
  /** Nineteen digits are more than a double holds: seconds and the rest are read apart. */
  const monotonic = (line: string, key: string): number => {
    const digits = stampOf(line, key);
    if (digits === undefined) return Number.NaN;
    const whole = Number(digits.slice(0, -9)) - seconds;
    return whole * 1e9 + (Number(digits.slice(-9)) - fraction) + epoch.monotonicNs;
  };
  return (line) => {
    const parsed = JSON.parse(line) as ParsedLine;
    const { metadata, error } = parsed;
    // A stamp that is not there would be looked for in all of the line.
    const stamp = (key: StampKey): number =>
      metadata[key] === undefined ? Number.NaN : monotonic(line, key);
    const parts: LineParts = {
      ...emptyParts(),
      phase: metadata.benchmark_phase,
      phaseIndex: metadata.phase_index ?? 0,
      session: metadata.session_num,
      turn: metadata.turn_index ?? 0,
      dueNs: stamp("credit_issued_ns"),
      startNs: stamp("request_start_ns"),
      ackNs: stamp("request_ack_ns"),
      endNs: stamp("request_end_ns"),
      cancelledNs: stamp("cancellation_time_ns"),
      speculation: speculationOf(parsed.spec_decode_acceptance),
      error: error && { code: error.code, type: error.type, message: error.message },
    };
    if (!PHASES.has(parts.phase) || Number.isNaN(parts.startNs) || Number.isNaN(parts.endNs))
      throw new TypeError("a record has a phase, a start and an end");
    takeMetrics(parts, parsed.metrics);
    return recordOf(parts, {
      conversationId: metadata.conversation_id ?? "",
      requestId: metadata.x_request_id,
      correlationId: metadata.x_correlation_id ?? "",
    });
  };
}

const PHASES = new Set(["warmup", "profiling"]);

type StampKey =
  | "credit_issued_ns"
  | "request_start_ns"
  | "request_ack_ns"
  | "request_end_ns"
  | "cancellation_time_ns";

function stampOf(line: string, key: string): string | undefined {
  const at = line.indexOf(`"${key}":`);
  if (at === -1) return undefined;
  const from = at + key.length + 3;
  let to = from;
  while (to < line.length && line.charCodeAt(to) >= 48 && line.charCodeAt(to) <= 57) to++;
  return to - from < 10 ? undefined : line.slice(from, to);
}

function takeMetrics(parts: LineParts, metrics: Line["metrics"]): void {
  const { cells } = parts;
  for (let cell = 0; cell < cells.length; cell++) {
    const value = metrics[CELL_TAGS[cell]!]?.value;
    if (typeof value === "number") cells[cell] = value;
  }
  const gaps = metrics[GAPS_TAG]?.value;
  if (!Array.isArray(gaps)) return;
  parts.gaps = Float64Array.from(gaps);
  parts.gapCount = gaps.length;
}
