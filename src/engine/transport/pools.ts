// Idle connections. The one that was used last is used next, so that as few as possible are kept
// alive; a session that keeps its own has a pool of its own.

import type { Target } from "#endpoint";
import { type HeadTemplate, HeadWriter, headTemplate } from "./head.ts";
import type { Exchange, TransportOptions } from "./transport.ts";

/** Connections to one target, and how to ask for them. */
export interface Pool<Connection> {
  readonly target: Target;
  readonly idle: Connection[];
  readonly template: HeadTemplate;
  /** The same as bytes. */
  readonly heads: HeadWriter;
}

export class Pools<Connection> {
  readonly #options: TransportOptions;
  readonly #pools = new Map<Target, Pool<Connection>>();
  /** Pools of one session each, by correlation id. */
  readonly #sessions = new Map<string, Pool<Connection>>();

  constructor(options: TransportOptions) {
    this.#options = options;
  }

  /** The pool that all requests to a target share. */
  of(target: Target): Pool<Connection> {
    let pool = this.#pools.get(target);
    if (pool === undefined) {
      const { headers } = this.#options;
      const template = headTemplate(target, headers);
      pool = { target, idle: [], template, heads: new HeadWriter(target, headers) };
      this.#pools.set(target, pool);
    }
    return pool;
  }

  /** Where an exchange finds a connection: its session's own pool, or that of all. */
  for(exchange: Exchange): Pool<Connection> {
    const shared = this.of(exchange.target);
    if (!this.#options.stickySessions) return shared;
    const { correlationId, endsSession } = exchange;
    const pool = this.#sessions.get(correlationId) ?? { ...shared, idle: [] };
    if (endsSession) this.#sessions.delete(correlationId);
    else this.#sessions.set(correlationId, pool);
    return pool;
  }

  /** An idle connection for an exchange of that pool; one that was opened ahead is anybody's. */
  takeIdle(pool: Pool<Connection>): Connection | undefined {
    const idle = pool.idle.pop();
    if (idle !== undefined || !this.#options.stickySessions) return idle;
    return this.of(pool.target).idle.pop();
  }

  /** True when the exchange's connection is not to be used again. */
  isUsedUp(exchange: Exchange): boolean {
    const { freshConnections, stickySessions = false } = this.#options;
    return freshConnections || (stickySessions && exchange.endsSession);
  }

  /** All idle connections, which are then in no pool. */
  empty(): readonly Connection[] {
    const pools = [...this.#pools.values(), ...this.#sessions.values()];
    return pools.flatMap(({ idle }) => idle.splice(0));
  }
}

/** Takes a connection out of its pool, if it is there. */
export function leavePool<Connection>(pool: Pool<Connection>, connection: Connection): void {
  const at = pool.idle.indexOf(connection);
  if (at !== -1) pool.idle.splice(at, 1);
}
