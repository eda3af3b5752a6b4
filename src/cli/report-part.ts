// A part of a run's records, read and collected: what each of the threads that share them does.

import type { Epoch } from "#core";
import { type FilePart, recordReader, visitLines } from "#export";
import { type CollectorSnapshot, createCollector, type MeasuredPlan, type Window } from "#metrics";

export interface PartSetup {
  readonly path: string;
  readonly part: FilePart;
  readonly epoch: Epoch;
  readonly plan: MeasuredPlan;
}

/** From the first start to the last end of each phase's requests, by the phase's index. */
export type Spans = ReadonlyMap<number, Window>;

export interface PartRead {
  readonly snapshot: CollectorSnapshot;
  readonly spans: Spans;
  /** Where in the file the first line is that is no record; undefined when there is none. */
  readonly brokenAt: number | undefined;
}

/** Reads a part; `transfer` are the buffers that move with it to another thread. */
export function readPart({ path, part, epoch, plan }: PartSetup): {
  readonly read: PartRead;
  readonly transfer: ArrayBuffer[];
} {
  const collector = createCollector({ plan });
  const toRecord = recordReader(epoch);
  const spans = new Map<number, Window>();
  let brokenAt: number | undefined;
  visitLines(path, part, (bytes, from, to, place) => {
    if (brokenAt !== undefined) return;
    try {
      const record = toRecord(bytes, from, to);
      collector.add(record);
      spanTo(spans, record.phaseIndex, record);
    } catch {
      brokenAt = place;
    }
  });
  const { data, transfer } = collector.snapshot();
  return { read: { snapshot: data, spans, brokenAt }, transfer };
}

/** Makes a phase's span hold another one, too. */
export function spanTo(spans: Map<number, Window>, phase: number, other: Window): void {
  const span = spans.get(phase);
  if (span !== undefined && span.startNs <= other.startNs && span.endNs >= other.endNs) return;
  const { startNs, endNs } = span ?? other;
  spans.set(phase, {
    startNs: Math.min(startNs, other.startNs),
    endNs: Math.max(endNs, other.endNs),
  });
}
