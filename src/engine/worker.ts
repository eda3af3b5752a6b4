// The thread that owns sockets. It is told once what to share, then when each phase begins; all
// else it reads from the shared counters.

import type { EndpointPlan, Pacing, PhasePlan, SamplingStrategy } from "#config";
import type { Target } from "#endpoint";
import { headerRows, openEndpoint } from "#endpoint";
import { goBeforeOtherThreads, threadClock } from "#ffi";
import { ringWriter } from "#ring";
import { connectionsWanted, slotShare } from "#schedule";
import { openAlarm } from "./alarm.ts";
import { type ControlMemory, phaseControl } from "./control.ts";
import { openPulseReceiver, type PulseReport } from "./pulse.ts";
import { rehearse } from "./rehearsal.ts";
import { type Spending, spendCredits } from "./spend.ts";
import { type BodyStore, readBodies } from "./store.ts";
import { fetchTransport } from "./transport/fetch.ts";
import { jobTransport } from "./transport/jobs.ts";
import { socketTransport } from "./transport/socket.ts";
import type { Failure, Transport, TransportCounts } from "./transport/transport.ts";

declare const self: Worker;

export interface WorkerSetup {
  readonly type: "setup";
  readonly worker: number;
  readonly workers: number;
  readonly endpoint: EndpointPlan;
  readonly phases: readonly PhasePlan[];
  readonly sampling: SamplingStrategy;
  readonly seed: number;
  readonly pacing: Pacing;
  readonly targets: readonly Target[];
  readonly store: BodyStore;
  readonly control: ControlMemory;
  readonly ring: SharedArrayBuffer;
  /** Bodies go into the ring too. */
  readonly keepsBodies: boolean;
}

export type ToWorker =
  /** Comes first, while what is to be sent is still being made. */
  | { readonly type: "rehearse"; readonly endpoint: EndpointPlan }
  | WorkerSetup
  | { readonly type: "phase"; readonly phase: number }
  | { readonly type: "withdraw"; readonly failure: Failure }
  | { readonly type: "quit" };

export type FromWorker =
  /** Pulses for this worker's loop go to `pulsePort`, where it could open one. */
  | { readonly type: "ready"; readonly pulsePort: number | undefined }
  /** The last reply of this worker's slots came at `endNs`. */
  | { readonly type: "phase done"; readonly phase: number; readonly endNs: number }
  | { readonly type: "gone"; readonly counts: TransportCounts; readonly pulse: PulseReport };

/** A thread that rests most of the time and must wake at once: see the recorder's own way. */
const WORKER_STEPS = 5;

const tell = (message: FromWorker) => self.postMessage(message);

async function setUp(setup: WorkerSetup) {
  const { endpoint, control, worker, workers, targets } = setup;
  const row = await openEndpoint(endpoint);
  const now = threadClock();
  goBeforeOtherThreads(WORKER_STEPS);
  const ring = ringWriter(setup.ring);
  const bodies = readBodies(setup.store);
  const makeTransport = endpoint.transport === "fetch" ? fetchTransport : socketTransport;
  const direct = makeTransport({
    now,
    headers: headerRows(endpoint),
    insecure: endpoint.insecure,
    freshConnections: endpoint.connectionReuse === "never",
    stickySessions: endpoint.connectionReuse === "sticky-user-sessions",
    sources: endpoint.sources,
  });
  const transport =
    row.job === undefined
      ? direct
      : jobTransport(direct, { job: row.job, downloads: endpoint.downloadVideo });
  if (endpoint.warmConnections) await warmUp(transport, setup);
  const alarm = openAlarm(now, setup.pacing);
  const bell = new Int32Array(control.bell);
  const pulse = await openPulseReceiver(now);
  let spending: Spending | undefined;

  return {
    pulsePort: pulse.port,
    phase(phase: number) {
      if (setup.phases[phase]!.kind === "profiling") pulse.begin();
      spending = spendCredits({
        phase: setup.phases[phase]!,
        phaseIndex: phase,
        control: phaseControl(control, phase),
        worker,
        workers,
        endpoint,
        row,
        sampling: setup.sampling,
        seed: setup.seed,
        alarm,
        targets,
        bodies,
        ring,
        keepsBodies: setup.keepsBodies,
        transport,
        now,
        requestTimeoutNs: endpoint.requestTimeoutNs,
        newId: () => crypto.randomUUID(),
        ringBell: () => Atomics.notify(bell, 0),
        done(endNs) {
          pulse.end();
          tell({ type: "phase done", phase, endNs });
        },
      });
    },
    withdraw(failure: Failure) {
      spending?.withdraw(failure);
    },
    quit() {
      alarm.close();
      transport.close();
      ring.close();
      Atomics.notify(bell, 0);
      tell({ type: "gone", counts: transport.counts, pulse: pulse.report() });
    },
  };
}

/** Opens this worker's share of the connections that the first phase will want. */
async function warmUp(transport: Transport, setup: WorkerSetup): Promise<void> {
  const { phases, targets, worker, workers } = setup;
  const wanted = slotShare(connectionsWanted(phases[0]!), worker, workers);
  await Promise.all(
    targets.map((target, index) =>
      transport.warm(target, slotShare(wanted, index, targets.length)),
    ),
  );
}

let rehearsal: Promise<void> | undefined;
let worker: Awaited<ReturnType<typeof setUp>> | undefined;

self.onmessage = async ({ data }: MessageEvent<ToWorker>) => {
  if (data.type === "rehearse") {
    // A rehearsal that fails costs a little speed, never the run.
    rehearsal = rehearse(data.endpoint, threadClock()).catch(() => {});
  } else if (data.type === "setup") {
    await rehearsal;
    worker = await setUp(data);
    tell({ type: "ready", pulsePort: worker.pulsePort });
  } else if (data.type === "phase") worker?.phase(data.phase);
  else if (data.type === "withdraw") worker?.withdraw(data.failure);
  else worker?.quit();
};
