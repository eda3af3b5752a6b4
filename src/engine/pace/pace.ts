// A pace decides when a session begins and when its next turn is sent. It says so to the desk,
// which knows what is left to send, sends it, and tells what came of it.

import type { Clock } from "#core";
import type { Seat } from "../seat.ts";
import type { SpendOptions } from "../spend.ts";
import type { Waits } from "../wait.ts";

export interface Pace {
  /** The phase has begun. */
  begin(): void;
  /** A turn has ended at `endNs`; the seat is at the next one, which this sees to. */
  turnEnded(seat: Seat, endNs: number): void;
  /** A session has ended, and its seat is free. */
  sessionEnded(seat: Seat, endNs: number): void;
  /** Nothing more will be sent. */
  stop(): void;
  /** True while a session that was taken waits to be opened. */
  readonly holdsSession: boolean;
}

/** Which session begins, and with what. */
export interface Beginning {
  readonly session: number;
  readonly conversation: number;
  /** All of them when left out. */
  readonly turns?: number;
  /** Drawn when left out. */
  readonly correlationId?: string;
}

/** What a pace may ask of the desk. */
export interface Desk {
  readonly options: SpendOptions;
  readonly now: Clock;
  readonly waits: Waits;
  /** True once no request may begin any more. */
  readonly isOver: boolean;
  /** True once every session that the phase may have is taken. */
  readonly isExhausted: boolean;
  /** Sessions that are open here. */
  readonly live: number;
  /** When the phase's time is over; nothing that is due then or later is sent. */
  readonly deadlineNs: number;
  /** The number of the next session; -1 when there is none. */
  takeSession(): number;
  /** A seat in which no session is open. */
  freeSeat(): Seat;
  open(seat: Seat, beginning: Beginning): void;
  /** Sends the seat's turn, as soon as the limits on prefill allow it. */
  issue(seat: Seat, dueNs: number): void;
  /** The conversation that a session of this number replays. */
  conversationOf(session: number): number;
}
