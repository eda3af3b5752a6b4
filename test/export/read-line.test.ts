// A line, read back, is the record that it was made of, as far as figures need it.

import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RequestRecord } from "#core";
import { epochOf, lineMaker, lineReader, readLines } from "#export";
import { createCollector, summarize } from "#metrics";
import { makeFailure, makeRecord, ms, STREAMING } from "../metrics/make-record.ts";

const EPOCH = { monotonicNs: 700, wallNs: 1_795_508_309_999_999_999n };
const PHASES = [{ name: "profiling", kind: "profiling" }] as const;

const USAGE = {
  promptTokens: 120,
  completionTokens: 9,
  totalTokens: 129,
  reasoningTokens: 3,
  cacheReadTokens: 30,
  ...{ cacheWriteTokens: 1, cacheMissTokens: 2, promptAudioTokens: 3, promptAudioS: 0.5 },
  ...{ toolUsePromptTokens: 4, completionAudioTokens: 5 },
  ...{ acceptedPredictionTokens: 6, rejectedPredictionTokens: 7 },
};

const RECORDS: readonly RequestRecord[] = [
  makeRecord(),
  makeRecord({ usage: USAGE, requestedTokens: 7, reasoningTokens: 3, outputTokens: 6 }),
  makeRecord({ contentNs: ms(1100), outputTokens: 0, reasoningTokens: 4 }),
  makeRecord({ firstTokens: 3, outputTokens: 9 }),
  makeRecord({ http: { dnsNs: 0, connectNs: 0, reused: true } }),
  makeRecord({
    media: { images: 2, audioS: 19, videoInferenceS: 1.25, videoPeakMemoryMb: 512 },
    speculation: {
      ...{ engine: "vllm", steps: 15, drafted: 60, accepted: 30, draftMax: 4 },
      ...{ histogram: [5, 4, 0, 3, 3], acceptedByStep: [4, 3], draftedByStep: [4, 4] },
    },
  }),
  makeFailure(),
  makeFailure({
    cancelledNs: 1150e6,
    error: { code: 499, type: "RequestCancellationError", message: 'she said "no"' },
  }),
];

function summaryOf(records: readonly RequestRecord[]) {
  const collector = createCollector({ plan: STREAMING });
  for (const record of records) collector.add(record);
  return summarize([collector.snapshot().data], {
    plan: STREAMING,
    epoch: EPOCH,
    window: { startNs: 0, endNs: 2e9 },
    sliceNs: 1e9,
  });
}

function linesOf(records: readonly RequestRecord[]): string[] {
  const collector = createCollector({ plan: STREAMING });
  const make = lineMaker({ epoch: EPOCH, phases: PHASES });
  return records.map((record) => make(record, collector.add(record)));
}

test("figures made again from the lines are those of the records, to the last bit", () => {
  const again = linesOf(RECORDS).map(lineReader(EPOCH));
  const { sliced: _, ...ours } = summaryOf(again);
  const { sliced: __, ...theirs } = summaryOf(RECORDS);
  expect(ours).toEqual(theirs);
});

test("a reply in one piece came at its end", () => {
  const plan = { endpoint: { streaming: false, useServerTokenCount: false } };
  const record = makeRecord({ contentNs: ms(1190) });
  const make = lineMaker({ epoch: EPOCH, phases: PHASES });
  const line = make(record, createCollector({ plan }).add(record));
  expect(lineReader(EPOCH)(line).contentNs).toEqual(ms(1190));
});

test("the first stamp of a file is its zero", () => {
  const [line] = linesOf(RECORDS);
  // Due at 990 ms after the epoch's 700 ns.
  const epoch = epochOf(line!);
  expect(epoch).toEqual({ monotonicNs: 0, wallNs: EPOCH.wallNs + 989_999_300n });
  expect(lineReader(epoch!)(line!)).toMatchObject({ dueNs: 0, startNs: 10e6, endNs: 210e6 });
  expect(epochOf("{}")).toBeUndefined();
});

test("whole lines are read, whatever is at the end", () => {
  const dir = mkdtempSync(join(tmpdir(), "aiperf-lines-"));
  const path = join(dir, "lines");
  const long = "ü".repeat(1_500_000);
  writeFileSync(path, `one\n\n${long}\nthree\nbroken of`);
  expect([...readLines(path)]).toEqual(["one", long, "three"]);
  writeFileSync(path, "");
  expect([...readLines(path)]).toEqual([]);
  expect(() => [...readLines(join(dir, "none"))]).toThrow(/none cannot be read/);
  rmSync(dir, { recursive: true });
});
