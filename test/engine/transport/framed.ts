// The native core's sockets for tests of transports: what the ring holds of a reply is told as the
// other transports tell it, once the wire has said what there must be.

import { assert, NS_PER_MS } from "#core";
import {
  type Exchange,
  type Failure,
  type FramedExchange,
  type ReplyHead,
  type Transport,
  type TransportOptions,
  type WireTransport,
  wireTransport,
} from "#engine";
import { type BodyTally, threadClock } from "#ffi";
import { createRing, FRAME_EVENTS, type RingReader, ringReader } from "#ring";
import { Pump } from "../../../src/engine/pump.ts";
import { bodyFrameOf } from "../../../src/engine/transport/transport.ts";

/** A piece of a body, as it lay in the ring. */
interface Piece {
  readonly kind: number;
  readonly stampNs: number;
  readonly bytes: Buffer;
}

/** Exchanges may ask for it: see TestExchange. */
interface Asking extends Exchange {
  readonly isWatched?: boolean;
  hasBody?: boolean;
  whenHeard?: () => void;
}

export interface WireBench extends Transport {
  readonly wire: WireTransport;
  readonly pump: Pump;
  /** What came of each reply, in the order in which they ended. */
  readonly tallies: BodyTally[];
}

/** A wire that is turned between the turns of Bun's loop, in which the test's servers live. */
export function openWireBench(
  options: TransportOptions,
  ringBytes = 2 ** 20,
): WireBench | undefined {
  const now = threadClock();
  const memory = createRing(ringBytes);
  const wire = wireTransport(memory, [], { ...options, now });
  if (wire === undefined) return undefined;
  const pump = new Pump({ now, earlyNs: 0, sliceNs: NS_PER_MS });
  pump.start(wire);
  return new Bench(wire, pump, ringReader(memory));
}

/** The same, where it is known that there are such sockets. */
export function wireBench(options: TransportOptions): WireBench {
  const bench = openWireBench(options);
  assert(bench !== undefined, "Linux and a build of the core have these sockets");
  return bench;
}

class Bench implements WireBench {
  readonly wire: WireTransport;
  readonly pump: Pump;
  readonly tallies: BodyTally[] = [];
  readonly #reader: RingReader;
  readonly #running = new Map<Exchange, Framed>();
  readonly #free: number[] = [];
  readonly #pieces: Piece[][] = [];

  constructor(wire: WireTransport, pump: Pump, reader: RingReader) {
    this.wire = wire;
    this.pump = pump;
    this.#reader = reader;
  }

  get counts() {
    return this.wire.counts;
  }

  start(exchange: Exchange): void {
    const framed = new Framed(this.#free.pop() ?? this.#pieces.push([]) - 1, exchange, this);
    this.#running.set(exchange, framed);
    this.wire.start(framed);
  }

  cancel(exchange: Exchange): void {
    const framed = this.#running.get(exchange);
    if (framed === undefined) return;
    this.wire.cancel(framed);
    this.leave(framed);
  }

  warm(...of: Parameters<Transport["warm"]>): Promise<void> {
    return this.wire.warm(...of);
  }

  close(): void {
    this.pump.stop();
    this.wire.close();
  }

  /** Everything that the ring holds of a reply. */
  take(number: number): Piece[] {
    this.#reader.drain(({ kind, slot, stampNs, bytes, start, end }) => {
      this.#pieces[slot]!.push({ kind, stampNs, bytes: Buffer.from(bytes.slice(start, end)) });
    }, Number.POSITIVE_INFINITY);
    return this.#pieces[number]!.splice(0);
  }

  leave({ inner, number }: Framed): void {
    assert(this.take(number).length === 0, "what is in the ring was told of");
    this.#running.delete(inner);
    this.#free.push(number);
  }
}

class Framed implements FramedExchange {
  readonly number: number;
  readonly inner: Asking;
  readonly #bench: Bench;
  #head: ReplyHead | undefined;
  readonly #heard: Buffer[] = [];
  #heardEvents: boolean | undefined;

  constructor(number: number, inner: Asking, bench: Bench) {
    this.number = number;
    this.inner = inner;
    this.#bench = bench;
  }

  get target() {
    return this.inner.target;
  }
  get requestId() {
    return this.inner.requestId;
  }
  get correlationId() {
    return this.inner.correlationId;
  }
  get body() {
    return this.inner.body;
  }
  get endsSession() {
    return this.inner.endsSession;
  }
  get isWatched() {
    return this.inner.isWatched ?? false;
  }

  connected(nowNs: number, connectNs: number, reused: boolean): void {
    this.inner.connected(nowNs, connectNs, reused);
  }
  sent(nowNs: number): void {
    this.inner.sent(nowNs);
  }
  heard(bytes: Buffer, isEvents: boolean): void {
    assert(this.isWatched && bytes.length > 0, "only who asks for it hears, and then something");
    assert((this.#heardEvents ?? isEvents) === isEvents, "a body is of one kind");
    this.#heardEvents = isEvents;
    this.#heard.push(Buffer.from(bytes));
    this.inner.hasBody = true;
    this.inner.whenHeard?.();
  }
  head(head: ReplyHead): void {
    assert(this.#head === undefined, "a head is told once");
    this.#head = head;
  }

  received(tally: BodyTally): void {
    const head = this.#head;
    assert(head !== undefined, "a head is told before what came of its body");
    this.#bench.tallies.push({ ...tally });
    const pieces = this.#bench.take(this.number);
    this.#compare(head, pieces, tally);
    this.inner.segment(tally.ackNs, 0);
    this.inner.head(head);
    let lastNs = tally.ackNs;
    for (const { stampNs, bytes } of pieces) {
      if (stampNs !== lastNs) {
        this.inner.segmentEnd();
        this.inner.segment(stampNs, bytes.length);
        lastNs = stampNs;
      }
      this.inner.span(bytes, 0, bytes.length);
    }
    this.inner.segmentEnd();
  }

  /** The tally, the frames and what was heard must say the same. */
  #compare(head: ReplyHead, pieces: readonly Piece[], tally: BodyTally): void {
    const kind = bodyFrameOf(head);
    assert(
      pieces.every((piece) => piece.kind === kind),
      "frames are of the head's kind",
    );
    const bytes = Buffer.concat(pieces.map((piece) => piece.bytes));
    const heard = Buffer.concat(this.#heard);
    if (tally.framesLost > 0) {
      const isWhole = heard.length === tally.bytesReceived;
      assert(isWhole || !this.isWatched, "what had no room in the ring is heard all the same");
      assert(heard.subarray(0, bytes.length).equals(bytes) || !this.isWatched, "and in order");
      return;
    }
    const stampsNs = [...new Set(pieces.map((piece) => piece.stampNs))];
    assert(tally.bytesReceived === bytes.length, "all bytes are counted");
    assert(tally.segments === stampsNs.length, "each segment has its own time");
    assert(tally.firstByteNs === (stampsNs[0] ?? 0), "the first byte's time is its frame's");
    assert(tally.lastByteNs === (stampsNs.at(-1) ?? 0), "so is the last one's");
    if (!this.isWatched) return;
    assert(heard.equals(bytes), "what was heard is what the ring holds");
    assert((this.#heardEvents ?? true) === (kind === FRAME_EVENTS) || bytes.length === 0, "kinds");
  }

  ended(nowNs: number): void {
    this.#bench.leave(this);
    this.inner.ended(nowNs);
  }
  failed(nowNs: number, failure: Failure): void {
    this.#bench.leave(this);
    this.inner.failed(nowNs, failure);
  }

  segment(): void {
    assert(false, "the wire tells of segments all at once");
  }
  span(): void {
    assert(false, "and of bodies, too");
  }
  segmentEnd(): void {
    assert(false, "and of their ends");
  }
}
