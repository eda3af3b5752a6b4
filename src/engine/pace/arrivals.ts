// Open loop at a rate: requests leave at given moments, whatever the replies do. At each moment a
// turn that waits goes before a new session. A worker takes the next moment only when it has used
// the one before, so of what a cap holds back it keeps one, with its due time, and the others are
// there for whoever is free.

import type { LoadPlan } from "#config";
import { rngStream } from "#core";
import { dueTimes } from "#schedule";
import { Permits } from "../permits.ts";
import type { Seat } from "../seat.ts";
import type { Desk, Pace } from "./pace.ts";

export class ArrivalPace implements Pace {
  readonly holdsSession = false;
  readonly #desk: Desk;
  readonly #dueAt: (index: number) => number;
  readonly #permits: Permits | undefined;
  /** Seats whose next turn may be sent. */
  #ready: Seat[] = [];
  /** The moment in hand, and whether it has come. */
  #dueNs = Number.NaN;
  #isDue = false;
  #permit: "none" | "asked" | "granted" = "none";
  #isStopped = false;

  constructor(desk: Desk, load: Extract<LoadPlan, { kind: "rate" }>) {
    const { control, phaseIndex, seed } = desk.options;
    this.#desk = desk;
    this.#dueAt = dueTimes(load, rngStream(seed, `timing.request.arrival:${phaseIndex}`));
    if (load.concurrency !== undefined)
      this.#permits = new Permits({
        cap: load.concurrency,
        control,
        asked: "openAsked",
        freed: "openFreed",
        now: desk.now,
        waits: desk.waits,
      });
  }

  begin(): void {
    this.#take();
  }

  turnEnded(seat: Seat, endNs: number): void {
    const { options, waits } = this.#desk;
    const delayNs = options.bodies.delayNs(seat.entry);
    if (delayNs === 0) this.#makeReady(seat);
    else {
      const { session } = seat.start;
      waits.at(endNs + delayNs, () => {
        if (seat.isOpen && seat.start.session === session) this.#makeReady(seat);
      });
    }
  }

  sessionEnded(): void {
    this.#permits?.free();
  }

  stop(): void {
    this.#isStopped = true;
    this.#ready = [];
    this.#permits?.abandon();
  }

  #makeReady(seat: Seat): void {
    this.#ready.push(seat);
    this.#use();
  }

  #take(): void {
    const { options, deadlineNs, waits } = this.#desk;
    if (this.#isStopped) return;
    this.#dueNs = options.control.startNs + this.#dueAt(options.control.add("arrivals", 1));
    if (this.#dueNs >= deadlineNs) return;
    waits.at(this.#dueNs, () => {
      this.#isDue = true;
      this.#use();
    });
  }

  /** Uses the moment in hand, once it has come and there is something to send. */
  #use(): void {
    if (!this.#isDue || this.#isStopped) return;
    const seat = this.#ready.shift();
    if (seat !== undefined) this.#send(seat);
    else if (this.#desk.isExhausted) this.#drop();
    else this.#open();
  }

  #open(): void {
    if (this.#permits !== undefined && this.#permit === "none") {
      this.#permit = "asked";
      let isAsking = true;
      this.#permits.request(() => {
        this.#permit = "granted";
        if (!isAsking) this.#use();
      });
      isAsking = false;
    }
    if (this.#permit === "asked") return;
    const session = this.#desk.takeSession();
    if (session < 0) {
      this.#drop();
      return;
    }
    this.#permit = "none";
    const seat = this.#desk.freeSeat();
    this.#desk.open(seat, { session, conversation: this.#desk.conversationOf(session) });
    this.#send(seat);
  }

  #send(seat: Seat): void {
    this.#isDue = false;
    this.#desk.issue(seat, this.#dueNs);
    this.#take();
  }

  /** Only turns are left to send, and none is ready: the moment passes. */
  #drop(): void {
    this.#isDue = false;
    if (this.#permit === "granted") this.#permits?.free();
    this.#permit = "none";
    if (this.#desk.live > 0) this.#take();
  }
}
