// The transport over Bun's sockets, TCP and TLS, with our own HTTP/1.1 framing: for TLS, and where
// the native core has no sockets.

import { assert } from "#core";
import type { Target } from "#endpoint";
import { Connection, type ConnectionOwner } from "./connection.ts";
import { type HeadTemplate, lookupHead } from "./head.ts";
import { Pools } from "./pools.ts";
import {
  type Exchange,
  type Transport,
  type TransportCounts,
  type TransportOptions,
  WARM_AT_ONCE,
} from "./transport.ts";

/** A transport over sockets of its own. */
export function socketTransport(options: TransportOptions): Transport {
  return new SocketTransport(options);
}

class SocketTransport implements Transport, ConnectionOwner {
  readonly counts: TransportCounts = { opened: 0, reused: 0, broken: 0 };
  readonly options: TransportOptions;
  readonly #pools: Pools<Connection>;
  readonly #active = new Map<Exchange, Connection>();
  #scratch = Buffer.allocUnsafe(64 * 1024);
  #closed = false;

  constructor(options: TransportOptions) {
    this.options = options;
    this.#pools = new Pools(options);
  }

  start(exchange: Exchange): void {
    assert(!this.#closed, "a closed transport starts nothing");
    const pool = this.#pools.for(exchange);
    const idle = this.#pools.takeIdle(pool);
    const connection = idle ?? new Connection(this, pool);
    connection.pool = pool;
    this.#active.set(exchange, connection);
    if (idle === undefined) {
      connection.open(exchange);
      return;
    }
    this.counts.reused++;
    exchange.connected(this.options.now(), 0, true);
    connection.send(exchange);
  }

  async warm(target: Target, connections: number): Promise<void> {
    const pool = this.#pools.of(target);
    for (let opened = 0; opened < connections; opened += WARM_AT_ONCE) {
      const batch = Math.min(WARM_AT_ONCE, connections - opened);
      await Promise.all(
        Array.from({ length: batch }, () => new Connection(this, pool).openAhead()),
      );
    }
  }

  keep(connection: Connection): void {
    if (this.#closed) connection.drop();
    else connection.pool.idle.push(connection);
  }

  nextSource(): { readonly localAddress?: string } {
    const { sources = [] } = this.options;
    if (sources.length === 0) return {};
    return { localAddress: sources[this.counts.opened % sources.length]! };
  }

  cancel(exchange: Exchange): void {
    const connection = this.#active.get(exchange);
    this.#active.delete(exchange);
    connection?.drop();
  }

  close(): void {
    this.#closed = true;
    for (const idle of this.#pools.empty()) idle.drop();
    for (const connection of this.#active.values()) connection.drop();
    this.#active.clear();
  }

  release(connection: Connection, exchange: Exchange, reusable: boolean): void {
    this.#active.delete(exchange);
    if (reusable && !this.#pools.isUsedUp(exchange)) connection.pool.idle.push(connection);
    else connection.drop();
  }

  forget(exchange: Exchange): void {
    this.#active.delete(exchange);
  }

  render(exchange: Exchange, template: HeadTemplate): Buffer {
    const { lookup } = exchange;
    const write =
      lookup === undefined ? template : lookupHead(exchange.target, this.options.headers, lookup);
    const head = write(exchange.requestId, exchange.correlationId, exchange.body.length);
    const headBytes = Buffer.byteLength(head);
    const bytes = headBytes + exchange.body.length;
    if (bytes > this.#scratch.length) this.#scratch = Buffer.allocUnsafe(bytes * 2);
    this.#scratch.write(head, 0, "utf8");
    this.#scratch.set(exchange.body, headBytes);
    return this.#scratch.subarray(0, bytes);
  }
}
