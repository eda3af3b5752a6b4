// AIPerf 0.13's own lines of single requests: what we make of their times and counts is what it
// made of them, value by value. The replay of a trace is known to us only so, and not as a whole.

import { expect, test } from "bun:test";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { epochOf, lineReader } from "#export";
import { createCollector, divisor } from "#metrics";

const GOLDEN = join(import.meta.dir, "../golden");
const FILES = [
  "mooncake/profile_export.jsonl",
  "stream/profile_export.jsonl",
  "multiturn/profile_export.jsonl.gz",
] as const;

/** That of `stream` had limits, which a line does not tell. */
const OF_THE_RUN = new Set(["good_request_count"]);
const EXACT = 1e-9;

interface Line {
  readonly metrics: { readonly [tag: string]: { readonly value: number | readonly number[] } };
}

async function linesOf(file: string): Promise<readonly string[]> {
  const bytes = await Bun.file(join(GOLDEN, file)).bytes();
  const text = file.endsWith(".gz") ? gunzipSync(bytes) : bytes;
  return Buffer.from(text).toString("utf8").trim().split("\n");
}

for (const file of FILES) {
  test(`${file}: every value of every line`, async () => {
    const lines = await linesOf(file);
    const read = lineReader(epochOf(lines[0]!)!);
    const isReplay = file.startsWith("mooncake");
    const endpoint = { streaming: true, useServerTokenCount: false };
    const collector = createCollector({ plan: { endpoint, replays: isReplay } });
    let compared = 0;
    for (const line of lines) {
      const theirs = (JSON.parse(line) as Line).metrics;
      const { rows, cells } = collector.add(read(line));
      for (const [tag, { value }] of Object.entries(theirs)) {
        if (OF_THE_RUN.has(tag)) continue;
        const at = rows.findIndex((row) => row.tag === tag);
        expect([tag, at >= 0]).toEqual([tag, true]);
        const { unit, displayUnit } = rows[at]!;
        const scale = divisor(unit, displayUnit ?? unit);
        const ours = numbersOf(cells[at]!).map((number) => number / scale);
        const wanted = numbersOf(value);
        expect([tag, ours.length]).toEqual([tag, wanted.length]);
        for (const [i, number] of wanted.entries()) {
          expect(Math.abs(number - ours[i]!)).toBeLessThanOrEqual(EXACT * Math.abs(number));
          compared++;
        }
      }
    }
    expect(compared).toBeGreaterThan(lines.length * 20);
  });
}

function numbersOf(value: number | ArrayLike<number>): readonly number[] {
  return typeof value === "number" ? [value] : Array.from(value);
}
