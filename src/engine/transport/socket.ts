// The transport that measures: TCP and TLS sockets with our own HTTP/1.1 framing. A stamp is taken
// first thing in the callback, and a request is one write.

import type { Socket } from "bun";
import { assert } from "#core";
import { CORRELATION_ID, type HeaderRow, REQUEST_ID, type Target } from "#endpoint";
import { type ReplyHead, ReplyReader, type ReplySink } from "../http1.ts";
import { brokenReply, failureOf, malformedReply } from "./failures.ts";
import type { Exchange, Transport, TransportCounts, TransportOptions } from "./transport.ts";

/** A TLS server that never answers a handshake would hang for ever without this. */
const CONNECT_TIMEOUT_MS = 30_000;

export function socketTransport(options: TransportOptions): Transport {
  return new SocketTransport(options);
}

class SocketTransport implements Transport {
  readonly counts: TransportCounts = { opened: 0, reused: 0, broken: 0 };
  readonly options: TransportOptions;
  readonly #pools = new Map<Target, Pool>();
  readonly #active = new Map<Exchange, Connection>();
  #scratch = Buffer.allocUnsafe(64 * 1024);

  constructor(options: TransportOptions) {
    this.options = options;
  }

  start(exchange: Exchange): void {
    const pool = this.#poolOf(exchange.target);
    const idle = pool.idle.pop();
    const connection = idle ?? new Connection(this, pool);
    this.#active.set(exchange, connection);
    if (idle === undefined) {
      connection.open(exchange);
      return;
    }
    this.counts.reused++;
    exchange.connected(this.options.now(), 0, true);
    connection.send(exchange);
  }

  cancel(exchange: Exchange): void {
    const connection = this.#active.get(exchange);
    this.#active.delete(exchange);
    connection?.drop();
  }

  close(): void {
    for (const pool of this.#pools.values()) for (const idle of pool.idle.splice(0)) idle.drop();
    for (const connection of this.#active.values()) connection.drop();
    this.#active.clear();
  }

  /** The exchange is over; its connection, if still good, waits for the next one. */
  release(connection: Connection, exchange: Exchange, reusable: boolean): void {
    this.#active.delete(exchange);
    if (reusable && !this.options.freshConnections) connection.pool.idle.push(connection);
    else connection.drop();
  }

  forget(exchange: Exchange): void {
    this.#active.delete(exchange);
  }

  /** Head and body of a request in one buffer that is valid until the next call. */
  render(exchange: Exchange, template: HeadTemplate): Buffer {
    const head = template(exchange.requestId, exchange.correlationId, exchange.body.length);
    const headBytes = Buffer.byteLength(head);
    const bytes = headBytes + exchange.body.length;
    if (bytes > this.#scratch.length) this.#scratch = Buffer.allocUnsafe(bytes * 2);
    this.#scratch.write(head, 0, "utf8");
    this.#scratch.set(exchange.body, headBytes);
    return this.#scratch.subarray(0, bytes);
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

interface Pool {
  readonly target: Target;
  readonly idle: Connection[];
  readonly template: HeadTemplate;
}

class Connection implements ReplySink {
  readonly pool: Pool;
  readonly #owner: SocketTransport;
  readonly #reader = new ReplyReader();
  #socket: Socket<Connection> | undefined;
  #exchange: Exchange | undefined;
  #unsent: Buffer | undefined;
  #openingNs = 0;
  #closed = false;
  #connectTimer: Timer | undefined;

  constructor(owner: SocketTransport, pool: Pool) {
    this.#owner = owner;
    this.pool = pool;
  }

  /** Connects, then sends. */
  open(exchange: Exchange): void {
    this.#exchange = exchange;
    this.#openingNs = this.#owner.options.now();
    this.#owner.counts.opened++;
    const { target } = this.pool;
    this.#connectTimer = setTimeout(() => this.#giveUpConnecting(), CONNECT_TIMEOUT_MS);
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
      socket: HANDLERS,
      ...(tls === undefined ? {} : { tls }),
    }).catch((error) => this.#fail(failureOf(error, target)));
  }

  send(exchange: Exchange): void {
    assert(this.#socket !== undefined, "a connection is open before it is written to");
    this.#exchange = exchange;
    const bytes = this.#owner.render(exchange, this.pool.template);
    const written = this.#socket.write(bytes);
    if (written === bytes.length) exchange.sent(this.#owner.options.now());
    else if (written < 0) this.#fail(brokenReply(this.pool.target, false));
    else this.#unsent = Buffer.from(bytes.subarray(written));
  }

  /** Closes without telling anyone. */
  drop(): void {
    this.#exchange = undefined;
    this.#closed = true;
    clearTimeout(this.#connectTimer);
    this.#socket?.terminate();
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
    const refused = error !== null && !this.#owner.options.insecure;
    if (ok && !refused) this.#ready();
    else this.#fail(failureOf(error ?? new Error("TLS handshake failed"), this.pool.target));
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
      this.#leavePool();
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
      if (!wasClosed) this.#leavePool();
      return;
    }
    if (error !== undefined) this.#fail(failureOf(error, this.pool.target));
    else if (this.#reader.closed()) this.#finish(exchange, this.#owner.options.now(), false);
    else this.#fail(brokenReply(this.pool.target, this.#reader.begun));
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
    if (exchange === undefined) return;
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

  #fail(failure: { type: string; message: string }): void {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    this.drop();
    if (exchange === undefined) return;
    this.#owner.counts.broken++;
    this.#owner.forget(exchange);
    exchange.failed(this.#owner.options.now(), failure);
  }

  #giveUpConnecting(): void {
    this.#fail(failureOf(new Error("Timeout"), this.pool.target));
  }

  #leavePool(): void {
    const at = this.pool.idle.indexOf(this);
    if (at !== -1) this.pool.idle.splice(at, 1);
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
  error(socket: Socket<Connection>, error: Error) {
    socket.data.onClose(error);
  },
  connectError(socket: Socket<Connection>, error: Error) {
    socket.data.onClose(error);
  },
};

/** Text of a request's head, up to and including the blank line. */
type HeadTemplate = (requestId: string, correlationId: string, bodyBytes: number) => string;

function headTemplate(target: Target, rows: readonly HeaderRow[]): HeadTemplate {
  const parts: (string | typeof REQUEST_ID | typeof CORRELATION_ID)[] = [];
  let text = `POST ${target.path} HTTP/1.1\r\nHost: ${target.authority}\r\n`;
  for (const [name, value] of rows) {
    text += `${name}: `;
    if (typeof value === "string") text += value;
    else {
      parts.push(text, value);
      text = "";
    }
    text += "\r\n";
  }
  const tail = `${text}Content-Length: `;
  return (requestId, correlationId, bodyBytes) => {
    let head = "";
    for (const part of parts)
      head +=
        part === REQUEST_ID
          ? requestId
          : part === CORRELATION_ID
            ? correlationId
            : (part as string);
    return `${head}${tail}${bodyBytes}\r\n\r\n`;
  };
}
