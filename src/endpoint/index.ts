// A turn on the wire, and a reply read back. One file a kind of endpoint; the rows are in `ROWS`.

import type { EndpointKind } from "#config";
import { chat } from "./chat.ts";
import { completions } from "./completions.ts";
import type { EndpointRow } from "./endpoint.ts";

export type { Body, BodyRequest, EndpointRow, PastTurn } from "./endpoint.ts";
export {
  CORRELATION_ID,
  type HeaderRow,
  type HeaderValue,
  headerRows,
  REQUEST_ID,
} from "./headers.ts";
export { ReplyListener } from "./listener.ts";
export { clearFacts, emptyFacts, looseObject, type ReplyFacts } from "./reply.ts";
export { type SseEvent, SseReader } from "./sse.ts";
export { type Target, targetOf } from "./url.ts";

const ROWS: { readonly [kind in EndpointKind]: EndpointRow } = { chat, completions };

/** The row of a kind of endpoint. */
export function endpointRow(kind: EndpointKind): EndpointRow {
  return ROWS[kind];
}
