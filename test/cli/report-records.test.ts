// A file that several threads share is read as one thread reads it.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lineMaker } from "#export";
import { createCollector, summarize } from "#metrics";
import { type Records, readRecords } from "../../src/cli/report-records.ts";
import { makeFailure, makeRecord, ms, STREAMING } from "../metrics/make-record.ts";

const READER = new URL("../../src/cli/part-reader.ts", import.meta.url).href;
const EPOCH = { monotonicNs: 0, wallNs: 1_795_508_309_999_999_999n };
const PHASES = [{ name: "profiling", kind: "profiling" }] as const;

let dir = "";
let path = "";
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "aiperf-records-"));
  path = join(dir, "profile_export.jsonl");
});
afterAll(() => rmSync(dir, { recursive: true }));

function linesOf(count: number): string[] {
  const make = lineMaker({ epoch: EPOCH, phases: PHASES });
  const collector = createCollector({ plan: STREAMING });
  return Array.from({ length: count }, (_, i) => {
    const startNs = (1000 + 3 * i) * 1e6;
    const common = { startNs, dueNs: startNs - 7e4, endNs: startNs + 300e6 + i * 1e3, credit: i };
    const first = 1100 + 3 * i + (i % 7) / 8;
    const record =
      i % 10 === 9
        ? makeFailure(common)
        : makeRecord({ ...common, contentNs: ms(first, first + 20, first + 50 + (i % 5)) });
    return make(record, collector.add(record));
  });
}

function figuresOf({ snapshot, epoch, spans }: Records) {
  return summarize([snapshot], { plan: STREAMING, epoch, window: spans.get(0)! });
}

test("however many threads read it", async () => {
  writeFileSync(path, `${linesOf(600).join("\n")}\n{"metadata":{"broken of`);
  const alone = await readRecords(path, STREAMING, "no such thread");
  const together = await readRecords(path, STREAMING, READER, 100_000);
  expect(alone.spans.get(0)).toEqual({ startNs: 7e4, endNs: 7e4 + 2097e6 + 599e3 });
  expect(together.spans).toEqual(alone.spans);
  expect(together.epoch).toEqual(alone.epoch);
  expect(figuresOf(together)).toEqual(figuresOf(alone));
  expect([figuresOf(alone).okCount, figuresOf(alone).errorCount]).toEqual([540, 60]);
});

test("the first line that is no record is named by its number", async () => {
  for (const broken of [0, 3, 500]) {
    const lines = linesOf(600);
    lines[broken] = '{"metadata":{}}';
    lines[550] = "not even JSON";
    writeFileSync(path, `${lines.join("\n")}\n`);
    const what = `jsonl:${broken + 1} is no record; remove the line`;
    await expect(readRecords(path, STREAMING, READER, 100_000)).rejects.toThrow(what);
  }
});

test("a file without a whole line has no records", async () => {
  writeFileSync(path, '{"metadata":{"broken of');
  await expect(readRecords(path, STREAMING, READER)).rejects.toThrow(/has no records/);
});
