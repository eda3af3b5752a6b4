// One line of profile_export_raw.jsonl for every finished request: what was sent, and what came back
// with the time of each piece, so that a reader can do all the understanding over again.

import type { RequestRecord } from "#core";

/** A piece of a reply: an event of a stream, or a body. */
export interface RawResponse {
  readonly stampNs: number;
  /** The fields of an event; undefined for a body. */
  readonly packets: readonly RawPacket[] | undefined;
  readonly text: string;
  readonly contentType: string;
}

export interface RawPacket {
  readonly name: string;
  readonly value: string;
}

export interface RawExchange {
  /** Credential-like values already redacted. */
  readonly headers: { readonly [name: string]: string };
  readonly responses: readonly RawResponse[];
  /** The body that was sent, as JSON; undefined when it is no longer known. */
  readonly payload: string | undefined;
}

/**
 * The line of a request.
 * @param metadata as {@link metadataMaker} makes it
 */
export function rawLine(record: RequestRecord, metadata: string, raw: RawExchange): string {
  const { error, http } = record;
  const startNs = Number.isNaN(record.startNs) ? record.dueNs : record.startNs;
  const status = http.status === undefined ? "" : `,"status":${http.status}`;
  const failure = error === undefined ? "" : `,"error":${JSON.stringify(error)}`;
  const payload = raw.payload === undefined ? "" : `,"payload":${raw.payload}`;
  return (
    `{"metadata":${metadata},"start_perf_ns":${Math.round(startNs)},` +
    `"request_headers":${JSON.stringify(raw.headers)}${status},` +
    `"responses":[${raw.responses.map(responseJson).join(",")}]${failure}${payload}}`
  );
}

function responseJson({ stampNs, packets, text, contentType }: RawResponse): string {
  const perf_ns = Math.round(stampNs);
  return packets === undefined
    ? JSON.stringify({ perf_ns, text, content_type: contentType })
    : JSON.stringify({ perf_ns, packets });
}
