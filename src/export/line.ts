// One line of profile_export.jsonl for every finished request, made of text pieces: a double has
// no room for the nineteen digits of a wall-clock nanosecond, and JSON.stringify no bigint.

import { type Epoch, NS_PER_MS, type PhaseKind, type RequestRecord } from "#core";
import { divisor, type RecordValues } from "#metrics";
import { millionthsList, millionthsText, wallText } from "./numerals.ts";

export interface LineOptions {
  readonly epoch: Epoch;
  /** The run's phases, in the order of their indexes. */
  readonly phases: readonly { readonly name: string; readonly kind: PhaseKind }[];
}

/**
 * Makes the line of a request, without its line end.
 * @param more further fields as JSON, each with a comma in front, to stand after the metrics
 */
export type LineMaker = (record: RequestRecord, values: RecordValues, more?: string) => string;

/** A maker of lines for one run. Absent keys stand for what is not known. */
export function lineMaker(options: LineOptions): LineMaker {
  const metadataOf = metadataMaker(options);
  const pieces = new Map<RecordValues["rows"], readonly Piece[]>();

  return (record, values, more = "") => {
    let known = pieces.get(values.rows);
    if (known === undefined) pieces.set(values.rows, (known = values.rows.map(pieceOf)));
    const metrics = metricsText(known, values);
    return `{"metadata":${metadataOf(record)},"metrics":${metrics}${more}${errorText(record)}}`;
  };
}

/** The text around a value, and what makes it a display value. */
interface Piece {
  /** With a comma in front. */
  readonly before: string;
  readonly after: string;
  readonly divisor: number;
  /** The number that came last, and its text: most counts and many wire times never vary. */
  last: number;
  text: string;
}

function pieceOf(row: RecordValues["rows"][number]): Piece {
  const unit = row.displayUnit ?? row.unit;
  return {
    before: `,${JSON.stringify(row.tag)}:{"value":`,
    after: `,"unit":${JSON.stringify(unit)}}`,
    divisor: divisor(row.unit, unit),
    last: Number.NaN,
    text: "",
  };
}

/** The metrics of a record as JSON. */
export function metricsJson(values: RecordValues): string {
  return metricsText(values.rows.map(pieceOf), values);
}

function metricsText(pieces: readonly Piece[], { cells }: RecordValues): string {
  let text = "";
  for (let i = 0; i < pieces.length; i++) {
    const piece = pieces[i]!;
    const cell = cells[i]!;
    if (typeof cell !== "number") {
      if (cell.length > 0)
        text += `${piece.before}[${listText(cell, piece.divisor)}]${piece.after}`;
    } else if (cell === piece.last) {
      text += piece.text;
    } else if (Number.isFinite(cell)) {
      const { divisor } = piece;
      const value = divisor === NS_PER_MS ? millionthsText(cell) : cell / divisor;
      piece.last = cell;
      piece.text = piece.before + value + piece.after;
      text += piece.text;
    }
  }
  return `{${text.slice(1)}}`;
}

function listText(values: Float64Array, divisor: number): string {
  if (divisor === NS_PER_MS) return millionthsList(values);
  return values.map((value) => value / divisor).join(",");
}

/** Makes the metadata of a request, as JSON. */
export function metadataMaker(options: LineOptions): (record: RequestRecord) => string {
  const phases = options.phases.map((_, index) => phaseText(options.phases, index));
  const wall = wallText(options.epoch.wallNs, options.epoch.monotonicNs);
  return (record) => metadataText(record, wall, phases[record.phaseIndex] ?? "");
}

function phaseText(phases: LineOptions["phases"], index: number): string {
  const { name, kind } = phases[index]!;
  const before = phases.slice(0, index).filter((phase) => phase.kind === "profiling").length;
  const profiling = kind === "profiling" ? `"profiling_index":${before},` : "";
  return (
    `"benchmark_phase":"${kind}","phase_index":${index},${profiling}` +
    `"phase_name":${JSON.stringify(name)},"phase_kind":"${kind}","was_cancelled":`
  );
}

function metadataText(record: RequestRecord, wall: (ns: number) => string, phase: string): string {
  // A request that failed before it was sent is dated by when it should have been.
  const startNs = Number.isNaN(record.startNs) ? record.dueNs : record.startNs;
  const endNs = Number.isNaN(record.endNs) ? startNs : record.endNs;
  const correlationId = JSON.stringify(record.correlationId);
  const { dueNs, ackNs, cancelledNs } = record;
  const due = Number.isNaN(dueNs) ? "" : `"credit_issued_ns":${wall(dueNs)},`;
  const ack = Number.isNaN(ackNs) ? "" : `"request_ack_ns":${wall(ackNs)},`;
  const cancelled = Number.isNaN(cancelledNs)
    ? "false,"
    : `true,"cancellation_time_ns":${wall(cancelledNs)},`;
  return (
    `{"session_num":${record.credit},` +
    `"x_request_id":${JSON.stringify(record.requestId)},"x_correlation_id":${correlationId},` +
    `"conversation_id":${JSON.stringify(record.conversationId)},"turn_index":${record.turn},` +
    `${due}"request_start_ns":${wall(startNs)},${ack}"request_end_ns":${wall(endNs)},` +
    `"worker_id":"worker_${record.worker}",` +
    `"record_processor_id":"record_processor_${record.recorder}",` +
    `${phase}${cancelled}"context_overflow_skip":false,"agent_depth":0,` +
    `"root_correlation_id":${correlationId}}`
  );
}

function errorText({ error }: RequestRecord): string {
  if (error === undefined) return "";
  const { code, type, message } = error;
  return `,"error":${JSON.stringify({ code, type, message })}`;
}
