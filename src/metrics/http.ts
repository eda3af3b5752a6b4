// Where the time went on the wire: the HTTP trace family.
//
//   start ── name ── connect ──▶ ready ──▶ sent ──▶ first byte … last byte
//            dns     connecting    sending   waiting   receiving
//
// Sending begins when the connection is ready. AIPerf begins it before the connection is there, so
// that its sending and duration contain the connect time, and its total counts that time twice.

import type { RequestRecord } from "#core";
import { type MetricRow, rowsLike } from "./row.ts";

function connectionReadyNs(record: RequestRecord): number {
  return record.startNs + record.http.dnsNs + record.http.connectNs;
}

/** Never negative: a connection may have been made ready before the request was due. */
function sendingNs(record: RequestRecord): number {
  return Math.max(0, record.sentNs - connectionReadyNs(record));
}

function overheadNs(record: RequestRecord): number {
  return record.http.dnsNs + record.http.connectNs;
}

const common = { kind: "record", scope: "ok", group: "trace" } as const;
const wireTime = rowsLike({ ...common, unit: "ns", displayUnit: "ms" });
const size = rowsLike({ ...common, unit: "B", displayUnit: "KB" });
const share = rowsLike({ ...common, unit: "ratio" });
const chunks = rowsLike({ ...common, unit: "count" });

export const HTTP: readonly MetricRow[] = [
  // A request that finds no idle connection opens one: none ever waits in a queue for its turn.
  wireTime({ tag: "http_req_blocked", header: "HTTP Blocked", order: 2000, of: () => 0 }),
  wireTime({
    tag: "http_req_dns_lookup",
    header: "HTTP DNS Lookup",
    order: 2010,
    of: (r) => r.http.dnsNs,
  }),
  wireTime({
    tag: "http_req_connecting",
    header: "HTTP Connecting",
    order: 2020,
    of: (r) => r.http.connectNs,
  }),
  wireTime({ tag: "http_req_sending", header: "HTTP Sending", order: 2030, of: sendingNs }),
  wireTime({
    tag: "http_req_waiting",
    header: "HTTP Waiting (TTFB)",
    order: 2040,
    of: (r) => r.http.firstByteNs - r.sentNs,
  }),
  wireTime({
    tag: "http_req_receiving",
    header: "HTTP Receiving",
    order: 2050,
    of: (r) => r.http.lastByteNs - r.http.firstByteNs,
  }),
  share({
    tag: "http_req_connection_reused",
    header: "HTTP Connection Reused",
    order: 2060,
    of: (r) => (r.http.reused ? 1 : 0),
  }),
  size({
    tag: "http_req_data_sent",
    header: "HTTP Data Sent",
    order: 2070,
    of: (r) => r.http.bytesSent,
  }),
  chunks({ tag: "http_req_chunks_sent", header: "HTTP Chunks Sent", order: 2080, of: () => 1 }),
  size({
    tag: "http_req_data_received",
    header: "HTTP Data Received",
    order: 2090,
    of: (r) => r.http.bytesReceived,
  }),
  chunks({
    tag: "http_req_chunks_received",
    header: "HTTP Chunks Received",
    order: 2100,
    of: (r) => r.http.chunksReceived,
  }),
  wireTime({
    tag: "http_req_connection_overhead",
    header: "HTTP Connection Overhead",
    order: 2110,
    of: overheadNs,
  }),
  wireTime({
    tag: "http_req_duration",
    header: "HTTP Duration (excl. conn)",
    order: 2120,
    of: (r) => r.http.lastByteNs - r.sentNs + sendingNs(r),
  }),
  wireTime({
    tag: "http_req_total",
    header: "HTTP Total Time",
    order: 2130,
    of: (r) => overheadNs(r) + sendingNs(r) + r.http.lastByteNs - r.sentNs,
  }),
];
