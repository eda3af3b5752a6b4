// One TCP or TLS connection, which carries one exchange after the other. A stamp is taken first
// thing in the callback, and a request is one write.
//
//   open ─▶ (handshake) ─▶ ready ─▶ send ─▶ data … ─▶ idle ─▶ send …
//              │                     │        │         └─ closed: forgotten
//              └─────────────────────┴────────┴─ failed, or ended by the close

import type { Socket } from "bun";
import { assert } from "#core";
import type { ReplyHead } from "../head-reader.ts";
import { ReplyReader, type ReplySink } from "../http1.ts";
import {
  brokenReply,
  connectFailure,
  failureOf,
  handshakeTimeout,
  isCertificateError,
  malformedReply,
} from "./failures.ts";
import type { HeadTemplate } from "./head.ts";
import { leavePool, type Pool } from "./pools.ts";
import {
  CONNECT_TIMEOUT_MS,
  type Exchange,
  type Failure,
  type TransportCounts,
  type TransportOptions,
} from "./transport.ts";

/** What a connection needs of its transport. */
export interface ConnectionOwner {
  readonly options: TransportOptions;
  readonly counts: TransportCounts;
  /** Head and body of a request in one buffer that is valid until the next call. */
  render(exchange: Exchange, template: HeadTemplate): Buffer;
  /** The exchange is over; its connection, if still good, may wait for the next one. */
  release(connection: Connection, exchange: Exchange, reusable: boolean): void;
  /** The exchange is over, and its connection with it. */
  forget(exchange: Exchange): void;
  /** The local address of the next connection, if it matters. */
  nextSource(): { readonly localAddress?: string };
  /** A connection that was opened ahead of its use is ready. */
  keep(connection: Connection): void;
}

export class Connection implements ReplySink {
  /** Where it waits when it is idle. */
  pool: Pool<Connection>;
  readonly #owner: ConnectionOwner;
  readonly #reader = new ReplyReader();
  #socket: Socket<Connection> | undefined;
  #exchange: Exchange | undefined;
  #unsent: Buffer | undefined;
  #openingNs = 0;
  #closed = false;
  #reused = false;
  #connectTimer: Timer | undefined;
  /** Called when the connection is ready, or cannot be. */
  #settled = () => {};

  constructor(owner: ConnectionOwner, pool: Pool<Connection>) {
    this.#owner = owner;
    this.pool = pool;
  }

  /** Connects, then sends. */
  open(exchange: Exchange): void {
    this.#exchange = exchange;
    this.#connect(() => {});
  }

  /** Connects, and waits for its use; resolves when it is ready or cannot be. */
  openAhead(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#connect(resolve);
    return promise;
  }

  #connect(settled: () => void): void {
    this.#settled = settled;
    this.#openingNs = this.#owner.options.now();
    this.#owner.counts.opened++;
    const { target } = this.pool;
    const timeoutMs = this.#owner.options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
    this.#connectTimer = setTimeout(() => this.#giveUpConnecting(timeoutMs), timeoutMs);
    const tls = target.tls
      ? {
          rejectUnauthorized: !this.#owner.options.insecure,
          serverName: target.serverName,
          // Wire format: Bun silently negotiates nothing when it gets the plain name.
          ALPNProtocols: "\x08http/1.1",
        }
      : undefined;
    Bun.connect<Connection>({
      hostname: target.host,
      port: target.port,
      data: this,
      ...this.#owner.nextSource(),
      socket: HANDLERS,
      ...(tls === undefined ? {} : { tls }),
    }).catch((error) => this.#fail(connectFailure(error, target)));
  }

  send(exchange: Exchange): void {
    assert(this.#socket !== undefined, "a connection is open before it is written to");
    // The request that a connection was opened for is there before it is sent.
    this.#reused = this.#exchange === undefined;
    this.#exchange = exchange;
    const bytes = this.#owner.render(exchange, this.pool.template);
    const written = this.#socket.write(bytes);
    if (written === bytes.length) exchange.sent(this.#owner.options.now());
    else if (written < 0) this.#fail(brokenReply(this.pool.target, false, this.#reused));
    else this.#unsent = Buffer.from(bytes.subarray(written));
  }

  /** Closes without telling anyone. */
  drop(): void {
    this.#exchange = undefined;
    this.#closed = true;
    clearTimeout(this.#connectTimer);
    this.#socket?.terminate();
    this.#settled();
  }

  // --- events of the socket ---

  onOpen(socket: Socket<Connection>): void {
    this.#socket = socket;
    if (this.#closed) {
      socket.terminate();
      return;
    }
    socket.setNoDelay(true);
    if (!this.pool.target.tls) this.#ready();
  }

  onHandshake(ok: boolean, error: Error | null): void {
    if (this.#closed) return;
    const { insecure } = this.#owner.options;
    // A name that does not match makes `ok` false even where any certificate will do.
    const usable = insecure ? ok || (error !== null && isCertificateError(error)) : ok && !error;
    if (usable) this.#ready();
    else this.#fail(failureOf(error ?? new Error("TLS"), this.pool.target));
  }

  onDrain(): void {
    const exchange = this.#exchange;
    if (this.#unsent === undefined || exchange === undefined) return;
    const written = this.#socket!.write(this.#unsent);
    if (written < 0) return;
    if (written < this.#unsent.length) {
      this.#unsent = this.#unsent.subarray(written);
      return;
    }
    this.#unsent = undefined;
    exchange.sent(this.#owner.options.now());
  }

  onData(segment: Buffer): void {
    const nowNs = this.#owner.options.now();
    const exchange = this.#exchange;
    if (exchange === undefined) {
      // A server that speaks unasked: whatever it says cannot be the reply to a later request.
      leavePool(this.pool, this);
      this.drop();
      return;
    }
    exchange.segment(nowNs, segment.length);
    const state = this.#reader.feed(segment, this);
    exchange.segmentEnd();
    if (state === "more") return;
    if (state === "malformed") {
      this.#fail(malformedReply(this.pool.target, this.#reader.defect));
      return;
    }
    this.#finish(exchange, nowNs, this.#reader.keepAlive && this.#unsent === undefined);
  }

  onClose(error: Error | undefined): void {
    const exchange = this.#exchange;
    const wasClosed = this.#closed;
    this.#closed = true;
    clearTimeout(this.#connectTimer);
    if (exchange === undefined) {
      if (!wasClosed) leavePool(this.pool, this);
      this.#settled();
      return;
    }
    const { target } = this.pool;
    if (error !== undefined) this.#fail(failureOf(error, target));
    else if (this.#reader.closed()) this.#finish(exchange, this.#owner.options.now(), false);
    else this.#fail(brokenReply(target, this.#reader.begun, this.#reused));
  }

  // --- what the reader finds ---

  head(head: ReplyHead): void {
    this.#exchange!.head(head);
  }

  body(bytes: Buffer, start: number, end: number): void {
    this.#exchange!.span(bytes, start, end);
  }

  // --- internal ---

  #ready(): void {
    clearTimeout(this.#connectTimer);
    const exchange = this.#exchange;
    if (exchange === undefined) {
      this.#owner.keep(this);
      this.#settled();
      return;
    }
    const nowNs = this.#owner.options.now();
    exchange.connected(nowNs, nowNs - this.#openingNs, false);
    this.send(exchange);
  }

  #finish(exchange: Exchange, nowNs: number, reusable: boolean): void {
    this.#exchange = undefined;
    // The slot's next request may start inside `ended`, on this very connection.
    this.#owner.release(this, exchange, reusable && !this.#closed);
    exchange.ended(nowNs);
  }

  #fail(failure: Failure): void {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    this.drop();
    if (exchange === undefined) return;
    this.#owner.counts.broken++;
    this.#owner.forget(exchange);
    exchange.failed(this.#owner.options.now(), failure);
  }

  #giveUpConnecting(timeoutMs: number): void {
    const { target } = this.pool;
    const inHandshake = target.tls && this.#socket !== undefined;
    this.#fail(
      inHandshake
        ? handshakeTimeout(target, timeoutMs / 1000)
        : failureOf(new Error("Timeout"), target),
    );
  }
}

const HANDLERS = {
  open(socket: Socket<Connection>) {
    socket.data.onOpen(socket);
  },
  handshake(socket: Socket<Connection>, ok: boolean, error: Error | null) {
    socket.data.onHandshake(ok, error);
  },
  data(socket: Socket<Connection>, segment: Buffer) {
    socket.data.onData(segment);
  },
  drain(socket: Socket<Connection>) {
    socket.data.onDrain();
  },
  close(socket: Socket<Connection>, error?: Error) {
    socket.data.onClose(error);
  },
  error(_socket: Socket<Connection>, error: Error) {
    // What a handler of ours threw comes here: it is a defect, and must not pass for a broken reply.
    queueMicrotask(() => {
      throw error;
    });
  },
  connectError() {
    // The promise of the connection says the same.
  },
};
