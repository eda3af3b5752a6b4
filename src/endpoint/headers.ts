// The headers of a request, in the order in which they go on the wire. Two of them change with
// every request; the rest is text that is made once.

import type { EndpointPlan } from "#config";
import { VERSION } from "#core";
import { contentTypeHeader } from "./endpoint.ts";

/** Stand-ins for what changes with each request. */
export const REQUEST_ID = Symbol("request id");
export const CORRELATION_ID = Symbol("correlation id");

export type HeaderValue = string | typeof REQUEST_ID | typeof CORRELATION_ID;
export type HeaderRow = readonly [name: string, value: HeaderValue];

/** Without it, Anthropic's API takes no request. */
const VERSION_HEADER = "anthropic-version";

/** Headers that frame a request: only the transport knows what they must say. */
const FRAMING = new Set(["content-length", "transfer-encoding"]);

/**
 * Header rows without `Content-Length` and, unless the user set one, without `Host`: those the
 * transport adds. A later source replaces an earlier one of the same name, and `Accept` and
 * `Content-Type` are not the user's to change: they say what this program can read and what it
 * writes.
 */
export function headerRows(endpoint: EndpointPlan): readonly HeaderRow[] {
  const rows = new Map<string, HeaderRow>();
  const put = (name: string, value: HeaderValue) => rows.set(name.toLowerCase(), [name, value]);
  put("User-Agent", `aiperf/${VERSION}`);
  put("X-Request-ID", REQUEST_ID);
  put(endpoint.sessionHeader, CORRELATION_ID);
  for (const [name, value] of endpoint.headers)
    if (!FRAMING.has(name.toLowerCase())) put(name, value);
  if (endpoint.kind === "messages") {
    if (!rows.has(VERSION_HEADER)) put(VERSION_HEADER, "2023-06-01");
    if (endpoint.apiKey !== undefined) put("x-api-key", endpoint.apiKey);
  } else if (endpoint.apiKey !== undefined) put("Authorization", `Bearer ${endpoint.apiKey}`);
  put("Accept", endpoint.streaming ? "text/event-stream" : "application/json");
  put("Content-Type", contentTypeHeader(endpoint.contentType));
  put("X-Session-Affinity", CORRELATION_ID);
  return [...rows.values()];
}
