// The transport that measures at the kernel's own cost: one call into the native core waits for all
// sockets, stamps what comes and puts it into the ring. JavaScript hears of a request's head, where
// it is a new one, and of its end.

import { assert } from "#core";
import type { Target } from "#endpoint";
import {
  type BodyTally,
  openWire,
  WIRE_BELL,
  WIRE_CHUNKED,
  WIRE_CLOSED,
  WIRE_ENDED,
  WIRE_HEAD,
  WIRE_HEARD,
  WIRE_LENGTH,
  WIRE_MALFORMED,
  WIRE_NONE,
  WIRE_OPENED,
  WIRE_PULSE,
  WIRE_TO_CLOSE,
  WIRE_UNASKED,
  WIRE_WRITABLE,
  type Wire,
} from "#ffi";
import { FRAME_EVENTS } from "#ring";
import { HeadReader, type ReplyFraming } from "../head-reader.ts";
import type { Turns } from "../pump.ts";
import { sockaddrOf } from "./address.ts";
import { brokenReply, connectFailure, failureOf, malformedReply, systemError } from "./failures.ts";
import { leavePool, type Pool, Pools } from "./pools.ts";
import {
  bodyFrameOf,
  CONNECT_TIMEOUT_MS,
  type Failure,
  type FramedExchange,
  type Transport,
  type TransportCounts,
  type TransportOptions,
  WARM_AT_ONCE,
} from "./transport.ts";

export interface WireOptions extends TransportOptions {
  /** A pulse was sent at `sentNs` and came at `nowNs`. */
  readonly pulse?: (nowNs: number, sentNs: number) => void;
}

const BODY_MODES = { length: WIRE_LENGTH, close: WIRE_TO_CLOSE, chunked: WIRE_CHUNKED } as const;
/** Heads that differ in what they say are few; beyond this many each is read anew. */
const KNOWN_HEADS = 256;
const WARM_TURN_NS = 10e6;

/** A place of the wire, and the request on it. */
interface Connection {
  readonly place: number;
  pool: Pool<Connection>;
  exchange: FramedExchange | undefined;
  /** What the kernel has not taken yet. */
  unsent: Uint8Array | undefined;
  isOpening: boolean;
  isClosed: boolean;
  readonly openingNs: number;
  isReused: boolean;
  /** Holds the beginning of a head that came in pieces. */
  reader: HeadReader | undefined;
  /** How the body is framed, where its head has no number. */
  framing: ReplyFraming | undefined;
}

/**
 * A transport over the native core's sockets, with a ring of its own thread for the bodies.
 * @returns undefined where the system or the native core lacks them, or for a target that they do
 *   not reach: TLS, or a name that is no address
 */
export function wireTransport(
  ring: SharedArrayBuffer,
  targets: readonly Target[],
  options: WireOptions,
): WireTransport | undefined {
  const reachable = targets.every(({ tls, host, port }) => !tls && sockaddrOf(host, port));
  if (!reachable || options.sources?.some((source) => sockaddrOf(source, 0) === undefined))
    return undefined;
  const wire = openWire(ring);
  return wire && new WireTransport(wire, options);
}

export class WireTransport implements Transport<FramedExchange>, Turns {
  readonly counts: TransportCounts = { opened: 0, reused: 0, broken: 0 };
  readonly #wire: Wire;
  readonly #options: WireOptions;
  readonly #pools: Pools<Connection>;
  readonly #addresses = new Map<Target, Uint8Array>();
  readonly #sources: readonly (Uint8Array | undefined)[];
  /** By place, and by the number of the exchange that is on it. */
  readonly #connections: (Connection | undefined)[] = [];
  readonly #active: (Connection | undefined)[] = [];
  /** In the order in which they were begun. */
  readonly #opening = new Set<Connection>();
  readonly #framings: ReplyFraming[] = [];
  readonly #framingNumbers = new Map<string, number>();
  readonly #tally: BodyTally = {
    ackNs: 0,
    firstByteNs: 0,
    lastByteNs: 0,
    bytesReceived: 0,
    segments: 0,
    framesLost: 0,
  };
  #reader = new HeadReader();
  #isClosed = false;
  hasRung = false;

  constructor(wire: Wire, options: WireOptions) {
    this.#wire = wire;
    this.#options = options;
    this.#pools = new Pools(options);
    this.#sources = (options.sources ?? []).map((source) => sockaddrOf(source, 0));
  }

  /** What wakes this thread out of its turn: see `ringWireBell`. */
  get bell(): number {
    return this.#wire.bell;
  }
  get pulsePort(): number | undefined {
    return this.#wire.pulsePort;
  }

  start(exchange: FramedExchange): void {
    assert(!this.#isClosed, "a closed transport starts nothing");
    const pool = this.#pools.for(exchange);
    const idle = this.#pools.takeIdle(pool);
    if (idle === undefined) {
      this.#open(pool, exchange);
      return;
    }
    idle.pool = pool;
    idle.isReused = true;
    this.counts.reused++;
    this.#take(idle, exchange);
    exchange.connected(this.#options.now(), 0, true);
    this.#send(idle, exchange);
  }

  async warm(target: Target, connections: number): Promise<void> {
    const pool = this.#pools.of(target);
    for (let opened = 0; opened < connections && !this.#isClosed; opened += WARM_AT_ONCE) {
      const batch = Math.min(WARM_AT_ONCE, connections - opened);
      for (let i = 0; i < batch; i++) this.#open(pool, undefined);
      while (this.#opening.size > 0) {
        const isQuiet = !this.turn(this.#options.now() + WARM_TURN_NS);
        // A server that does not answer must not keep this thread from its messages.
        if (isQuiet) await new Promise<void>((resolve) => setImmediate(resolve));
      }
    }
  }

  cancel(exchange: FramedExchange): void {
    const connection = this.#active[exchange.number];
    if (connection?.exchange !== exchange) return;
    this.#tell(connection, exchange);
    this.#leave(connection);
    this.#drop(connection, true);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#pools.empty();
    this.#connections.length = this.#active.length = 0;
    this.#opening.clear();
    this.#wire.shut();
  }

  turn(untilNs: number): boolean {
    const wire = this.#wire;
    if (this.#isClosed) {
      this.hasRung = true;
      return false;
    }
    const code = wire.turn(untilNs);
    if (code === WIRE_NONE || code === WIRE_BELL) {
      this.hasRung = code === WIRE_BELL;
      if (this.#opening.size > 0) this.#expire();
      return false;
    }
    if (code === WIRE_PULSE) {
      this.#options.pulse?.(wire.nowNs, wire.pulseNs);
      return true;
    }
    const connection = this.#connections[wire.place]!;
    if (code === WIRE_ENDED) this.#onEnd(connection);
    else if (code === WIRE_HEARD) this.#onHeard(connection);
    else if (code === WIRE_HEAD) this.#onHead(connection);
    else if (code === WIRE_OPENED) this.#onOpened(connection);
    else if (code === WIRE_WRITABLE) this.#onWritable(connection);
    else if (code === WIRE_MALFORMED)
      this.#fail(connection, malformedReply(connection.pool.target, wire.defect));
    else if (code === WIRE_CLOSED) this.#onClosed(connection);
    else {
      // Whatever a server says unasked cannot be the reply to a later request.
      assert(code === WIRE_UNASKED, "every code is known");
      this.#drop(connection, false);
    }
    return true;
  }

  // --- opening ---

  #open(pool: Pool<Connection>, exchange: FramedExchange | undefined): void {
    const { target } = pool;
    const connection: Connection = {
      place: this.#wire.takePlace(),
      pool,
      exchange: undefined,
      unsent: undefined,
      isOpening: true,
      isClosed: false,
      openingNs: this.#options.now(),
      isReused: false,
      reader: undefined,
      framing: undefined,
    };
    this.#connections[connection.place] = connection;
    if (exchange !== undefined) this.#take(connection, exchange);
    const source = this.#sources[this.counts.opened % this.#sources.length];
    this.counts.opened++;
    const code = this.#wire.connect(connection.place, this.#addressOf(target), source);
    if (code < 0) this.#fail(connection, connectFailure(systemError(-code), target));
    else if (code === 1) this.#ready(connection);
    else this.#opening.add(connection);
  }

  #onOpened(connection: Connection): void {
    this.#opening.delete(connection);
    const { error } = this.#wire;
    if (error === 0) this.#ready(connection);
    else this.#fail(connection, connectFailure(systemError(error), connection.pool.target));
  }

  #ready(connection: Connection): void {
    connection.isOpening = false;
    const { exchange } = connection;
    if (exchange === undefined) {
      connection.pool.idle.push(connection);
      return;
    }
    const nowNs = this.#options.now();
    exchange.connected(nowNs, nowNs - connection.openingNs, false);
    this.#send(connection, exchange);
  }

  #expire(): void {
    const timeoutMs = this.#options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
    const beforeNs = this.#options.now() - timeoutMs * 1e6;
    for (const connection of this.#opening) {
      if (connection.openingNs > beforeNs) return;
      this.#fail(connection, failureOf(new Error("Timeout"), connection.pool.target));
    }
  }

  #addressOf(target: Target): Uint8Array {
    let address = this.#addresses.get(target);
    if (address === undefined) {
      address = sockaddrOf(target.host, target.port);
      assert(address !== undefined, "a target was looked up before the run");
      this.#addresses.set(target, address);
    }
    return address;
  }

  // --- a request ---

  #take(connection: Connection, exchange: FramedExchange): void {
    connection.exchange = exchange;
    connection.framing = undefined;
    this.#active[exchange.number] = connection;
  }

  #send(connection: Connection, exchange: FramedExchange): void {
    const { requestId, correlationId, body, number, isWatched } = exchange;
    const { target, heads } = connection.pool;
    const headBytes = heads.write(requestId, correlationId, body.length);
    const written = this.#wire.send(
      connection.place,
      heads.bytes,
      headBytes,
      body,
      number,
      isWatched,
    );
    if (written === headBytes + body.length) exchange.sent(this.#options.now());
    else if (written < 0) this.#fail(connection, brokenReply(target, false, connection.isReused));
    else {
      const whole = Buffer.concat([heads.bytes.subarray(0, headBytes), body]);
      connection.unsent = whole.subarray(written);
    }
  }

  #onWritable(connection: Connection): void {
    const { unsent, exchange, place } = connection;
    if (unsent === undefined || exchange === undefined) return;
    const written = this.#wire.write(place, unsent);
    if (written < 0)
      this.#fail(connection, failureOf(systemError(-written), connection.pool.target));
    else if (written < unsent.length) connection.unsent = unsent.subarray(written);
    else {
      connection.unsent = undefined;
      exchange.sent(this.#options.now());
    }
  }

  // --- its reply ---

  #onHead(connection: Connection): void {
    const wire = this.#wire;
    const reader = connection.reader ?? this.#reader;
    const isWhole = connection.reader === undefined;
    const next = reader.feed(wire.segment.subarray(0, wire.end), wire.at);
    if (next === -1) {
      if (reader.defect !== "") {
        this.#renewReader(connection);
        this.#fail(connection, malformedReply(connection.pool.target, reader.defect));
        return;
      }
      if (isWhole) this.#reader = new HeadReader();
      connection.reader = reader;
      wire.holdHead(connection.place, wire.end, true);
      return;
    }
    connection.reader = undefined;
    const { framing } = reader;
    if (framing === undefined) {
      wire.holdHead(connection.place, next, false);
      return;
    }
    const head = this.#numberOf(framing);
    connection.framing = head === -1 ? framing : undefined;
    wire.takeHead(
      connection.place,
      next,
      {
        mode: BODY_MODES[framing.body],
        lengthBytes: framing.lengthBytes,
        frameKind: bodyFrameOf(framing.head),
        head,
      },
      isWhole && head !== -1,
    );
  }

  #renewReader(connection: Connection): void {
    if (connection.reader === undefined) this.#reader = new HeadReader();
    connection.reader = undefined;
  }

  /** The number of a framing, the same for all that say the same; -1 for one that is kept itself. */
  #numberOf(framing: ReplyFraming): number {
    if (this.#options.keepsHeaders) return -1;
    const { head, keepAlive } = framing;
    const { status, reason, contentType, contentEncoding } = head;
    const key = `${status}\n${reason}\n${contentType}\n${contentEncoding}\n${keepAlive}`;
    let number = this.#framingNumbers.get(key);
    if (number === undefined) {
      if (this.#framings.length >= KNOWN_HEADS) return -1;
      number = this.#framings.push(framing) - 1;
      this.#framingNumbers.set(key, number);
    }
    return number;
  }

  #framingOf(connection: Connection): ReplyFraming | undefined {
    return connection.framing ?? this.#framings[this.#wire.headOf(connection.place)];
  }

  #onHeard(connection: Connection): void {
    const { exchange, place } = connection;
    exchange?.heard(this.#wire.heard(), this.#wire.isEvents(place, FRAME_EVENTS));
  }

  #onEnd(connection: Connection): void {
    const keepAlive = this.#framingOf(connection)?.keepAlive === true;
    const isClean = !this.#wire.isSpoilt && connection.unsent === undefined;
    this.#finish(connection, this.#wire.nowNs, keepAlive && isClean);
  }

  #onClosed(connection: Connection): void {
    const { exchange, place } = connection;
    const { error, nowNs } = this.#wire;
    const { target } = connection.pool;
    if (exchange === undefined) this.#drop(connection, false);
    else if (error !== 0) this.#fail(connection, failureOf(systemError(error), target));
    else if (this.#wire.endsByClose(place)) this.#finish(connection, nowNs, false);
    else
      this.#fail(connection, brokenReply(target, this.#wire.hasBegun(place), connection.isReused));
  }

  // --- its end ---

  /** Tells what has come of the reply. */
  #tell(connection: Connection, exchange: FramedExchange): void {
    if (connection.isOpening) return;
    const framing = this.#framingOf(connection);
    if (framing === undefined) return;
    exchange.head(framing.head);
    this.#wire.readTally(connection.place, this.#tally);
    exchange.received(this.#tally);
  }

  #finish(connection: Connection, nowNs: number, reusable: boolean): void {
    const exchange = connection.exchange!;
    this.#tell(connection, exchange);
    this.#leave(connection);
    if (reusable && !this.#pools.isUsedUp(exchange)) connection.pool.idle.push(connection);
    else this.#drop(connection, false);
    // The slot's next request may start inside `ended`, on this very connection.
    exchange.ended(nowNs);
  }

  #fail(connection: Connection, failure: Failure): void {
    const { exchange } = connection;
    if (exchange !== undefined) this.#tell(connection, exchange);
    this.#leave(connection);
    this.#drop(connection, true);
    if (exchange === undefined) return;
    this.counts.broken++;
    exchange.failed(this.#options.now(), failure);
  }

  /** The exchange and its connection have nothing to do with each other any more. */
  #leave(connection: Connection): void {
    const { exchange } = connection;
    if (exchange !== undefined) this.#active[exchange.number] = undefined;
    connection.exchange = undefined;
  }

  #drop(connection: Connection, abruptly: boolean): void {
    if (connection.isClosed) return;
    connection.isClosed = true;
    connection.unsent = undefined;
    this.#opening.delete(connection);
    if (!connection.isOpening) leavePool(connection.pool, connection);
    this.#connections[connection.place] = undefined;
    this.#wire.close(connection.place, abruptly);
    this.#wire.freePlace(connection.place);
  }
}
