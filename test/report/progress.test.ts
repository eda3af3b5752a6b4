import { expect, test } from "bun:test";
import fc from "fast-check";
import { type ProgressState, progressLine, startProgress } from "#report";

const STATE: ProgressState = {
  phase: "profiling",
  sent: 612,
  done: 512,
  failed: 0,
  inFlight: 100,
  total: 1000,
  elapsedNs: 11.2e9,
  durationNs: undefined,
};

test("everything, where there is room", () => {
  expect(progressLine(STATE, 120)).toBe(
    "Profiling ━━━━━━━━━━━━━━━─────────────── 512/1,000 51% · 100 in flight · 0 errors · " +
      "45.7 req/s · 0:11 · ETA 0:11",
  );
});

test("the least important goes first", () => {
  expect(progressLine(STATE, 80)).toBe(
    "Profiling ━━━━━━━━━───────── 512/1,000 51% · 100 in flight · 0 errors · ETA 0:11",
  );
  expect(progressLine(STATE, 40)).toBe("Profiling ━━━━━━━━──────── 512/1,000 51%");
  expect(progressLine(STATE, 12)).toBe("Profiling 51");
});

test("a phase that is over awaits nothing", () => {
  expect(progressLine({ ...STATE, ended: true }, 80)).toBe(
    "Profiling ━━━━━━━━━━━━━──────────── 512/1,000 51% · 0 errors · 45.7 req/s · 0:11",
  );
});

test.each([
  ["time bounds the phase", { total: undefined, durationNs: 44.8e9 }, "512 25% ", "ETA 0:34"],
  ["past its duration", { total: undefined, durationNs: 11e9 }, "512 100% ", "awaiting replies"],
  ["the nearer end counts", { durationNs: 14e9 }, "512/1,000 80% ", "ETA 0:03"],
  ["nothing is done yet", { done: 0, elapsedNs: 0 }, "0/1,000 0% ", "ETA -:--"],
  ["nothing bounds it", { total: undefined }, "Profiling 512 · ", "ETA -:--"],
  ["hours", { elapsedNs: 3_700e9, done: 500 }, " · 1:01:40 · ", "ETA 1:01:40"],
  ["one error", { failed: 1 }, " 1 error · ", "ETA 0:11"],
])("%s", (_, changes, somewhere, end) => {
  const line = progressLine({ ...STATE, ...changes }, 130);
  expect(line).toContain(somewhere);
  expect(line).toEndWith(end);
});

test("no line is wider than it may be", () => {
  const count = fc.nat({ max: 10_000_000 });
  const state = fc.record({
    phase: fc.constantFrom("warmup", "profiling"),
    sent: count,
    done: count,
    failed: count,
    inFlight: count,
    total: fc.option(count, { nil: undefined }),
    elapsedNs: fc.nat({ max: 1e15 }),
    durationNs: fc.option(fc.integer({ min: 1, max: 1e15 }), { nil: undefined }),
  });
  fc.assert(
    fc.property(state, fc.integer({ min: 1, max: 200 }), (any, width) => {
      expect(Bun.stringWidth(progressLine(any, width))).toBeLessThanOrEqual(width);
    }),
  );
});

/** A driver whose timer the test turns by hand. */
function drive(isTerminal: boolean, logEveryMs?: number) {
  const written: string[] = [];
  const timers: { ms: number; act: () => void }[] = [];
  const progress = startProgress({
    read: () => STATE,
    write: (text) => written.push(text),
    isTerminal,
    width: () => 80,
    ...(logEveryMs === undefined ? {} : { logEveryMs }),
    every(ms, act) {
      const timer = { ms, act };
      timers.push(timer);
      return () => timers.splice(timers.indexOf(timer), 1);
    },
  });
  return { progress, written, timers };
}

test("on a terminal the line is redrawn in place and stays at the end", () => {
  const { progress, written, timers } = drive(true);
  expect(timers.map(({ ms }) => ms)).toEqual([200]);
  timers[0]!.act();
  expect(written).toEqual(Array(2).fill(`\r\x1b[K${progressLine(STATE, 79)}`));
  progress.stop();
  progress.stop();
  expect(timers).toEqual([]);
  const last = progressLine({ ...STATE, ended: true }, 79);
  expect(written.slice(2)).toEqual([`\r\x1b[K${last}`, "\n"]);
});

test("text appears above the live line", () => {
  const { progress, written } = drive(true);
  written.length = 0;
  progress.print("a warning");
  expect(written).toEqual(["\r\x1b[Ka warning\n", `\r\x1b[K${progressLine(STATE, 79)}`]);
});

test("without a terminal there are plain lines, now and then", () => {
  const { progress, written, timers } = drive(false);
  expect([written, timers.map(({ ms }) => ms)]).toEqual([[], [30_000]]);
  timers[0]!.act();
  progress.print("a warning");
  progress.stop();
  expect(written).toEqual([`${progressLine(STATE, 120)}\n`, "a warning\n"]);
  expect(written.join("")).not.toContain("\x1b");
  expect(drive(false, 0).timers).toEqual([]);
});
