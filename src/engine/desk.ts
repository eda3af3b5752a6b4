// What all paces have in common: seats, the credits that are spent on them, and the end of it all.
// All limits are shared counters, so a worker asks nobody.

import { type Clock, NS_PER_MS, NS_PER_S, rngStream } from "#core";
import type { EndpointRow } from "#endpoint";
import { encodeBody, endpointRow } from "#endpoint";
import { ENDED, endEncoder, FAILED } from "#ring";
import { cancelledCredits, deadlineNs, sampler } from "#schedule";
import { makePace, openingsOf } from "./pace/make.ts";
import type { Beginning, Desk, Pace } from "./pace/pace.ts";
import { Permits } from "./permits.ts";
import { Seat, type SeatHost } from "./seat.ts";
import { Slot, type SlotHost } from "./slot.ts";
import type { SpendOptions } from "./spend.ts";
import type { Failure } from "./transport/transport.ts";
import type { Waits } from "./wait.ts";

/** Share of the ring that may wait before its reader is woken ahead of its time. */
const RING_FULLNESS = 1 / 32;
/** Share of it above which no request begins, and how long one then waits. */
const RING_PAUSE = 1 / 2;
const RING_PAUSE_NS = 2 * NS_PER_MS;
/** Where nobody answers, a phase that only time ends waits this long before a seat tries again. */
const RETRY_PAUSE_NS = 100 * NS_PER_MS;

/** One worker's part of a phase. */
export class WorkerDesk implements Desk {
  readonly options: SpendOptions;
  readonly now: Clock;
  readonly waits: Waits;
  readonly deadlineNs: number;
  readonly conversationOf: (session: number) => number;
  live = 0;

  readonly #pace: Pace;
  readonly #prefill: Permits | undefined;
  readonly #cancels: ((credit: number) => boolean) | undefined;
  readonly #row: EndpointRow;
  readonly #sessionsMax: number;
  readonly #requestsMax: number;
  readonly #seats: Seat[] = [];
  readonly #free: Seat[] = [];
  readonly #seatHost: SeatHost;
  readonly #slotHost: SlotHost;
  #isOver = false;
  #isFinished = false;
  #lastEndNs: number;

  constructor(options: SpendOptions) {
    const { phase, phaseIndex, control, bodies, now, seed } = options;
    this.options = options;
    this.now = now;
    this.waits = options.waits;
    this.#row = options.row ?? endpointRow(options.endpoint.kind);
    this.#requestsMax = phase.requestCount ?? Number.POSITIVE_INFINITY;
    this.#sessionsMax = Math.min(
      phase.sessionCount ?? Number.POSITIVE_INFINITY,
      openingsOf(phase.load, bodies),
    );
    this.deadlineNs = control.startNs + deadlineNs(phase);
    this.#lastEndNs = control.startNs;

    const draw = sampler(
      options.sampling,
      bodies.sessions,
      rngStream(seed, `dataset.sampler.${options.sampling}`),
    );
    this.conversationOf = (session) => draw(control.firstDraw + session);
    this.#cancels =
      phase.cancellation &&
      cancelledCredits(
        phase.cancellation.share,
        rngStream(seed, `timing.request.cancellation:${phaseIndex}`),
      );
    this.#prefill =
      phase.prefill &&
      new Permits({
        cap: phase.prefill,
        control,
        asked: "prefillAsked",
        freed: "prefillFreed",
        now,
        waits: this.waits,
      });
    this.#seatHost = {
      row: this.#row,
      sent: (seat, nowNs) => this.#sent(seat, nowNs),
      answered: (seat) => this.#answered(seat),
    };
    this.#slotHost = {
      ring: options.ring,
      encodeEnd: endEncoder(),
      keepsBodies: options.keepsBodies,
      keepsHeaders: options.keepsHeaders,
      freed: (slot, nowNs, outcome, replied) => this.#freed(slot, nowNs, outcome, replied),
    };
    this.#pace = makePace(this, phase.load);
  }

  begin(): void {
    const { control } = this.options;
    if (this.deadlineNs < Number.POSITIVE_INFINITY)
      this.waits.at(this.deadlineNs, () => this.#endSending());
    this.#pace.begin();
    // What another worker does may leave nothing to do here.
    control.watch("stopped", () => {
      if (this.isOver) this.#settle();
      return !this.#isOver && !this.#isFinished;
    });
    control.watch("sessions", () => {
      this.#settle();
      return !this.#isFinished;
    });
  }

  // --- what a pace asks ---

  get isOver(): boolean {
    if (
      !this.#isOver &&
      (this.options.control.get("stopped") === 1 || this.now() >= this.deadlineNs)
    )
      this.#endSending();
    return this.#isOver;
  }

  get isExhausted(): boolean {
    return this.options.control.get("sessions") >= this.#sessionsMax;
  }

  takeSession(): number {
    if (this.isOver) return -1;
    const session = this.options.control.take("sessions", this.#sessionsMax);
    if (session === this.#sessionsMax - 1) this.options.control.announce("sessions");
    return session;
  }

  freeSeat(): Seat {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    const seat = new Seat(new Slot(this.#seats.length, this.#slotHost), this.#seatHost);
    this.#seats.push(seat);
    return seat;
  }

  open(seat: Seat, { session, conversation, turns, correlationId }: Beginning): void {
    const { bodies, targets, control, newId } = this.options;
    const [firstEntry, end] = bodies.turnsOf(conversation);
    this.live++;
    seat.open({
      session,
      conversation,
      firstEntry,
      turns: Math.min(turns ?? Number.POSITIVE_INFINITY, end - firstEntry),
      target: targets[(control.firstDraw + session) % targets.length]!,
      correlationId: correlationId ?? newId(),
    });
  }

  issue(seat: Seat, dueNs: number): void {
    seat.dueNs = dueNs;
    // A request that is held back is late, and told as such; a reply that is dropped is lost.
    if (this.options.ring.fullness() > RING_PAUSE) {
      this.options.ringBell();
      this.waits.at(this.now() + RING_PAUSE_NS, () => {
        if (seat.isOpen) this.issue(seat, dueNs);
      });
      return;
    }
    if (this.#prefill === undefined) {
      this.#send(seat);
      return;
    }
    this.#prefill.request(() => {
      seat.inPrefill = true;
      this.#send(seat);
    });
  }

  // --- a request ---

  #send(seat: Seat): void {
    const { control, phaseIndex, transport, newId, bodies } = this.options;
    const credit = this.isOver ? -1 : control.take("credits", this.#requestsMax);
    if (credit < 0) {
      this.#leavePrefill(seat);
      this.#endSending();
      return;
    }
    control.add("sent", 1);
    seat.hasSent = true;
    seat.isDoomed = this.#cancels?.(credit) ?? false;
    seat.needsReply = !seat.isLastTurn && !bodies.isReady(seat.entry + 1);
    const { session, target, correlationId } = seat.start;
    const body = this.#bodyOf(seat);
    seat.expectReply();
    seat.slot.begin(
      {
        phase: phaseIndex,
        credit,
        session,
        turn: seat.turn,
        entry: seat.entry,
        dueNs: seat.dueNs,
        target,
        body,
        requestId: newId(),
        correlationId,
        endsSession: seat.isLastTurn,
        companion: seat.isCompanion ? seat : undefined,
      },
      this.now(),
    );
    transport.start(seat.slot);
    if (credit === this.#requestsMax - 1) this.#stopAll();
  }

  #bodyOf(seat: Seat): Uint8Array {
    const { bodies, endpoint } = this.options;
    if (bodies.isReady(seat.entry)) return bodies.body(seat.entry);
    const session = this.#contentOf(seat);
    const turn = session.turns[seat.turn]!;
    const body = this.#row.body({ plan: endpoint, session, turn, history: seat.past });
    const isForm = endpoint.contentType === "multipart/form-data";
    const encoded = encodeBody(body, { ...this.#row, isForm });
    return bodies.filled(typeof encoded === "string" ? Buffer.from(encoded) : encoded);
  }

  #contentOf(seat: Seat) {
    seat.content ??= this.options.bodies.session(seat.start.conversation);
    return seat.content;
  }

  #sent(seat: Seat, nowNs: number): void {
    const { cancellation } = this.options.phase;
    if (!seat.isDoomed || cancellation === undefined) return;
    const { credit } = seat.slot;
    const { delayNs } = cancellation;
    this.waits.at(nowNs + delayNs, () => {
      if (!seat.slot.busy || seat.slot.credit !== credit) return;
      this.#giveUp(seat, {
        type: "SimulatedCancellation",
        message: `abandoned on purpose ${delayNs / NS_PER_S} s after it was sent: see --request-cancellation-rate`,
      });
    });
  }

  #answered(seat: Seat): void {
    seat.inPrefill = false;
    // Whoever waits must not send in the midst of another one's reply.
    this.#soon(() => this.#prefill!.free());
  }

  /** Does something as soon as whatever is being told has been. */
  #soon(act: () => void): void {
    this.waits.at(0, act);
  }

  #leavePrefill(seat: Seat): void {
    if (!seat.inPrefill) return;
    seat.inPrefill = false;
    this.#prefill!.free();
  }

  #freed(slot: Slot, nowNs: number, outcome: number, replied: boolean): void {
    const { control, phase, ring, ringBell } = this.options;
    const seat = this.#seats[slot.number]!;
    control.add("ended", 1);
    this.#lastEndNs = nowNs;
    if (ring.fullness() > RING_FULLNESS) ringBell();
    if (seat.needsReply) this.#remember(seat, outcome === ENDED && slot.isOk, nowNs);

    const isBoundByTimeAlone = phase.requestCount === undefined && phase.sessionCount === undefined;
    const isUnanswered = outcome === FAILED && !replied;
    // Whoever waits for its place must not send in the midst of what this one is told.
    if (outcome !== ENDED) this.#soon(() => this.#leavePrefill(seat));
    if (outcome === ENDED) this.#proceed(seat, nowNs);
    else if (phase.load.kind === "concurrency" && isBoundByTimeAlone && isUnanswered) {
      const dueNs = this.now() + RETRY_PAUSE_NS;
      this.waits.at(dueNs, () => this.#proceed(seat, dueNs));
    }
    // A failure may be told while its request is being started: that comes to its end first.
    else this.#soon(() => this.#proceed(seat, nowNs));
  }

  /** The turn belongs to the past now, with the reply if there was a good one. */
  #remember(seat: Seat, isGood: boolean, nowNs: number): void {
    const turn = this.#contentOf(seat).turns[seat.turn]!;
    const memory = isGood ? seat.takeReply() : undefined;
    seat.past.push({ turn, reply: memory?.message(), replyId: memory?.id || undefined });
    const text = memory?.text() ?? "";
    if (text !== "") seat.slot.say(text, nowNs);
  }

  /** The seat's turn has ended: its next one, or the next session. */
  #proceed(seat: Seat, endNs: number): void {
    this.#leavePrefill(seat);
    if (seat.isOpen && !seat.isLastTurn && !this.isOver) {
      seat.turn++;
      this.#pace.turnEnded(seat, endNs);
    } else {
      this.#close(seat);
      this.#pace.sessionEnded(seat, endNs);
    }
    this.#settle();
  }

  #close(seat: Seat): void {
    if (!seat.isOpen) return;
    seat.isOpen = false;
    this.live--;
    // A session that never began is not used up.
    if (!seat.hasSent) this.options.control.add("sessions", -1);
    if (this.options.phase.load.kind !== "concurrency") this.#free.push(seat);
  }

  // --- the end ---

  /** No worker begins a request after this. */
  #stopAll(): void {
    const { control } = this.options;
    control.set("stopped", 1);
    control.announce("stopped");
    this.#endSending();
  }

  /** No request begins here after this: what waits is dropped, what is on its way is awaited. */
  #endSending(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#prefill?.abandon();
    this.#pace.stop();
    for (const seat of this.#seats) if (!seat.slot.busy) this.#close(seat);
    this.#soon(() => this.#settle());
  }

  /** Ends the phase here once nothing is on its way and nothing will be sent. */
  #settle(): void {
    if (this.#isFinished || this.live > 0) return;
    if (!this.isOver && !(this.isExhausted && !this.#pace.holdsSession)) return;
    this.#isFinished = true;
    this.waits.clear();
    this.options.done(this.#lastEndNs);
  }

  get isFinished(): boolean {
    return this.#isFinished;
  }

  /** Sends nothing more and gives up every request in flight. */
  withdraw(failure: Failure): void {
    this.#endSending();
    for (const seat of this.#seats) if (seat.slot.busy) this.#giveUp(seat, failure);
  }

  #giveUp(seat: Seat, failure: Failure): void {
    this.options.transport.cancel(seat.slot);
    seat.slot.cancelled(this.now(), failure);
  }

  /** Fails what has been on its way for longer than a request may. */
  expire(): void {
    const { transport, requestTimeoutNs } = this.options;
    const nowNs = this.now();
    for (const { slot } of this.#seats) {
      if (!slot.busy || nowNs - slot.startNs < requestTimeoutNs) continue;
      transport.cancel(slot);
      slot.failed(this.now(), {
        type: "RequestTimeout",
        message: `no complete reply within ${requestTimeoutNs / NS_PER_S} s: see --request-timeout-seconds`,
      });
    }
  }
}
