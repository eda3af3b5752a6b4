// A turn on the wire, and a reply read back. One file a kind of endpoint; the rows are in `ROWS`.

export type { Body, BodyRequest, EndpointRow, PastTurn } from "./endpoint.ts";
export { type EncodedBody, encodeBody } from "./form.ts";
export {
  CORRELATION_ID,
  type HeaderRow,
  type HeaderValue,
  headerRows,
  REQUEST_ID,
} from "./headers.ts";
export { type Compression, compressionOf, Inflater, inflated } from "./inflate.ts";
export type { Job, JobState } from "./job.ts";
export { ReplyListener } from "./listener.ts";
export { messagesOf } from "./messages.ts";
export {
  clearFacts,
  emptyFacts,
  hasContent,
  looseObject,
  type ReplyFacts,
  readError,
} from "./reply.ts";
export { endpointPath, endpointRow, openEndpoint } from "./rows.ts";
export { type SseEvent, SseReader } from "./sse.ts";
export { type Target, targetOf } from "./url.ts";
export { gatheredUsage } from "./usage.ts";
