// outputs.json: the generated texts, in the order of their sessions and turns. Requests end in any
// order and on several threads, so each leaves a line on the way, and the lines are put in order at
// the end, a million texts at a time as one line each.

import type { RequestRecord } from "#core";
import type { RecordValues } from "#metrics";
import { metricsMaker } from "./line.ts";
import { WallClock } from "./numerals.ts";

/** Makes the line of a request's text; failed requests have none. */
export function outputMaker(epoch: {
  readonly wallNs: bigint;
  readonly monotonicNs: number;
}): (record: RequestRecord, values: RecordValues, text: string) => string {
  const wall = new WallClock(epoch);
  const metricsJson = metricsMaker();
  return (record, values, text) =>
    `{"session_num":${record.credit},"conversation_id":${JSON.stringify(record.conversationId)},` +
    `"turn_index":${record.turn},"x_request_id":${JSON.stringify(record.requestId)},` +
    `"request_start_ns":${wall.text(record.startNs)},"request_end_ns":${wall.text(record.endNs)},` +
    `"metrics":${metricsJson(values)},"response_text":${JSON.stringify(text)}}`;
}

const ORDER = /^\{"session_num":(\d+),.*?"turn_index":(\d+),/;

/** Yields the text of outputs.json from the lines that requests left. */
export function* outputsJson(lines: readonly string[]): Generator<string> {
  const placed = lines.map((line) => {
    const [, session, turn] = ORDER.exec(line) ?? [];
    return { line, session: Number(session), turn: Number(turn) };
  });
  placed.sort((a, b) => a.session - b.session || a.turn - b.turn);
  yield '{\n  "schema_version": "1.0",\n  "data": [';
  let separator = "\n";
  for (const { line } of placed) {
    yield `${separator}    ${line}`;
    separator = ",\n";
  }
  yield "\n  ]\n}\n";
}
