// One worker's part of a phase, from its first request to the moment at which nothing of it is left
// to send or to wait for.

import type { EndpointPlan, PhasePlan, SamplingStrategy } from "#config";
import { type Clock, NS_PER_MS } from "#core";
import type { EndpointRow, Target } from "#endpoint";
import type { RingWriter } from "#ring";
import type { PhaseControl } from "./control.ts";
import { WorkerDesk } from "./desk.ts";
import type { BodyReader } from "./store.ts";
import type { Failure, FramedExchange, Transport } from "./transport/transport.ts";
import type { Waits } from "./wait.ts";

export interface SpendOptions {
  readonly phase: PhasePlan;
  readonly phaseIndex: number;
  readonly control: PhaseControl;
  readonly worker: number;
  readonly workers: number;
  readonly endpoint: EndpointPlan;
  /** The endpoint as it was opened; the plain one when left out. */
  readonly row?: EndpointRow;
  readonly sampling: SamplingStrategy;
  readonly seed: number;
  readonly targets: readonly Target[];
  readonly bodies: BodyReader;
  readonly ring: RingWriter;
  /** The bodies of requests go into the ring too. */
  readonly keepsBodies?: boolean;
  /** The headers of replies go there, too. */
  readonly keepsHeaders?: boolean;
  readonly transport: Transport<FramedExchange>;
  readonly now: Clock;
  /** Where this phase alone waits for due times. */
  readonly waits: Waits;
  readonly requestTimeoutNs: number;
  readonly newId: () => string;
  /** Rings for a reader when the ring fills faster than it is read. */
  readonly ringBell: () => void;
  /** Called once, with the moment at which the last request ended. */
  readonly done: (endNs: number) => void;
}

export interface Spending {
  /** Sends nothing more and gives up every request in flight. */
  withdraw(failure: Failure): void;
}

/** Begins to send. */
export function spendCredits(options: SpendOptions): Spending {
  const { requestTimeoutNs } = options;
  const desk = new WorkerDesk({
    ...options,
    done(endNs) {
      clearInterval(timer);
      options.done(endNs);
    },
  });
  // All slots are scanned at once: a timer for each request would cost more than it tells.
  const scanMs = Math.min(1000, Math.max(5, requestTimeoutNs / NS_PER_MS / 50));
  const timer = Number.isFinite(requestTimeoutNs)
    ? setInterval(() => desk.expire(), scanMs)
    : undefined;
  desk.begin();
  return desk;
}
