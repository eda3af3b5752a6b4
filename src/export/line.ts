// One line of profile_export.jsonl for every finished request, made of text pieces: a double has
// no room for the nineteen digits of a wall-clock nanosecond, and JSON.stringify no bigint.

import { type Epoch, type PhaseKind, type RequestRecord, wallNs } from "#core";
import { divisor, type RecordValues } from "#metrics";

export interface LineOptions {
  readonly epoch: Epoch;
  /** The run's phases, in the order of their indexes. */
  readonly phases: readonly { readonly name: string; readonly kind: PhaseKind }[];
}

/** Makes the line of a request, without its line end. */
export type LineMaker = (record: RequestRecord, values: RecordValues) => string;

/** A maker of lines for one run. Absent keys stand for what is not known. */
export function lineMaker(options: LineOptions): LineMaker {
  const phases = options.phases.map((_, index) => phaseText(options.phases, index));
  const pieces = new Map<RecordValues["rows"], readonly Piece[]>();

  return (record, values) => {
    let known = pieces.get(values.rows);
    if (known === undefined) pieces.set(values.rows, (known = values.rows.map(pieceOf)));
    const metadata = metadataText(record, options.epoch, phases[record.phaseIndex] ?? "");
    return `{"metadata":${metadata},"metrics":${metricsText(known, values)}${errorText(record)}}`;
  };
}

/** The text around a value, and what makes it a display value. */
interface Piece {
  readonly before: string;
  readonly after: string;
  readonly divisor: number;
}

function pieceOf(row: RecordValues["rows"][number]): Piece {
  const unit = row.displayUnit ?? row.unit;
  return {
    before: `${JSON.stringify(row.tag)}:{"value":`,
    after: `,"unit":${JSON.stringify(unit)}}`,
    divisor: divisor(row.unit, unit),
  };
}

function metricsText(pieces: readonly Piece[], { cells }: RecordValues): string {
  let text = "";
  for (let i = 0; i < pieces.length; i++) {
    const { before, after, divisor } = pieces[i]!;
    const cell = cells[i]!;
    if (typeof cell === "number") {
      if (Number.isFinite(cell)) text += `,${before}${cell / divisor}${after}`;
    } else if (cell.length > 0) {
      text += `,${before}[${listText(cell, divisor)}]${after}`;
    }
  }
  return `{${text.slice(1)}}`;
}

function listText(values: Float64Array, divisor: number): string {
  let text = `${values[0]! / divisor}`;
  for (let i = 1; i < values.length; i++) text += `,${values[i]! / divisor}`;
  return text;
}

function phaseText(phases: LineOptions["phases"], index: number): string {
  const { name, kind } = phases[index]!;
  const before = phases.slice(0, index).filter((phase) => phase.kind === "profiling").length;
  const profiling = kind === "profiling" ? `"profiling_index":${before},` : "";
  return `${profiling}"phase_name":${JSON.stringify(name)},"phase_kind":"${kind}",`;
}

function metadataText(record: RequestRecord, epoch: Epoch, phase: string): string {
  const stamp = (key: string, ns: number): string =>
    Number.isNaN(ns) ? "" : `"${key}":${wallNs(epoch, ns)},`;
  // A request that failed before it was sent is dated by when it should have been.
  const startNs = Number.isNaN(record.startNs) ? record.dueNs : record.startNs;
  const endNs = Number.isNaN(record.endNs) ? startNs : record.endNs;
  const correlationId = JSON.stringify(record.correlationId);
  const cancelled = !Number.isNaN(record.cancelledNs);
  return (
    `{"session_num":${record.credit},` +
    `"x_request_id":${JSON.stringify(record.requestId)},"x_correlation_id":${correlationId},` +
    `"conversation_id":${JSON.stringify(record.conversationId)},"turn_index":${record.turn},` +
    stamp("credit_issued_ns", record.dueNs) +
    stamp("request_start_ns", startNs) +
    stamp("request_ack_ns", record.ackNs) +
    stamp("request_end_ns", endNs) +
    `"worker_id":"worker_${record.worker}",` +
    `"record_processor_id":"record_processor_${record.recorder}",` +
    `"benchmark_phase":"${record.phase}","phase_index":${record.phaseIndex},` +
    phase +
    `"was_cancelled":${cancelled},` +
    stamp("cancellation_time_ns", record.cancelledNs) +
    `"context_overflow_skip":false,"agent_depth":0,"root_correlation_id":${correlationId}}`
  );
}

function errorText({ error }: RequestRecord): string {
  if (error === undefined) return "";
  const { code, type, message } = error;
  return `,"error":${JSON.stringify({ code, type, message })}`;
}
