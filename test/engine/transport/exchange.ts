// A request for tests of transports: it writes down what it is told, and objects to what no
// transport may tell.

import { assert } from "#core";
import { type Target, targetOf } from "#endpoint";
import type { Exchange, Failure, ReplyHead } from "#engine";

let made = 0;

export class TestExchange implements Exchange {
  readonly target: Target;
  readonly requestId: string;
  readonly correlationId: string;
  readonly body: Uint8Array;
  endsSession = true;
  /** Where bodies go into a ring: pieces of this one's are to be heard as they come. */
  isWatched = true;
  /** True once some of the body has come. */
  hasBody = false;

  /** Settles when the exchange has ended or failed. */
  readonly over: Promise<this>;
  readonly told: string[] = [];
  /** Every time that was told, in order. */
  readonly stampsNs: number[] = [];
  readonly pieces: Buffer[] = [];
  replyHead: ReplyHead | undefined;
  failure: Failure | undefined;
  reused: boolean | undefined;
  connectNs = Number.NaN;
  /** Called inside `ended`, as a slot does that sends its next request. */
  whenEnded: () => void = () => {};
  /** Called inside `heard`. */
  whenHeard: () => void = () => {};
  #settle: (exchange: this) => void = () => {};
  #inSegment = false;
  #isOver = false;

  constructor(target: Target | string, body: string | Uint8Array = "hello") {
    this.target = typeof target === "string" ? targetOf(target, "/v1/chat/completions") : target;
    this.body = typeof body === "string" ? Buffer.from(body) : body;
    this.requestId = `request-${++made}`;
    this.correlationId = `correlation-${made}`;
    this.over = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  get text(): string {
    return Buffer.concat(this.pieces).toString("utf8");
  }

  connected(nowNs: number, connectNs: number, reused: boolean): void {
    this.#tell("connected", nowNs);
    this.connectNs = connectNs;
    this.reused = reused;
  }
  sent(nowNs: number): void {
    this.#tell("sent", nowNs);
  }
  segment(nowNs: number): void {
    assert(!this.#inSegment, "one segment ends before the next begins");
    this.#tell("segment", nowNs);
    this.#inSegment = true;
  }
  head(head: ReplyHead): void {
    assert(this.#inSegment && this.replyHead === undefined, "there is one head, in a segment");
    this.#tell("head");
    this.replyHead = head;
  }
  span(bytes: Buffer, start: number, end: number): void {
    assert(this.#inSegment && this.replyHead !== undefined, "a body comes in segments");
    this.#tell("span");
    this.hasBody = true;
    this.pieces.push(Buffer.from(bytes.subarray(start, end)));
  }
  segmentEnd(): void {
    assert(this.#inSegment, "a segment began before it ends");
    this.#inSegment = false;
  }
  ended(nowNs: number): void {
    this.#tell("ended", nowNs);
    this.#isOver = true;
    this.whenEnded();
    this.#settle(this);
  }
  failed(nowNs: number, failure: Failure): void {
    this.#tell("failed", nowNs);
    this.#isOver = true;
    this.failure = failure;
    this.#settle(this);
  }

  #tell(what: string, nowNs?: number): void {
    assert(!this.#isOver, `${what} after the end`);
    if (this.told.at(-1) !== what) this.told.push(what);
    if (nowNs !== undefined) this.stampsNs.push(nowNs);
  }
}
