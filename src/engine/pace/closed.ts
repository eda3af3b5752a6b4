// Closed loop: a fixed number of seats, each with one session after the other. Seats are dealt to
// the workers by number, so the concurrency that was asked for is never exceeded by one.

import type { LoadPlan } from "#config";
import { slotShare, turnDueNs, usableAtNs } from "#schedule";
import type { Seat } from "../seat.ts";
import type { Desk, Pace } from "./pace.ts";

export class ClosedPace implements Pace {
  readonly holdsSession = false;
  readonly #desk: Desk;
  readonly #load: Extract<LoadPlan, { kind: "concurrency" }>;

  constructor(desk: Desk, load: Extract<LoadPlan, { kind: "concurrency" }>) {
    this.#desk = desk;
    this.#load = load;
  }

  begin(): void {
    const { options, waits } = this.#desk;
    const { worker, workers, control } = options;
    const { concurrency } = this.#load;
    const share = slotShare(concurrency.limit, worker, workers);
    for (let i = 0; i < share; i++) {
      const seat = this.#desk.freeSeat();
      const dueNs = control.startNs + usableAtNs(concurrency, worker + i * workers);
      waits.at(dueNs, () => this.#next(seat, dueNs));
    }
  }

  turnEnded(seat: Seat, endNs: number): void {
    const { options, waits } = this.#desk;
    const dueNs = turnDueNs(this.#load, {
      endNs,
      dueNs: seat.dueNs,
      timestampNs: Number.NaN,
      delayNs: options.bodies.delayNs(seat.entry),
    });
    const { session } = seat.start;
    if (dueNs <= endNs) this.#desk.issue(seat, endNs);
    else
      waits.at(dueNs, () => {
        if (seat.isOpen && seat.start.session === session) this.#desk.issue(seat, dueNs);
      });
  }

  sessionEnded(seat: Seat, endNs: number): void {
    this.#next(seat, endNs);
  }

  stop(): void {}

  #next(seat: Seat, dueNs: number): void {
    const session = this.#desk.takeSession();
    if (session < 0) return;
    this.#desk.open(seat, { session, conversation: this.#desk.conversationOf(session) });
    this.#desk.issue(seat, dueNs);
  }
}
