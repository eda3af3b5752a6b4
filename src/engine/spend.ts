// One worker's part of a phase: slots that take credits, send, and take the next. All limits are
// shared counters, so a worker asks nobody; it tells `done` when its last slot has come to rest.

import type { PhasePlan } from "#config";
import type { Clock } from "#core";
import type { Target } from "#endpoint";
import { ENDED, endEncoder, type RingWriter } from "#ring";
import { conversationOf, maySend, slotShare, withinCount } from "#schedule";
import type { PhaseControl } from "./control.ts";
import { Slot, type SlotHost } from "./slot.ts";
import type { BodyReader } from "./store.ts";
import type { Failure, Transport } from "./transport/transport.ts";

export interface SpendOptions {
  readonly phase: PhasePlan;
  readonly phaseIndex: number;
  readonly control: PhaseControl;
  readonly worker: number;
  readonly workers: number;
  readonly targets: readonly Target[];
  readonly bodies: BodyReader;
  readonly ring: RingWriter;
  readonly transport: Transport;
  readonly now: Clock;
  readonly requestTimeoutNs: number;
  readonly newId: () => string;
  /** Rings for a reader when the ring fills faster than it is read. */
  readonly ringBell: () => void;
  /** Called once, with the moment at which the last request ended. */
  readonly done: (endNs: number) => void;
}

/** Share of the ring that may wait before its reader is woken ahead of its time. */
const RING_FULLNESS = 1 / 32;
/** Where nobody answers, a phase that only time ends waits this long before a slot tries again. */
const RETRY_PAUSE_MS = 100;

export interface Spending {
  /** Gives up every request in flight. */
  withdraw(failure: Failure): void;
}

/** Starts this worker's slots; all of them send before anything else happens. */
export function spendCredits(options: SpendOptions): Spending {
  const { phase, control, now, bodies, transport, ring } = options;
  const share = slotShare(phase.load.concurrency?.limit ?? 1, options.worker, options.workers);
  const boundByTimeAlone = phase.requestCount === undefined && phase.sessionCount === undefined;
  let working = share;
  let lastEndNs = control.startNs;

  const host: SlotHost = {
    ring,
    encodeEnd: endEncoder(),
    freed(slot, nowNs, outcome, replied) {
      control.add("ended", 1);
      lastEndNs = nowNs;
      if (ring.fullness() > RING_FULLNESS) options.ringBell();
      if (outcome === ENDED) next(slot, nowNs);
      else if (boundByTimeAlone && !replied) setTimeout(() => next(slot, now()), RETRY_PAUSE_MS);
      // A failure may be told while its request is being started: that comes to its end first.
      else setImmediate(next, slot, nowNs);
    },
  };
  const slots = Array.from({ length: share }, (_, number) => new Slot(number, host));

  /** Spends one credit on `slot`, or lets it rest. */
  function next(slot: Slot, dueNs: number): void {
    if (!take(slot, dueNs) && --working === 0) finish();
  }

  function take(slot: Slot, dueNs: number): boolean {
    const startNs = control.startNs;
    if (!maySend(phase, { nowNs: now(), startNs, stopped: control.get("stopped") === 1 }))
      return false;
    const session = control.add("sessions", 1);
    if (!withinCount(phase.sessionCount, session)) return false;
    const credit = control.add("credits", 1);
    if (!withinCount(phase.requestCount, credit)) return false;
    control.add("sent", 1);

    const conversation = conversationOf(session, bodies.sessions);
    const [entry] = bodies.turnsOf(conversation);
    slot.begin(
      {
        phase: options.phaseIndex,
        credit,
        session,
        turn: 0,
        entry,
        dueNs,
        target: options.targets[session % options.targets.length]!,
        body: bodies.body(entry),
        requestId: options.newId(),
        correlationId: options.newId(),
      },
      now(),
    );
    transport.start(slot);
    return true;
  }

  function withdraw(failure: Failure): void {
    for (const slot of slots) if (slot.busy) giveUp(slot, failure);
  }

  function giveUp(slot: Slot, failure: Failure): void {
    transport.cancel(slot);
    slot.cancelled(now(), failure);
  }

  function expire(): void {
    const nowNs = now();
    for (const slot of slots) {
      if (!slot.busy || nowNs - slot.startNs < options.requestTimeoutNs) continue;
      transport.cancel(slot);
      slot.failed(now(), {
        type: "RequestTimeout",
        message: `no complete reply within ${options.requestTimeoutNs / 1e9} s: see --request-timeout-seconds`,
      });
    }
  }

  // All slots are scanned at once: a timer for each request would cost more than it tells.
  const scanMs = Math.min(1000, Math.max(5, options.requestTimeoutNs / 1e6 / 50));
  const timer = Number.isFinite(options.requestTimeoutNs) ? setInterval(expire, scanMs) : undefined;

  function finish(): void {
    clearInterval(timer);
    options.done(lastEndNs);
  }

  // One slot a turn of the loop: each then has its connection's events to itself, and no request's
  // first figure contains the connecting of all others.
  function startFrom(number: number): void {
    const slot = slots[number];
    if (slot === undefined) return;
    next(slot, control.startNs);
    setImmediate(startFrom, number + 1);
  }
  if (share === 0) finish();
  else startFrom(0);
  return { withdraw };
}
