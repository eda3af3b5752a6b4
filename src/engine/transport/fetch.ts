// The second opinion: Bun's own HTTP client behind the same seam, for what sockets do not speak
// (HTTP/2, proxies) and to check what they measured. It costs about twice the CPU, and it queues
// silently above BUN_CONFIG_MAX_HTTP_REQUESTS, which must be set before the process starts.

import { CORRELATION_ID, REQUEST_ID } from "#endpoint";
import { brokenReply, failureOf } from "./failures.ts";
import type { Exchange, Transport, TransportCounts, TransportOptions } from "./transport.ts";

export function fetchTransport(options: TransportOptions): Transport {
  const { now, headers, insecure, freshConnections } = options;
  const active = new Map<Exchange, AbortController>();
  const counts: TransportCounts = { opened: 0, reused: 0, broken: 0 };

  function headersOf(exchange: Exchange): Headers {
    const all = new Headers();
    for (const [name, value] of headers) {
      if (value === REQUEST_ID) all.set(name, exchange.requestId);
      else if (value === CORRELATION_ID) all.set(name, exchange.correlationId);
      else all.set(name, value as string);
    }
    return all;
  }

  async function run(exchange: Exchange, abort: AbortController): Promise<void> {
    const gone = () => active.get(exchange) !== abort;
    let begun = false;
    try {
      exchange.connected(now(), 0, false);
      const request = fetch(exchange.target.url, {
        method: "POST",
        headers: headersOf(exchange),
        body: exchange.body.slice(),
        signal: abort.signal,
        keepalive: !freshConnections,
        redirect: "manual",
        // Bun would ask for compressed replies and decompress them behind the stamps.
        decompress: false,
        ...(insecure ? { tls: { rejectUnauthorized: false } } : {}),
      });
      // When the body is out cannot be seen from here: this is when Bun took it over.
      exchange.sent(now());
      const reply = await request;
      if (gone()) return;
      begun = true;
      exchange.segment(now(), 0);
      exchange.head({
        status: reply.status,
        reason: reply.statusText,
        contentType: (reply.headers.get("content-type") ?? "").toLowerCase(),
        contentEncoding: (reply.headers.get("content-encoding") ?? "").toLowerCase(),
      });
      exchange.segmentEnd();
      if (reply.body !== null) {
        for await (const piece of reply.body) {
          const nowNs = now();
          if (gone()) return;
          const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
          exchange.segment(nowNs, bytes.length);
          exchange.span(bytes, 0, bytes.length);
          exchange.segmentEnd();
        }
      }
      if (gone()) return;
      active.delete(exchange);
      exchange.ended(now());
    } catch (error) {
      if (gone()) return;
      active.delete(exchange);
      counts.broken++;
      const failure = failureOf(error, exchange.target);
      exchange.failed(
        now(),
        begun || failure.type === "ConnectionReset" ? brokenReply(exchange.target, begun) : failure,
      );
    }
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
    close() {
      for (const abort of active.values()) abort.abort();
      active.clear();
    },
  };
}
