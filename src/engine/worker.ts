// The thread that owns sockets. It is told once what to share, then when each phase begins; all
// else it reads from the shared counters.

import type { EndpointPlan, Pacing, PhasePlan, SamplingStrategy } from "#config";
import { type Clock, NS_PER_MS } from "#core";
import type { EndpointRow, Target } from "#endpoint";
import { headerRows, openEndpoint } from "#endpoint";
import { goBeforeOtherThreads, lowerThreads, setTimeSliceNs, threadClock } from "#ffi";
import { ringWriter } from "#ring";
import { connectionsWanted, slotShare } from "#schedule";
import { openAlarm, SPUN_NS } from "./alarm.ts";
import { type ControlMemory, phaseControl } from "./control.ts";
import { openPulseReceiver, PulseLog, type PulseReceiver, type PulseReport } from "./pulse.ts";
import { Pump } from "./pump.ts";
import { rehearse } from "./rehearsal.ts";
import { type Spending, spendCredits } from "./spend.ts";
import { type BodyStore, readBodies } from "./store.ts";
import { fetchTransport } from "./transport/fetch.ts";
import { jobTransport } from "./transport/jobs.ts";
import { socketTransport } from "./transport/socket.ts";
import type {
  Failure,
  FramedExchange,
  Transport,
  TransportCounts,
  TransportOptions,
} from "./transport/transport.ts";
import { wireTransport } from "./transport/wire.ts";
import { loopWaits, type Waits } from "./wait.ts";

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
  /** And so do the headers of replies. */
  readonly keepsHeaders: boolean;
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
const WORKER_SLICE_NS = 0.1 * NS_PER_MS;
/** Threads on which the runtime compiles and collects: what they do can wait for a stamp. */
const RUNTIME_THREADS = /^(JIT|Heap|ollector|mi-|JSC)/;

const tell = (message: FromWorker) => self.postMessage(message);

/** The sockets of a worker, and the loop that serves them. */
interface Loop {
  readonly transport: Transport<FramedExchange>;
  readonly pulse: PulseReceiver;
  /** Rings for this thread where it waits outside of Bun's loop; 0 when it does not. */
  readonly bell: number;
  /** Waits of one phase. */
  waits(): Waits;
  begin(): void;
  end(): void;
  close(): void;
}

/** The native core's sockets and their own loop; undefined where they do not reach the targets. */
function nativeLoop(setup: WorkerSetup, options: TransportOptions): Loop | undefined {
  const log = new PulseLog();
  const transport = wireTransport(setup.ring, setup.targets, {
    ...options,
    pulse: (nowNs, sentNs) => log.heard(nowNs, sentNs),
  });
  if (transport === undefined) return undefined;
  const pump = new Pump({
    now: options.now,
    earlyNs: setup.pacing === "precise" ? SPUN_NS.precise : 0,
    late: (lateNs) => log.late(lateNs),
  });
  return {
    transport,
    bell: transport.bell,
    pulse: {
      port: transport.pulsePort,
      begin: () => log.begin(),
      end: () => log.end(),
      report: () => log.report(),
    },
    waits: () => pump,
    begin: () => pump.start(transport),
    end: () => pump.stop(),
    close() {
      pump.stop();
      transport.close();
    },
  };
}

/** Bun's own loop, with the transport that the endpoint asks for. */
async function bunLoop(
  setup: WorkerSetup,
  row: EndpointRow,
  options: TransportOptions,
): Promise<Loop> {
  const { endpoint, pacing } = setup;
  const direct = (endpoint.transport === "fetch" ? fetchTransport : socketTransport)(options);
  const transport =
    row.job === undefined
      ? direct
      : jobTransport(direct, { job: row.job, downloads: endpoint.downloadVideo });
  const alarm = openAlarm(options.now, pacing);
  return {
    transport,
    bell: 0,
    pulse: await openPulseReceiver(options.now),
    waits: () => loopWaits(options.now, alarm),
    begin() {},
    end() {},
    close() {
      alarm.close();
      transport.close();
    },
  };
}

async function openLoop(setup: WorkerSetup, row: EndpointRow, now: Clock): Promise<Loop> {
  const { endpoint } = setup;
  const options: TransportOptions = {
    now,
    headers: headerRows(endpoint),
    insecure: endpoint.insecure,
    freshConnections: endpoint.connectionReuse === "never",
    stickySessions: endpoint.connectionReuse === "sticky-user-sessions",
    sources: endpoint.sources,
    keepsHeaders: setup.keepsHeaders,
  };
  const isPlain = endpoint.transport === "socket" && row.job === undefined;
  const native = isPlain ? nativeLoop(setup, options) : undefined;
  return native ?? (await bunLoop(setup, row, options));
}

async function setUp(setup: WorkerSetup) {
  const { endpoint, control, worker, workers, targets } = setup;
  const row = await openEndpoint(endpoint);
  const now = threadClock();
  goBeforeOtherThreads(WORKER_STEPS);
  setTimeSliceNs(WORKER_SLICE_NS);
  lowerThreads(RUNTIME_THREADS, WORKER_STEPS);
  const ring = ringWriter(setup.ring);
  const bodies = readBodies(setup.store);
  const loop = await openLoop(setup, row, now);
  new Int32Array(control.workerBells)[worker] = loop.bell;
  if (endpoint.warmConnections) await warmUp(loop.transport, setup);
  const bell = new Int32Array(control.bell);
  let spending: Spending | undefined;

  return {
    pulsePort: loop.pulse.port,
    phase(phase: number) {
      if (setup.phases[phase]!.kind === "profiling") loop.pulse.begin();
      loop.begin();
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
        waits: loop.waits(),
        targets,
        bodies,
        ring,
        keepsBodies: setup.keepsBodies,
        keepsHeaders: setup.keepsHeaders,
        transport: loop.transport,
        now,
        requestTimeoutNs: endpoint.requestTimeoutNs,
        newId: () => crypto.randomUUID(),
        ringBell: () => Atomics.notify(bell, 0),
        done(endNs) {
          loop.end();
          loop.pulse.end();
          tell({ type: "phase done", phase, endNs });
        },
      });
    },
    withdraw(failure: Failure) {
      spending?.withdraw(failure);
    },
    quit() {
      // The descriptor may soon be another file's.
      Atomics.store(new Int32Array(control.workerBells), worker, 0);
      loop.close();
      ring.close();
      Atomics.notify(bell, 0);
      tell({ type: "gone", counts: loop.transport.counts, pulse: loop.pulse.report() });
    },
  };
}

/** Opens this worker's share of the connections that the first phase will want. */
async function warmUp(transport: Transport<FramedExchange>, setup: WorkerSetup): Promise<void> {
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
