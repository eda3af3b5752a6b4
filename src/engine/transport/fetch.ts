// The second opinion: Bun's own HTTP client behind the same seam, for what sockets do not speak
// (HTTP/2, proxies) and to check what they measured. It costs about twice the CPU, and it queues
// silently above BUN_CONFIG_MAX_HTTP_REQUESTS, which must be set before the process starts.

import { CORRELATION_ID, REQUEST_ID, type Target } from "#endpoint";
import { brokenReply, failureOf, malformedReply } from "./failures.ts";
import { pathBelow } from "./head.ts";
import type {
  Exchange,
  Failure,
  Transport,
  TransportCounts,
  TransportOptions,
} from "./transport.ts";

export function fetchTransport(options: TransportOptions): Transport {
  const { now, headers, insecure, freshConnections } = options;
  const active = new Map<Exchange, AbortController>();
  const counts: TransportCounts = { opened: 0, reused: 0, broken: 0 };

  function headersOf(exchange: Exchange): Headers {
    const all = new Headers();
    for (const [name, value] of headers) {
      if (exchange.lookup !== undefined && name.toLowerCase() === "content-type") continue;
      if (value === REQUEST_ID) all.set(name, exchange.requestId);
      else if (value === CORRELATION_ID) all.set(name, exchange.correlationId);
      else all.set(name, value as string);
    }
    return all;
  }

  async function run(exchange: Exchange, abort: AbortController): Promise<void> {
    const gone = () => active.get(exchange) !== abort;
    let begun = false;
    let failure: Failure | undefined;
    exchange.connected(now(), 0, false);
    const { target, lookup } = exchange;
    const asked =
      lookup === undefined
        ? { url: target.url, method: "POST", body: exchange.body.slice() }
        : { url: new URL(pathBelow(target, lookup), target.url).href, method: "GET" };
    const { url, ...question } = asked;
    const request = fetch(url, {
      ...question,
      headers: headersOf(exchange),
      signal: abort.signal,
      keepalive: !freshConnections,
      redirect: "manual",
      // Bun would decompress behind the stamps, and give up a silent server after 5 minutes.
      decompress: false,
      timeout: false,
      ...(insecure ? { tls: { rejectUnauthorized: false } } : {}),
    });
    // When the body is out cannot be seen from here: this is when Bun took it over.
    exchange.sent(now());
    try {
      const reply = await request;
      if (gone()) return;
      begun = true;
      exchange.segment(now(), 0);
      exchange.head({
        status: reply.status,
        reason: reply.statusText,
        contentType: (reply.headers.get("content-type") ?? "").toLowerCase(),
        contentEncoding: (reply.headers.get("content-encoding") ?? "").toLowerCase(),
        headers: [...reply.headers].map(([name, value]) => `${name}: ${value}`).join("\n"),
      });
      exchange.segmentEnd();
      for await (const piece of reply.body ?? []) {
        const nowNs = now();
        if (gone()) return;
        const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
        exchange.segment(nowNs, bytes.length);
        exchange.span(bytes, 0, bytes.length);
        exchange.segmentEnd();
      }
    } catch (error) {
      failure = fetchFailure(error, exchange.target, begun);
    }
    if (gone()) return;
    active.delete(exchange);
    if (failure === undefined) {
      exchange.ended(now());
      return;
    }
    counts.broken++;
    exchange.failed(now(), failure);
  }

  return {
    counts,
    start(exchange) {
      const abort = new AbortController();
      active.set(exchange, abort);
      counts.opened++;
      void run(exchange, abort);
    },
    cancel(exchange) {
      const abort = active.get(exchange);
      active.delete(exchange);
      abort?.abort();
    },
    // Bun's client keeps its connections to itself.
    warm: async () => {},
    close() {
      for (const abort of active.values()) abort.abort();
      active.clear();
    },
  };
}

/** Bun's client says only that a connection was closed: neither how, nor what had come before. */
function fetchFailure(error: unknown, target: Target, begun: boolean): Failure {
  const { code } = error as { readonly code?: unknown };
  if (typeof code === "string" && NOT_HTTP.test(code))
    return malformedReply(target, "as Bun's fetch sees it");
  const failure = failureOf(error, target);
  return failure.type === "ConnectionReset" ? brokenReply(target, begun) : failure;
}

const NOT_HTTP = /^(InvalidHTTP|Malformed_HTTP)/;
