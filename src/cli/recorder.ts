// The thread that understands: it takes frames out of the workers' rings, makes records of them,
// writes their lines and collects their numbers. It sleeps and drains in turns, so that what a
// stream costs is paid in batches and never on the sockets' thread.

import type { EndpointPlan } from "#config";
import {
  type Epoch,
  type PhaseKind,
  type RequestError,
  type RequestRecord,
  redactText,
} from "#core";
import { openEndpoint } from "#endpoint";
import { type ControlMemory, phaseControl } from "#engine";
import type { LineOptions } from "#export";
import { yieldToOtherThreads } from "#ffi";
import { type CollectorSnapshot, createCollector, type MeasuredPlan } from "#metrics";
import {
  assembler,
  type ChunkKeeper,
  chunkKeeper,
  type EntryFacts,
  type RawKeeper,
  rawKeeper,
  type Said,
} from "#records";
import { type Frame, ringReader } from "#ring";
import { openChatTemplate, openShared, type SharedTokenizer } from "#tokenizer";
import { type RecordFiles, recordWriters } from "./record-files.ts";
import type { Tally } from "./watch.ts";

declare const self: Worker;

export interface RecorderSetup {
  readonly recorder: number;
  readonly endpoint: EndpointPlan;
  /** Values that a server's error may repeat and that no file may hold. */
  readonly secrets: readonly string[];
  readonly phases: readonly { readonly name: string; readonly kind: PhaseKind }[];
  readonly entries: readonly EntryFacts[];
  readonly tokenizer: SharedTokenizer | undefined;
  /** Count conversations with what the tokenizer's chat template puts around them. */
  readonly applyChatTemplate: boolean;
  readonly rings: readonly { readonly worker: number; readonly memory: SharedArrayBuffer }[];
  readonly control: ControlMemory;
  readonly epoch: Epoch;
  readonly measured: MeasuredPlan;
  readonly files: RecordFiles;
}

export type FromRecorder =
  | { readonly type: "ready" }
  /** Lines can no longer be written; the run goes on without them. */
  | { readonly type: "trouble"; readonly message: string }
  | {
      readonly type: "finished";
      readonly snapshot: CollectorSnapshot;
      readonly lostFrames: number;
      readonly tally: Tally;
    };

/** What is kept of the requests of a ring until they end; undefined where nobody wants it. */
interface Keepers {
  readonly raw: RawKeeper | undefined;
  readonly wire: ChunkKeeper | undefined;
}

/** Seldom, because each time takes a core from others; whoever fills a ring fast rings. */
const POLL_MS = 40;
const FLUSH_MS = 500;
/** Less than this leaves too little garbage to be worth collecting. */
const COLLECT_FRAMES = 10_000;
const BATCH_FRAMES = 4096;
const RECORDER_NICENESS = 5;

const tell = (message: FromRecorder, transfer: ArrayBuffer[] = []) =>
  self.postMessage(message, transfer);

/** Prepares everything that takes time, then hands out the loop. */
async function setUp(setup: RecorderSetup): Promise<() => void> {
  const { endpoint, control, phases } = setup;
  const row = await openEndpoint(endpoint);
  const tokenizer = setup.tokenizer === undefined ? undefined : await openShared(setup.tokenizer);
  const template =
    setup.applyChatTemplate && setup.tokenizer !== undefined
      ? await openChatTemplate(setup.tokenizer.config)
      : undefined;
  const collector = createCollector({ plan: setup.measured });
  const lineOptions: LineOptions = { epoch: setup.epoch, phases };
  const counters = phases.map((_, phase) => phaseControl(control, phase));
  const bell = new Int32Array(control.bell);
  const tally = { outputTokens: 0, lines: 0 };
  const writers = recordWriters(setup.files, lineOptions, endpoint, (message) =>
    tell({ type: "trouble", message }),
  );

  function visit(seen: RequestRecord, said: Said, { raw, wire }: Keepers): void {
    const record =
      seen.error === undefined ? seen : withoutSecrets(seen, seen.error, setup.secrets);
    const values = collector.add(record);
    const kept = raw?.release(said.slot);
    const chunks = wire?.release(said.slot);
    if (writers.write({ record, values, said, kept, chunks })) tally.lines++;
    if (record.error === undefined && record.phase === "profiling")
      tally.outputTokens += record.outputTokens ?? 0;
    const counter = counters[record.phaseIndex]!;
    counter.add("recorded", 1);
    if (record.error !== undefined) counter.add("failed", 1);
  }

  const sources = setup.rings.map(({ worker, memory }) => {
    const { files } = setup;
    const keepers: Keepers = {
      raw: files.raw === undefined ? undefined : rawKeeper(),
      wire: files.httpTrace ? chunkKeeper() : undefined,
    };
    const assemble = assembler({
      row,
      streaming: endpoint.streaming,
      useServerTokenCount: endpoint.useServerTokenCount,
      tokenizer,
      template,
      entries: setup.entries,
      phases: phases.map((phase) => phase.kind),
      worker,
      recorder: setup.recorder,
      visit: (record, said) => visit(record, said, keepers),
    });
    const keeps = Object.values(keepers).some((keeper) => keeper !== undefined);
    const take = (frame: Frame): void => {
      keepers.raw?.take(frame);
      keepers.wire?.take(frame);
      assemble(frame);
    };
    return { reader: ringReader(memory), take: keeps ? take : assemble };
  });

  return () => {
    // Where cores are short, stamping comes first; what lies in the ring can wait.
    yieldToOtherThreads(RECORDER_NICENESS);
    let flushedMs = performance.now();
    let uncollected = 0;
    for (;;) {
      let frames = 0;
      for (const { reader, take } of sources) frames += reader.drain(take, BATCH_FRAMES);
      uncollected += frames;
      const nowMs = performance.now();
      if (nowMs - flushedMs > FLUSH_MS) {
        writers.flush();
        // Lines and records are garbage at once; collected often, they never add up.
        if (uncollected > COLLECT_FRAMES) {
          Bun.gc(false);
          uncollected = 0;
        }
        flushedMs = nowMs;
      }
      if (frames > 0) continue;
      if (sources.every(({ reader }) => reader.finished())) break;
      Atomics.wait(bell, 0, 0, POLL_MS);
    }
    writers.close();
    const { data, transfer } = collector.snapshot();
    const lostFrames = sources.reduce((sum, { reader }) => sum + reader.lost(), 0);
    tell({ type: "finished", snapshot: data, lostFrames, tally }, transfer);
  };
}

/** The record of a failure whose server repeated a key that it did not like. */
function withoutSecrets(
  record: RequestRecord,
  error: RequestError,
  secrets: readonly string[],
): RequestRecord {
  const { code } = error;
  const [type, message] = [error.type, error.message].map((text) => redactText(text, secrets));
  return { ...record, error: { code, type: type!, message: message! } };
}

self.onmessage = async ({ data }: MessageEvent<RecorderSetup>) => {
  const run = await setUp(data);
  tell({ type: "ready" });
  // Leaves the message's turn first, so that "ready" is out before this thread blocks.
  setTimeout(run, 0);
};
