import { expect, test } from "bun:test";
import { analyzeTrace, readTrace, traceOf } from "#trace";
import { row } from "./rows.ts";

const GOLDEN = `${import.meta.dir}/../golden/trace`;

/** Every number of `expected` is in `found`, to 1e-9. */
function expectClose(found: unknown, expected: unknown, path = "report"): void {
  if (typeof expected === "number") {
    expect(Math.abs((found as number) - expected), path).toBeLessThan(1e-9);
    return;
  }
  for (const [key, value] of Object.entries(expected as object)) {
    expectClose((found as Record<string, unknown>)[key], value, `${path}.${key}`);
  }
}

test("the report of another program, number for number and key for key", async () => {
  const report = analyzeTrace(traceOf(await readTrace(`${GOLDEN}/small.jsonl`)), 512);
  const golden = await Bun.file(`${GOLDEN}/small-report.json`).json();
  expectClose(report, golden);
  expect(Object.keys(report)).toEqual(Object.keys(golden));
});

test("an example worked by hand", () => {
  const rows = [row(20, [1, 2, 3]), row(18, [1, 2, 9]), row(16, [1, 2]), row(30, [1, 2]), row(5)];
  const report = analyzeTrace(traceOf(rows), 8);
  expect(report.total_requests).toBe(5);
  expect(report.unique_prefixes).toBe(4);
  expect(report.prefix_reuse_ratio).toBe(0.8);
  expect(report.num_prefix_groups).toBe(1);
  expect(report.cache_hit_rate).toBeCloseTo((0 + 2 / 3 + 1 + 1) / 4, 12);
  expect(report.context_length_stats).toMatchObject({ mean: 15.6, min: 0, median: 16, max: 30 });
  expect(report.unique_prompt_length_stats).toMatchObject({ mean: 2.2, max: 5, median: 2 });
});

test("a trace without blocks or replies has zeros, not NaN", () => {
  const report = analyzeTrace(traceOf([row(5), row(7)]), 512);
  expect(report).toMatchObject({
    cache_hit_rate: 0,
    prefix_reuse_ratio: 0,
    max_osl: 0,
    max_isl: 7,
  });
});
