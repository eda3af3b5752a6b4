// A seat is the right to have one session open. It knows how far its session is, and sends the
// turns one after the other through its slot.

import type { Session } from "#core";
import { type EndpointRow, type PastTurn, ReplyListener, type Target } from "#endpoint";
import type { Companion, Slot } from "./slot.ts";

/** A session that begins. */
export interface SessionStart {
  readonly session: number;
  readonly conversation: number;
  /** Index of its first body, and how many are to be sent from there. */
  readonly firstEntry: number;
  readonly turns: number;
  readonly target: Target;
  readonly correlationId: string;
}

/** What a seat tells of a request that is on its way. */
export interface SeatHost {
  readonly row: EndpointRow;
  /** The last byte is out. */
  sent(seat: Seat, nowNs: number): void;
  /** The first content has come. */
  answered(seat: Seat): void;
}

export class Seat implements Companion {
  readonly slot: Slot;
  isOpen = false;
  start!: SessionStart;
  /** The turn that is sent, or waits to be, and when it was due. */
  turn = 0;
  dueNs = 0;
  /** Whether any turn of the session was sent. */
  hasSent = false;
  inPrefill = false;
  /** The request is to be abandoned once it has been sent. */
  isDoomed = false;

  /** The session's texts and its turns so far, where later bodies are made of them. */
  content: Session | undefined;
  readonly past: PastTurn[] = [];
  /** The reply is needed for the next turn. */
  needsReply = false;

  readonly #host: SeatHost;
  #listener: ReplyListener | undefined;

  constructor(slot: Slot, host: SeatHost) {
    this.slot = slot;
    this.#host = host;
  }

  get entry(): number {
    return this.start.firstEntry + this.turn;
  }
  get isLastTurn(): boolean {
    return this.turn + 1 >= this.start.turns;
  }

  open(start: SessionStart): void {
    this.start = start;
    this.isOpen = true;
    this.turn = 0;
    this.hasSent = false;
    this.content = undefined;
    this.past.length = 0;
  }

  /** Makes ready for the reply to the request that is about to be sent. */
  expectReply(): void {
    if (!this.listens) return;
    this.#listener ??= new ReplyListener(this.#host.row);
    this.#listener.reset();
  }

  /** Whether anything of the request is of interest before its end. */
  get isCompanion(): boolean {
    return this.listens || this.isDoomed;
  }

  /** What the reply, which has ended, is to later requests. */
  takeReply(): ReplyListener["memory"] {
    const listener = this.#listener!;
    listener.finish();
    return listener.memory;
  }

  get listens(): boolean {
    return this.inPrefill || this.needsReply;
  }

  sent(nowNs: number): void {
    this.#host.sent(this, nowNs);
  }

  heard(bytes: Buffer, isEvents: boolean): void {
    if (!this.listens) return;
    const listener = this.#listener!;
    if (!isEvents) listener.piece(bytes);
    else listener.events(bytes);
    if (this.inPrefill && listener.hasContent) this.#host.answered(this);
  }
}
