// The records of a run, collected again. A large file is read by as many threads as there are cores,
// each with a part of its own: nothing is shared but the file.

import { availableParallelism } from "node:os";
import { type Epoch, fail } from "#core";
import { cutLines, epochOf, lineNumberAt, readLines } from "#export";
import {
  type CollectorSnapshot,
  giveBack,
  joinSnapshots,
  type MeasuredPlan,
  type Window,
} from "#metrics";
import { type PartRead, type PartSetup, readPart, type Spans, spanTo } from "./report-part.ts";
import { startThread } from "./thread.ts";

export interface Records {
  readonly snapshot: CollectorSnapshot;
  readonly epoch: Epoch;
  readonly spans: Spans;
}

const THREADS_MAX = 16;
/** Below this a thread takes longer to start than to read. */
const PART_BYTES_MIN = 32 * 1024 * 1024;

/**
 * Reads the records of a run.
 * @param reader address of the code of a reading thread
 * @param partBytesMin what is worth a thread
 * @throws E_RECORDS when there are none, naming the line where one is no record
 */
export async function readRecords(
  path: string,
  plan: MeasuredPlan,
  reader: string,
  partBytesMin = PART_BYTES_MIN,
): Promise<Records> {
  const [first] = readLines(path);
  if (first === undefined) return fail("E_RECORDS", `${path} has no records`, "");
  const epoch = epochOf(first) ?? noRecord(path, 0);
  const parts = cutLines(path, Math.min(THREADS_MAX, availableParallelism()), partBytesMin);
  const setups = parts.map((part) => ({ path, part, epoch, plan }));
  // The first part is this thread's own.
  const others = setups.slice(1).map((setup) => readElsewhere(setup, reader));
  const reads = [readPart(setups[0]!).read, ...(await Promise.all(others))];
  for (const { brokenAt } of reads) if (brokenAt !== undefined) noRecord(path, brokenAt);
  const snapshot = joinSnapshots(reads.map((read) => read.snapshot));
  giveBack(snapshot.phases.reduce((sum, { ok, error }) => sum + ok.length + error.length, 0));
  return {
    snapshot,
    epoch,
    spans: joinSpans(reads.map((read) => read.spans)),
  };
}

async function readElsewhere(setup: PartSetup, reader: string): Promise<PartRead> {
  const thread = startThread<PartSetup, PartRead>(reader, "reader");
  thread.send(setup);
  const read = await thread.wait((message): message is PartRead => message !== undefined);
  thread.terminate();
  return read;
}

function joinSpans(all: readonly Spans[]): Spans {
  const joined = new Map<number, Window>();
  for (const spans of all) for (const [phase, span] of spans) spanTo(joined, phase, span);
  return joined;
}

function noRecord(path: string, place: number): never {
  return fail("E_RECORDS", `${path}:${lineNumberAt(path, place)} is no record`, "remove the line");
}
