// What the socket saw of one request, for its line in profile_export.jsonl. Times are wall-clock
// nanoseconds like those around them; what has no time was not seen.

import type { RequestRecord } from "#core";
import type { LineOptions } from "./line.ts";
import { WallClock } from "./numerals.ts";

/** What is told of an exchange beside its record. */
export interface WireFacts {
  /** As they went out; credential-like values already redacted. */
  readonly headers: { readonly [name: string]: string };
  /** What the server wrote behind the status. */
  readonly reason: string;
  readonly responseHeaders: { readonly [name: string]: string };
  /** The pieces of the reply's body. */
  readonly chunks: readonly { readonly stampNs: number; readonly bytes: number }[];
}

/** Makes the trace of a request as a JSON field, with a comma in front. */
export function traceMaker({
  epoch,
}: LineOptions): (record: RequestRecord, wire: WireFacts) => string {
  const wall = new WallClock(epoch);
  const stamp = (key: string, ns: number): string =>
    Number.isNaN(ns) ? "" : `,"${key}":${wall.text(ns)}`;
  const span = (key: string, ns: number): string =>
    Number.isNaN(ns) ? "" : `,"${key}":${Math.max(0, Math.round(ns))}`;
  const list = (key: string, chunks: WireFacts["chunks"]): string => {
    const pairs = chunks.map(({ stampNs, bytes }) => `[${wall.text(stampNs)},${bytes}]`);
    return `,"${key}":[${pairs.join(",")}]`;
  };

  return (record, { headers, reason, responseHeaders, chunks }) => {
    const { http, startNs, sentNs, ackNs } = record;
    const readyNs = startNs + http.dnsNs + http.connectNs;
    const connected = http.reused
      ? stamp("connection_reused_ns", startNs)
      : stamp("tcp_connect_start_ns", startNs + http.dnsNs) + stamp("tcp_connect_end_ns", readyNs);
    const looked = http.dnsNs > 0;
    // Head and body leave in one write.
    const sent = Number.isNaN(sentNs) ? [] : [{ stampNs: sentNs, bytes: http.bytesSent }];
    return (
      `,"trace_data":{"trace_type":"aiperf"${stamp("request_send_start_ns", readyNs)}` +
      `,"request_headers":${JSON.stringify(headers)}` +
      stamp("request_headers_sent_ns", sentNs) +
      list("request_chunks", sent) +
      `${stamp("request_send_end_ns", sentNs)},"request_chunks_count":${sent.length}` +
      `,"request_bytes_total":${http.bytesSent}` +
      (http.status === undefined ? "" : `,"response_status_code":${http.status}`) +
      (reason === "" ? "" : `,"response_reason":${JSON.stringify(reason)}`) +
      (Number.isNaN(ackNs) ? "" : `,"response_headers":${JSON.stringify(responseHeaders)}`) +
      stamp("response_headers_received_ns", ackNs) +
      stamp("response_receive_start_ns", http.firstByteNs) +
      stamp("response_receive_end_ns", http.lastByteNs) +
      list("response_chunks", chunks) +
      `,"response_chunks_count":${http.chunksReceived}` +
      `,"response_bytes_total":${http.bytesReceived}${connected}` +
      (looked ? stamp("dns_lookup_start_ns", startNs) : "") +
      (looked ? stamp("dns_lookup_end_ns", startNs + http.dnsNs) : "") +
      span("blocked_ns", 0) +
      span("dns_lookup_ns", http.dnsNs) +
      span("connecting_ns", http.connectNs) +
      span("sending_ns", sentNs - readyNs) +
      span("waiting_ns", http.firstByteNs - sentNs) +
      span("receiving_ns", http.lastByteNs - http.firstByteNs) +
      `${span("duration_ns", http.lastByteNs - readyNs)}}`
    );
  };
}
