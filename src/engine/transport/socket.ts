// The transport that measures: TCP and TLS sockets with our own HTTP/1.1 framing. A connection that
// was used last is used next, so that as few as possible are kept alive.

import { assert } from "#core";
import type { Target } from "#endpoint";
import { Connection, type ConnectionOwner, type Pool } from "./connection.ts";
import { type HeadTemplate, headTemplate, lookupHead } from "./head.ts";
import type { Exchange, Transport, TransportCounts, TransportOptions } from "./transport.ts";

/** A listening queue is finite: connections that are opened ahead come in batches. */
const WARM_AT_ONCE = 64;

/** A transport over sockets of its own. */
export function socketTransport(options: TransportOptions): Transport {
  return new SocketTransport(options);
}

class SocketTransport implements Transport, ConnectionOwner {
  readonly counts: TransportCounts = { opened: 0, reused: 0, broken: 0 };
  readonly options: TransportOptions;
  readonly #pools = new Map<Target, Pool>();
  /** Pools of one session each, by correlation id. */
  readonly #sessionPools = new Map<string, Pool>();
  readonly #active = new Map<Exchange, Connection>();
  #scratch = Buffer.allocUnsafe(64 * 1024);
  #closed = false;

  constructor(options: TransportOptions) {
    this.options = options;
  }

  start(exchange: Exchange): void {
    assert(!this.#closed, "a closed transport starts nothing");
    const pool = this.#poolFor(exchange);
    // A connection that was opened ahead becomes the session's.
    const idle = pool.idle.pop() ?? this.#poolOf(exchange.target).idle.pop();
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
    const pool = this.#poolOf(target);
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
    for (const pool of [...this.#pools.values(), ...this.#sessionPools.values()])
      for (const idle of pool.idle.splice(0)) idle.drop();
    for (const connection of this.#active.values()) connection.drop();
    this.#active.clear();
  }

  release(connection: Connection, exchange: Exchange, reusable: boolean): void {
    this.#active.delete(exchange);
    const { freshConnections, stickySessions } = this.options;
    const isUsedUp = freshConnections || (stickySessions && exchange.endsSession);
    if (reusable && !isUsedUp) connection.pool.idle.push(connection);
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

  /** Where the exchange finds a connection: its session's own pool, or that of all. */
  #poolFor(exchange: Exchange): Pool {
    const shared = this.#poolOf(exchange.target);
    if (!this.options.stickySessions) return shared;
    const { correlationId, endsSession } = exchange;
    const pool = this.#sessionPools.get(correlationId) ?? { ...shared, idle: [] };
    if (endsSession) this.#sessionPools.delete(correlationId);
    else this.#sessionPools.set(correlationId, pool);
    return pool;
  }

  #poolOf(target: Target): Pool {
    let pool = this.#pools.get(target);
    if (pool === undefined) {
      pool = { target, idle: [], template: headTemplate(target, this.options.headers) };
      this.#pools.set(target, pool);
    }
    return pool;
  }
}
