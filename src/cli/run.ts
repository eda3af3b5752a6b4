// One run: threads, phases, and the end of both. Everything that is sent and measured happens on
// other threads; this one starts them, waits, and says when to stop.

import type { PhasePlan, Plan } from "#config";
import { type Epoch, NS_PER_MS } from "#core";
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
} from "#engine";
import { threadClock } from "#ffi";
import type { CollectorSnapshot, Window } from "#metrics";
import type { EntryFacts } from "#records";
import type { ProgressState } from "#report";
import { createRing } from "#ring";
import { giveUpNs } from "#schedule";
import type { SharedTokenizer } from "#tokenizer";
import type { FromRecorder, RecorderSetup } from "./recorder.ts";
import { startThread, type Thread } from "./thread.ts";

/** Addresses of the threads' code, which only the entry file can make. */
export interface ThreadAddresses {
  readonly worker: string;
  readonly recorder: string;
}

export interface RunInputs {
  readonly plan: Plan;
  readonly targets: readonly Target[];
  readonly store: BodyStore;
  readonly entries: readonly EntryFacts[];
  readonly tokenizer: SharedTokenizer | undefined;
  readonly epoch: Epoch;
  readonly linesPath: string | undefined;
  /** Called once when the lines can no longer be written. */
  readonly onTrouble: (message: string) => void;
}

export interface RunOutcome {
  readonly snapshots: readonly CollectorSnapshot[];
  /** One window a phase that began, from its start to the return of its last credit. */
  readonly windows: readonly Window[];
  readonly interrupted: boolean;
  readonly lostFrames: number;
}

export interface Run {
  readonly outcome: Promise<RunOutcome>;
  progress(): ProgressState;
  /** Sends nothing more and gives up what is in flight; what was measured is kept. */
  interrupt(): void;
}

export interface Crew {
  readonly workers: readonly Thread<ToWorker, FromWorker>[];
  readonly recorder: Thread<RecorderSetup, FromRecorder>;
}

/** A stream of 250 tokens a second and 300 bytes each fills this in half a second for 1,000 slots. */
const RING_BYTES = 16 * 2 ** 20;
/** Beyond this many slots a second sending thread pays, where there is a core for it. */
const SLOTS_PER_WORKER = 500;

/** Threads that a plan wants: few, because a thread that waits costs more than one that works. */
export function crewSize(plan: Plan, cores: number): number {
  const slots = Math.max(...plan.phases.map((phase) => phase.load.concurrency));
  const wanted = Math.min(Math.ceil(slots / SLOTS_PER_WORKER), Math.max(1, Math.floor(cores / 2)));
  return Math.min(plan.runtime.workersMax ?? wanted, slots);
}

/** Starts the threads, so that they come up while the prompts are made. */
export function startCrew(addresses: ThreadAddresses, workers: number): Crew {
  return {
    workers: Array.from({ length: workers }, (_, i) =>
      startThread<ToWorker, FromWorker>(addresses.worker, `worker ${i}`),
    ),
    recorder: startThread<RecorderSetup, FromRecorder>(addresses.recorder, "recorder"),
  };
}

/** Sends the plan's load. The crew is used up. */
export function startRun(crew: Crew, inputs: RunInputs): Run {
  const { plan } = inputs;
  const control = createControl(plan.phases.length);
  const phases = plan.phases.map((_, index) => phaseControl(control, index));
  const now = threadClock();
  let current = 0;
  let interrupted = false;

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
        total: smallest(phase.requestCount, phase.sessionCount),
        elapsedNs: started ? now() - counters.startNs : 0,
        durationNs: phase.durationNs,
      };
    },

    interrupt() {
      interrupted = true;
      for (const counters of phases) counters.set("stopped", 1);
      withdraw({
        type: "Interrupted",
        message: "the run was interrupted while this was in flight",
      });
    },
  };

  function withdraw(failure: Failure): void {
    for (const worker of crew.workers) worker.send({ type: "withdraw", failure });
  }

  async function conduct(): Promise<RunOutcome> {
    const rings = crew.workers.map(() => createRing(RING_BYTES));
    const finished = crew.recorder.wait((message) => message.type === "finished");
    crew.recorder.onMessage((message) => {
      if (message.type === "trouble") inputs.onTrouble(message.message);
    });
    await setUpThreads(crew, inputs, control, rings);

    const windows: Window[] = [];
    for (const [index, phase] of plan.phases.entries()) {
      if (interrupted) break;
      current = index;
      windows.push(await conductPhase(index, phase, phases[index]!));
    }
    const gone = crew.workers.map((worker) => worker.wait((message) => message.type === "gone"));
    for (const worker of crew.workers) worker.send({ type: "quit" });
    await Promise.all(gone);
    const { snapshot, lostFrames } = await finished;
    for (const thread of [...crew.workers, crew.recorder]) thread.terminate();
    return { snapshots: [snapshot], windows, interrupted, lostFrames };
  }

  async function conductPhase(
    index: number,
    phase: PhasePlan,
    counters: PhaseControl,
  ): Promise<Window> {
    const done = crew.workers.map((worker) =>
      worker.wait((message) => message.type === "phase done" && message.phase === index),
    );
    const startNs = now();
    counters.startNs = startNs;
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
    const ends = await Promise.all(done);
    clearTimeout(giveUp);
    return { startNs, endNs: Math.max(...ends.map((end) => end.endNs), startNs + 1) };
  }
}

/** Tells every thread what it shares, and waits until all are ready. */
async function setUpThreads(
  crew: Crew,
  inputs: RunInputs,
  control: ControlMemory,
  rings: readonly SharedArrayBuffer[],
): Promise<void> {
  const { plan, store, targets } = inputs;
  const ready = [...crew.workers, crew.recorder].map((thread) =>
    (thread as Thread<unknown, { readonly type: string }>).wait(
      (message): message is { readonly type: "ready" } => message.type === "ready",
    ),
  );
  for (const [index, worker] of crew.workers.entries()) {
    worker.send({
      type: "setup",
      worker: index,
      workers: crew.workers.length,
      endpoint: plan.endpoint,
      phases: plan.phases,
      targets,
      store,
      control,
      ring: rings[index]!,
    });
  }
  crew.recorder.send({
    recorder: 0,
    endpoint: plan.endpoint,
    phases: plan.phases.map(({ name, kind }) => ({ name, kind })),
    entries: inputs.entries,
    tokenizer: inputs.tokenizer,
    rings: rings.map((memory, worker) => ({ worker, memory })),
    control,
    epoch: inputs.epoch,
    linesPath: inputs.linesPath,
  });
  await Promise.all(ready);
}

function smallest(...limits: readonly (number | undefined)[]): number | undefined {
  const given = limits.filter((limit) => limit !== undefined);
  return given.length === 0 ? undefined : Math.min(...given);
}
