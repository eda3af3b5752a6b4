// One run: threads, phases, and the end of both. Everything that is sent and measured happens on
// other threads; this one starts them, waits, and says when to stop.

import { type EndpointPlan, type LoadPlan, type PhasePlan, type Plan, secretsOf } from "#config";
import { type Epoch, messageOf, NS_PER_MS } from "#core";
import type { Target } from "#endpoint";
import {
  type BodyStore,
  type ControlMemory,
  createControl,
  type Failure,
  type FromWorker,
  type PhaseControl,
  phaseControl,
  type ToWorker,
  wakeWorkers,
} from "#engine";
import { threadClock } from "#ffi";
import type { CollectorSnapshot, Window } from "#metrics";
import type { EntryFacts } from "#records";
import type { ProgressState } from "#report";
import { createRing, ringWriter } from "#ring";
import { failsTooOften, giveUpNs } from "#schedule";
import type { SharedTokenizer } from "#tokenizer";
import { measuredOf } from "./measured.ts";
import type { RecordFiles } from "./record-files.ts";
import type { FromRecorder, RecorderSetup } from "./recorder.ts";
import { startThread, type Thread } from "./thread.ts";
import { createWatch, type Farewell, type Tally, type Watch, type Watched } from "./watch.ts";

/** Addresses of the threads' code, which only the entry file can make. */
export interface ThreadAddresses {
  readonly worker: string;
  readonly recorder: string;
  /** The program runs from one compiled file. */
  readonly isCompiled: boolean;
}

export interface RunInputs {
  readonly plan: Plan;
  readonly targets: readonly Target[];
  readonly store: BodyStore;
  readonly entries: readonly EntryFacts[];
  readonly tokenizer: SharedTokenizer | undefined;
  readonly seed: number;
  readonly epoch: Epoch;
  readonly files: RecordFiles;
  /** Called once when the lines can no longer be written. */
  readonly onTrouble: (message: string) => void;
  /** Awaited before the first profiling phase, and after the last. */
  readonly aroundProfiling?: Around;
}

export interface Around {
  before(): Promise<void>;
  after(): Promise<void>;
}

export interface RunOutcome {
  readonly snapshots: readonly CollectorSnapshot[];
  /** One window a phase that began, from its start to the return of its last credit. */
  readonly windows: readonly Window[];
  /** Why the run is not complete; undefined when it is. */
  readonly incompleteReason: string | undefined;
  readonly interrupted: boolean;
  readonly lostFrames: number;
  /** What the counters of each phase came to. */
  readonly counters: readonly PhaseCounts[];
  /** Undefined when no profiling phase came to its end. */
  readonly watched: Watched | undefined;
  /** Of the workers that lived to the end. */
  readonly farewells: readonly Farewell[];
  readonly tallies: readonly Tally[];
}

export interface PhaseCounts {
  readonly sent: number;
  readonly ended: number;
  readonly recorded: number;
  readonly sessions: number;
}

export interface Run {
  readonly outcome: Promise<RunOutcome>;
  progress(): ProgressState;
  /** Sends nothing more and gives up what is in flight; what was measured is kept. */
  interrupt(): void;
}

export interface Crew {
  readonly workers: readonly Thread<ToWorker, FromWorker>[];
  readonly recorders: readonly Thread<RecorderSetup, FromRecorder>[];
}

/** A second of 100,000 tokens of 300 bytes. Only as much is touched as the reader is ever behind. */
const RING_BYTES = 32 * 2 ** 20;
/** Beyond this many slots a second sending thread pays, where there is a core for it. */
const SLOTS_PER_WORKER = 500;
/** Requests of an open loop without a cap are taken to last this long. */
const REQUEST_S = 2;
/** A phase begins this much later than it is announced: all workers are then ready for its start. */
const START_LEAD_NS = 5 * NS_PER_MS;
/** How often it is looked whether too many requests fail. */
const FAILURES_EVERY_MS = 200;
/** One thread understands what several receive. */
const WORKERS_PER_RECORDER = 2;

export interface CrewSize {
  readonly workers: number;
  readonly recorders: number;
}

/** Threads that a plan wants: few, because a thread that waits costs more than one that works. */
export function crewSize(plan: Plan, cores: number): CrewSize {
  const slots = Math.max(...plan.phases.map(({ load }) => slotsOf(load)));
  const fitting = Math.min(Math.ceil(slots / SLOTS_PER_WORKER), Math.max(1, Math.floor(cores / 2)));
  const workers = Math.min(plan.runtime.workersMax ?? fitting, slots);
  const enough = Math.ceil(workers / WORKERS_PER_RECORDER);
  return { workers, recorders: Math.min(plan.runtime.recordProcessors ?? enough, workers) };
}

/** Requests that a load has in flight at once; a guess where nothing limits them. */
function slotsOf(load: LoadPlan): number {
  if (load.concurrency !== undefined) return load.concurrency.limit;
  if (load.kind === "users") return load.users;
  if (load.kind !== "rate") return SLOTS_PER_WORKER;
  return Math.ceil(Math.max(...load.rate.map(({ perS }) => perS)) * REQUEST_S);
}

/** Starts the threads, so that they come up while the prompts are made. */
export function startCrew(
  addresses: ThreadAddresses,
  size: CrewSize,
  endpoint: EndpointPlan,
): Crew {
  const workers = Array.from({ length: size.workers }, (_, i) =>
    startThread<ToWorker, FromWorker>(addresses.worker, `worker ${i}`),
  );
  if (endpoint.transport === "socket")
    for (const worker of workers) worker.send({ type: "rehearse", endpoint });
  return {
    workers,
    recorders: Array.from({ length: size.recorders }, (_, i) =>
      startThread<RecorderSetup, FromRecorder>(addresses.recorder, `recorder ${i}`),
    ),
  };
}

/** Sends the plan's load. The crew is used up. */
export function startRun(crew: Crew, inputs: RunInputs): Run {
  const { plan } = inputs;
  const control = createControl(plan.phases.length, crew.workers.length);
  const phases = plan.phases.map((_, index) => phaseControl(control, index));
  const now = threadClock();
  let current = 0;
  let interrupted = false;
  let givenUp: string | undefined;

  return {
    outcome: conduct(),

    progress() {
      const counters = phases[current]!;
      const phase = plan.phases[current]!;
      const started = counters.startNs > 0;
      return {
        phase: phase.name,
        sent: counters.get("sent"),
        done: counters.get("ended"),
        failed: counters.get("failed"),
        inFlight: counters.get("sent") - counters.get("ended"),
        total: smallest(phase.requestCount, requestsOf(phase)),
        elapsedNs: started ? Math.max(0, now() - counters.startNs) : 0,
        durationNs: phase.durationNs,
      };
    },

    interrupt() {
      interrupted = true;
      for (const counters of phases) stopSending(counters);
      withdraw({
        type: "Interrupted",
        message: "the run was interrupted while this was in flight",
      });
    },
  };

  /** Requests that a phase comes to by its sessions; undefined where that is not known before. */
  function requestsOf({ load, sessionCount }: PhasePlan): number | undefined {
    const turns = inputs.entries.length;
    const sessions = inputs.store.firstTurns.byteLength / 4 - 1;
    if (load.kind === "schedule" && sessionCount === undefined) return turns;
    return turns === sessions ? sessionCount : undefined;
  }

  function stopSending(counters: PhaseControl): void {
    counters.set("stopped", 1);
    counters.announce("stopped");
  }

  /** Ends a phase of which too many requests fail: more of them would tell no more. */
  function watchFailures(phase: PhasePlan, counters: PhaseControl): Timer {
    return setInterval(() => {
      const [records, failed] = [counters.get("recorded"), counters.get("failed")];
      if (givenUp !== undefined || !failsTooOften(phase, records, failed)) return;
      givenUp = `${failed} of ${records} requests failed, more than --failed-request-threshold allows`;
      stopSending(counters);
      withdraw({ type: "GivenUp", message: "the run was given up while this was in flight" });
    }, FAILURES_EVERY_MS);
  }

  function withdraw(failure: Failure): void {
    for (const worker of crew.workers) worker.send({ type: "withdraw", failure });
    wakeWorkers(control);
  }

  async function conduct(): Promise<RunOutcome> {
    const rings = crew.workers.map(() => createRing(RING_BYTES));
    const finished = crew.recorders.map((recorder) =>
      recorder.wait((message) => message.type === "finished"),
    );
    for (const recorder of crew.recorders) {
      recorder.onMessage((message) => {
        if (message.type === "trouble") inputs.onTrouble(message.message);
      });
    }
    const watch = createWatch(await setUpThreads(crew, inputs, control, rings));

    const windows: Window[] = [];
    let broken: string | undefined;
    let isProfiling = false;
    for (const [index, phase] of plan.phases.entries()) {
      if (interrupted || broken !== undefined || givenUp !== undefined) break;
      if (phase.kind === "profiling" && !isProfiling) {
        await inputs.aroundProfiling?.before();
        isProfiling = true;
      }
      current = index;
      // Conversations that were sent before are not the first to be sent again.
      const before = phases[index - 1];
      if (before !== undefined)
        phases[index]!.firstDraw = before.firstDraw + before.get("sessions");
      const ends = await conductPhase(index, phase, phases[index]!, watch);
      broken = ends.find((end) => end.died !== undefined)?.died;
      const startNs = phases[index]!.startNs;
      windows.push({ startNs, endNs: Math.max(...ends.map((end) => end.endNs), startNs + 1) });
    }
    if (isProfiling) await inputs.aroundProfiling?.after();
    const farewells = await Promise.all(
      crew.workers.map((worker, index) => dismiss(worker, rings[index]!)),
    );
    const records = await Promise.all(finished);
    for (const thread of [...crew.workers, ...crew.recorders]) thread.terminate();
    return {
      snapshots: records.map(({ snapshot }) => snapshot),
      windows,
      interrupted,
      incompleteReason: broken ?? givenUp ?? (interrupted ? "interrupted by the user" : undefined),
      lostFrames: records.reduce((sum, { lostFrames }) => sum + lostFrames, 0),
      counters: phases.map(({ get }) => ({
        sent: get("sent"),
        ended: get("ended"),
        recorded: get("recorded"),
        sessions: get("sessions"),
      })),
      watched: watch.watched,
      farewells: farewells.filter((farewell) => farewell !== undefined),
      tallies: records.map(({ tally }) => tally),
    };
  }

  async function conductPhase(
    index: number,
    phase: PhasePlan,
    counters: PhaseControl,
    watch: Watch,
  ): Promise<WorkerEnd[]> {
    const watching = phase.kind === "profiling";
    if (watching) await watch.begin();
    // A worker that dies ends the sending; what the others have in flight is still measured.
    const done = crew.workers.map((worker) =>
      worker.wait(isPhaseDone).catch((error): WorkerEnd => {
        stopSending(counters);
        return { endNs: now(), died: messageOf(error) };
      }),
    );
    counters.startNs = now() + START_LEAD_NS;
    for (const worker of crew.workers) worker.send({ type: "phase", phase: index });

    const limitNs = giveUpNs(phase);
    const giveUp = Number.isFinite(limitNs)
      ? setTimeout(() => {
          withdraw({
            type: "GracePeriodOver",
            message: "still in flight when the grace period ended: see --benchmark-grace-period",
          });
        }, limitNs / NS_PER_MS)
      : undefined;
    const failures = watchFailures(phase, counters);
    const ends = await Promise.all(done);
    clearTimeout(giveUp);
    clearInterval(failures);
    // Whoever still watches the counters looks up and sees that it is over.
    stopSending(counters);
    counters.announce("sessions");
    if (watching) watch.end(counters.get("ended") - counters.get("recorded"));
    return ends;
  }
}

/** How a phase ended for one worker: when its last request did, or why it died. */
interface WorkerEnd {
  readonly endNs: number;
  readonly died?: string;
}

function isPhaseDone(message: FromWorker): message is PhaseDone {
  return message.type === "phase done";
}

type PhaseDone = Extract<FromWorker, { readonly type: "phase done" }>;

/** Has a worker close its connections and its ring; does the latter for one that died. */
async function dismiss(
  worker: Thread<ToWorker, FromWorker>,
  ring: SharedArrayBuffer,
): Promise<Farewell | undefined> {
  const gone = worker.wait((message) => message.type === "gone");
  worker.send({ type: "quit" });
  return await gone.catch(() => {
    ringWriter(ring).close();
    return undefined;
  });
}

/** Tells every thread what it shares, and waits until all are ready; where pulses are awaited. */
async function setUpThreads(
  crew: Crew,
  inputs: RunInputs,
  control: ControlMemory,
  rings: readonly SharedArrayBuffer[],
): Promise<readonly number[]> {
  const { plan, store, targets } = inputs;
  const workersReady = Promise.all(
    crew.workers.map((worker) => worker.wait((message) => message.type === "ready")),
  );
  const recordersReady = Promise.all(
    crew.recorders.map((recorder) => recorder.wait((message) => message.type === "ready")),
  );
  for (const [index, worker] of crew.workers.entries()) {
    worker.send({
      type: "setup",
      worker: index,
      workers: crew.workers.length,
      endpoint: plan.endpoint,
      phases: plan.phases,
      sampling: plan.dataset.sampling,
      seed: inputs.seed,
      pacing: plan.runtime.pacing,
      targets,
      store,
      control,
      ring: rings[index]!,
      keepsBodies: inputs.files.raw !== undefined,
      keepsHeaders: inputs.files.httpTrace,
    });
  }
  for (const [index, recorder] of crew.recorders.entries()) {
    recorder.send({
      recorder: index,
      endpoint: plan.endpoint,
      secrets: secretsOf(plan.endpoint),
      phases: plan.phases.map(({ name, kind }) => ({ name, kind })),
      entries: inputs.entries,
      tokenizer: inputs.tokenizer,
      applyChatTemplate: plan.tokenizer.applyChatTemplate,
      rings: rings
        .map((memory, worker) => ({ worker, memory }))
        .filter(({ worker }) => worker % crew.recorders.length === index),
      control,
      epoch: inputs.epoch,
      measured: measuredOf(plan),
      files: inputs.files,
    });
  }
  const [workers] = await Promise.all([workersReady, recordersReady]);
  return workers.map(({ pulsePort }) => pulsePort).filter((port) => port !== undefined);
}

function smallest(...limits: readonly (number | undefined)[]): number | undefined {
  const given = limits.filter((limit) => limit !== undefined);
  return given.length === 0 ? undefined : Math.min(...given);
}
