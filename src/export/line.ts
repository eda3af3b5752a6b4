// One line of profile_export.jsonl for every finished request, made of text pieces: a double has
// no room for the nineteen digits of a wall-clock nanosecond, and JSON.stringify no bigint.

import type { Epoch, PhaseKind, RequestRecord } from "#core";
import type { RecordValues } from "#metrics";
import { ByteText } from "./byte-text.ts";
import { MetricsText } from "./line-metrics.ts";
import { WallClock } from "./numerals.ts";
import { speculationText } from "./spec-decode.ts";

export interface LineOptions {
  readonly epoch: Epoch;
  /** The run's phases, in the order of their indexes. */
  readonly phases: readonly { readonly name: string; readonly kind: PhaseKind }[];
}

/**
 * Writes the line of a request, without its line end.
 * @param more further fields as JSON, each with a comma in front, to stand after the metrics
 */
export type LineWriter = (
  to: ByteText,
  record: RequestRecord,
  values: RecordValues,
  more?: string,
) => void;

/** A writer of lines for one run. Absent keys stand for what is not known. */
export function lineWriter(options: LineOptions): LineWriter {
  const metadata = new MetadataText(options);
  const metrics = metricsWriter();
  return (to, record, values, more = "") => {
    to.reserve(HEAD_BYTES);
    to.put(METADATA);
    metadata.add(to, record);
    to.put(METRICS);
    metrics(to, values);
    if (more !== "") to.text(more);
    if (record.speculation !== undefined) to.text(speculationText(record));
    if (record.error !== undefined) to.text(errorText(record.error));
    to.reserve(1);
    to.putByte(CLOSE);
  };
}

/** The same as single texts. */
export function lineMaker(
  options: LineOptions,
): (record: RequestRecord, values: RecordValues, more?: string) => string {
  const write = lineWriter(options);
  return alone((to, ...of: [RequestRecord, RecordValues, string?]) => write(to, ...of));
}

/** Makes the metadata of a request, as JSON. */
export function metadataMaker(options: LineOptions): (record: RequestRecord) => string {
  const metadata = new MetadataText(options);
  return alone((to, record: RequestRecord) => metadata.add(to, record));
}

/** Makes the metrics of a request, as JSON. */
export function metricsMaker(): (values: RecordValues) => string {
  return alone(metricsWriter());
}

function metricsWriter(): (to: ByteText, values: RecordValues) => void {
  const texts = new Map<RecordValues["rows"], MetricsText>();
  return (to, values) => {
    let text = texts.get(values.rows);
    if (text === undefined) texts.set(values.rows, (text = new MetricsText(values.rows)));
    text.add(to, values);
  };
}

/** Makes a text of its own of what is written. */
function alone<Args extends readonly unknown[]>(
  write: (to: ByteText, ...args: Args) => void,
): (...args: Args) => string {
  const room = new ByteText();
  return (...args) => {
    room.length = 0;
    write(room, ...args);
    return room.toString();
  };
}

const CLOSE = 125;
const METADATA = Buffer.from('{"metadata":');
const METRICS = Buffer.from(',"metrics":');
const SESSION = Buffer.from('{"session_num":');
const REQUEST_ID = Buffer.from(',"x_request_id":');
const CORRELATION_ID = Buffer.from(',"x_correlation_id":');
const CONVERSATION_ID = Buffer.from(',"conversation_id":');
const TURN = Buffer.from(',"turn_index":');
const DUE = Buffer.from(',"credit_issued_ns":');
const START = Buffer.from(',"request_start_ns":');
const ACK = Buffer.from(',"request_ack_ns":');
const END = Buffer.from(',"request_end_ns":');
const NOT_CANCELLED = Buffer.from("false,");
const CANCELLED = Buffer.from('true,"cancellation_time_ns":');
const COMMA = 44;
const TAIL = Buffer.from('"context_overflow_skip":false,"agent_depth":0,"root_correlation_id":');
/** Of everything in a line's metadata whose length is known beforehand. */
const HEAD_BYTES = 1024;

/** Writes what is known of a request beside its figures. */
class MetadataText {
  readonly #wall: WallClock;
  readonly #phases: readonly string[];
  /** Of the phases and threads that were seen: what every request of theirs has. */
  readonly #origins: Buffer[][][] = [];

  constructor({ epoch, phases }: LineOptions) {
    this.#wall = new WallClock(epoch);
    this.#phases = phases.map((_, index) => phaseText(phases, index));
  }

  add(to: ByteText, record: RequestRecord): void {
    const wall = this.#wall;
    // A request that failed before it was sent is dated by when it should have been.
    const startNs = Number.isNaN(record.startNs) ? record.dueNs : record.startNs;
    const endNs = Number.isNaN(record.endNs) ? startNs : record.endNs;
    const { dueNs, ackNs, cancelledNs } = record;
    to.put(SESSION);
    to.putNumber(record.credit);
    to.put(REQUEST_ID);
    to.json(record.requestId);
    to.reserve(HEAD_BYTES);
    to.put(CORRELATION_ID);
    const idAt = to.length;
    to.json(record.correlationId);
    const idEnd = to.length;
    to.reserve(HEAD_BYTES);
    to.put(CONVERSATION_ID);
    to.json(record.conversationId);
    const origin = this.#originOf(record);
    to.reserve(HEAD_BYTES + origin.length + idEnd - idAt);
    to.put(TURN);
    to.putNumber(record.turn);
    if (!Number.isNaN(dueNs)) {
      to.put(DUE);
      wall.put(to, dueNs);
    }
    to.put(START);
    wall.put(to, startNs);
    if (!Number.isNaN(ackNs)) {
      to.put(ACK);
      wall.put(to, ackNs);
    }
    to.put(END);
    wall.put(to, endNs);
    to.put(origin);
    if (Number.isNaN(cancelledNs)) to.put(NOT_CANCELLED);
    else {
      to.put(CANCELLED);
      wall.put(to, cancelledNs);
      to.putByte(COMMA);
    }
    to.put(TAIL);
    to.putPart(to, idAt, idEnd);
    to.putByte(CLOSE);
  }

  #originOf({ phaseIndex, worker, recorder }: RequestRecord): Buffer {
    const workers = ((this.#origins[phaseIndex] ??= [])[recorder] ??= []);
    return (workers[worker] ??= Buffer.from(
      `,"worker_id":"worker_${worker}",` +
        `"record_processor_id":"record_processor_${recorder}",` +
        (this.#phases[phaseIndex] ?? ""),
    ));
  }
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

function errorText({ code, type, message }: NonNullable<RequestRecord["error"]>): string {
  return `,"error":${JSON.stringify({ code, type, message })}`;
}
