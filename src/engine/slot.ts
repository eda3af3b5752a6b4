// A slot is the right to have one request in flight. It spends credits one after the other, and
// turns what the transport tells into frames; what the frames mean is none of its business.

import type { Target } from "#endpoint";
import type { BodyTally } from "#ffi";
import {
  CANCELLED,
  ENDED,
  emptyEnd,
  FAILED,
  FRAME_BODY,
  FRAME_END,
  FRAME_EVENTS,
  FRAME_SAID,
  FRAME_SENT,
  type RequestEnd,
  type RingWriter,
} from "#ring";
import type { ReplyHead } from "./head-reader.ts";
import { bodyFrameOf, type Failure, type FramedExchange } from "./transport/transport.ts";

/** What a slot needs of its worker. */
export interface SlotHost {
  readonly ring: RingWriter;
  readonly encodeEnd: (end: RequestEnd) => Uint8Array;
  /** Bodies go into the ring too. */
  readonly keepsBodies?: boolean | undefined;
  /** The headers of replies, too. */
  readonly keepsHeaders?: boolean | undefined;
  /**
   * Called when the request has ended and its frames are written.
   * @param outcome ENDED, FAILED or CANCELLED
   * @param replied true when the server was heard, whatever it said
   */
  freed(slot: Slot, nowNs: number, outcome: number, replied: boolean): void;
}

/** The request that a slot is to send. */
export interface Assignment {
  readonly phase: number;
  readonly credit: number;
  readonly session: number;
  readonly turn: number;
  readonly entry: number;
  readonly dueNs: number;
  readonly target: Target;
  readonly body: Uint8Array;
  readonly requestId: string;
  readonly correlationId: string;
  /** No request of this session follows. */
  readonly endsSession: boolean;
  /** Is told of the request while it is on its way; undefined where nobody wants to know. */
  readonly companion: Companion | undefined;
}

/** Whoever must know of a request before it has ended. */
export interface Companion {
  /** The last byte is out. */
  sent(nowNs: number): void;
  /** Wants to hear the reply. */
  readonly listens: boolean;
  /** Bytes of the reply's body, valid during this call, at a moment when nothing may be sent. */
  heard(bytes: Buffer, isEvents: boolean): void;
}

export class Slot implements FramedExchange {
  readonly number: number;
  readonly #host: SlotHost;
  readonly #end: RequestEnd = emptyEnd();
  #assignment: Assignment | undefined;
  #frameKind = FRAME_BODY;
  #segmentNs = 0;
  #segmentBytes = 0;
  #open = false;
  #openBytes = 0;
  #openLimit = 0;

  constructor(number: number, host: SlotHost) {
    this.number = number;
    this.#host = host;
  }

  get target(): Target {
    return this.#assignment!.target;
  }
  get requestId(): string {
    return this.#assignment!.requestId;
  }
  get correlationId(): string {
    return this.#assignment!.correlationId;
  }
  get body(): Uint8Array {
    return this.#assignment!.body;
  }
  get endsSession(): boolean {
    return this.#assignment!.endsSession;
  }
  get isWatched(): boolean {
    return this.#assignment!.companion?.listens === true;
  }
  get busy(): boolean {
    return this.#assignment !== undefined;
  }
  get startNs(): number {
    return this.#end.startNs;
  }
  /** Whether the server accepted the last request. */
  get isOk(): boolean {
    return this.#end.status >= 200 && this.#end.status < 300;
  }
  /** Number of the credit that is spent, or was the last to be. */
  get credit(): number {
    return this.#end.credit;
  }

  /** Takes on a request that starts now. */
  begin(assignment: Assignment, startNs: number): void {
    this.#assignment = assignment;
    this.#frameKind = FRAME_BODY;
    const end = this.#end;
    end.phase = assignment.phase;
    end.credit = assignment.credit;
    end.session = assignment.session;
    end.turn = assignment.turn;
    end.entry = assignment.entry;
    end.dueNs = assignment.dueNs;
    end.startNs = startNs;
    end.sentNs = end.ackNs = end.cancelledNs = Number.NaN;
    end.firstByteNs = end.lastByteNs = Number.NaN;
    end.dnsNs = end.connectNs = end.reused = 0;
    end.status = Number.NaN;
    end.bytesSent = end.bytesReceived = end.chunksReceived = 0;
    end.framesLost = 0;
    end.requestId = assignment.requestId;
    end.correlationId = assignment.correlationId;
    end.reason = end.contentType = end.contentEncoding = end.headers = "";
    end.failureType = end.failureMessage = "";
  }

  connected(_nowNs: number, connectNs: number, reused: boolean): void {
    this.#end.connectNs = connectNs;
    this.#end.reused = reused ? 1 : 0;
  }

  sent(nowNs: number): void {
    this.#end.sentNs = nowNs;
    this.#end.bytesSent = this.body.length;
    if (this.#host.keepsBodies) this.#keepBody(nowNs);
    this.#assignment!.companion?.sent(nowNs);
  }

  segment(nowNs: number, bytes: number): void {
    this.#segmentNs = nowNs;
    this.#segmentBytes = bytes;
  }

  head(head: ReplyHead): void {
    const end = this.#end;
    end.ackNs = this.#segmentNs;
    end.status = head.status;
    end.reason = head.reason;
    end.contentType = head.contentType;
    end.contentEncoding = head.contentEncoding;
    if (this.#host.keepsHeaders) end.headers = head.headers ?? "";
    this.#frameKind = bodyFrameOf(head);
  }

  span(bytes: Buffer, start: number, end: number): void {
    const told = this.#end;
    // A reply with a gap is no result, so the rest of it would only crowd out others.
    if (told.framesLost === 0) this.#frame(bytes, start, end);
    told.bytesReceived += end - start;
    if (Number.isNaN(told.firstByteNs)) told.firstByteNs = this.#segmentNs;
    if (told.lastByteNs !== this.#segmentNs) told.chunksReceived++;
    told.lastByteNs = this.#segmentNs;
    this.#assignment!.companion?.heard(
      bytes.subarray(start, end),
      this.#frameKind === FRAME_EVENTS,
    );
  }

  heard(bytes: Buffer, isEvents: boolean): void {
    this.#assignment!.companion?.heard(bytes, isEvents);
  }

  received(tally: BodyTally): void {
    const end = this.#end;
    end.ackNs = tally.ackNs;
    end.bytesReceived = tally.bytesReceived;
    end.chunksReceived = tally.segments;
    end.framesLost = tally.framesLost;
    if (tally.segments === 0) return;
    end.firstByteNs = tally.firstByteNs;
    end.lastByteNs = tally.lastByteNs;
  }

  segmentEnd(): void {
    if (this.#open) this.#commit();
  }

  ended(nowNs: number): void {
    this.#finish(nowNs, ENDED);
  }

  failed(nowNs: number, failure: Failure): void {
    this.#end.failureType = failure.type;
    this.#end.failureMessage = failure.message;
    if (failure.code !== undefined && Number.isNaN(this.#end.status))
      this.#end.status = failure.code;
    this.#finish(nowNs, FAILED);
  }

  /** Gives the request up; the transport has been told already. */
  cancelled(nowNs: number, failure: Failure): void {
    this.#end.cancelledNs = nowNs;
    this.#end.failureType = failure.type;
    this.#end.failureMessage = failure.message;
    this.#finish(nowNs, CANCELLED);
  }

  /** Tells what later requests on this slot repeat of the reply that has just ended. */
  say(text: string, nowNs: number): void {
    const { ring } = this.#host;
    const bytes = Buffer.from(text).subarray(0, ring.payloadMaxBytes);
    if (!ring.begin(FRAME_SAID, this.number, nowNs, bytes.length)) return;
    ring.append(bytes, 0, bytes.length);
    ring.commit();
  }

  /** Half of a body would be none: one that is too large for a frame is not kept. */
  #keepBody(nowNs: number): void {
    const { ring } = this.#host;
    const { body } = this;
    const limit = ring.payloadMaxBytes;
    if (body.length > limit || !ring.begin(FRAME_SENT, this.number, nowNs, body.length, limit))
      return;
    ring.append(body, 0, body.length);
    ring.commit();
  }

  /** Writes body bytes into frames, as few for a segment as it takes. */
  #frame(bytes: Buffer, start: number, end: number): void {
    const { ring } = this.#host;
    // What is kept free is for the ENDs: a request whose END is lost has no record at all.
    const spareBytes = ring.payloadMaxBytes / 2;
    for (let at = start; at < end; ) {
      if (this.#open && this.#openBytes === this.#openLimit) this.#commit();
      if (!this.#open) {
        const limit = Math.min(ring.payloadMaxBytes, Math.max(this.#segmentBytes, end - at));
        if (!ring.begin(this.#frameKind, this.number, this.#segmentNs, limit, spareBytes)) {
          this.#end.framesLost++;
          return;
        }
        this.#open = true;
        this.#openBytes = 0;
        this.#openLimit = limit;
      }
      const to = Math.min(end, at + this.#openLimit - this.#openBytes);
      ring.append(bytes, at, to);
      this.#openBytes += to - at;
      at = to;
    }
  }

  #commit(): void {
    this.#host.ring.commit();
    this.#open = false;
  }

  #finish(nowNs: number, outcome: number): void {
    const { ring } = this.#host;
    this.#end.outcome = outcome;
    const bytes = this.#host.encodeEnd(this.#end);
    if (ring.begin(FRAME_END, this.number, nowNs, bytes.length)) {
      ring.append(bytes, 0, bytes.length);
      ring.commit();
    }
    this.#assignment = undefined;
    this.#host.freed(this, nowNs, outcome, !Number.isNaN(this.#end.status));
  }
}
