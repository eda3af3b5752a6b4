// The load by hand on literal times, and against a count of every millisecond.

import { expect, test } from "bun:test";
import fc from "fast-check";
import {
  achievedRate,
  departure,
  heldConcurrency,
  type RequestTimes,
  sendLag,
  slotRefill,
  spreadOf,
  startBurst,
} from "#audit";

const MS = 1e6;
type Row = readonly [due: number, start: number, sent: number, end: number];

/** Columns of requests given in ms, each a session of its own. */
function times(...rows: readonly Row[]): RequestTimes {
  const column = (at: number) => Float64Array.from(rows, (row) => row[at]! * MS);
  return {
    ...{ dueNs: column(0), startNs: column(1), sentNs: column(2), endNs: column(3) },
    ...{ connectNs: new Float64Array(rows.length), turn: new Float64Array(rows.length) },
  };
}

/** Two slots: replies take 100 ms, and 10 ms pass before the next request starts. */
const TWO_SLOTS = times(
  [0, 0, 1, 100],
  [0, 4, 6, 104],
  [100, 110, 110, 210],
  [104, 114, 114, 214],
  [210, 220, 220, 320],
  [214, 224, Number.NaN, 224],
);

test("held concurrency: from the start of the last slot to the last start", () => {
  const held = heldConcurrency(TWO_SLOTS, { asked: 2, fullFromNs: 0 })!;
  // Of 220 ms, slot one is empty for 20 and slot two for 20.
  expect(held.steadyNs).toBe(220 * MS);
  expect(held.mean).toBeCloseTo(2 - 40 / 220, 12);
  expect(held.heldPct).toBeCloseTo(100 - 2000 / 220, 10);
  expect(held.emptyNs).toBeCloseTo(10 * MS, 3);
});

test("slots that pause on purpose are not asked for, those that are late are", () => {
  // One slot; its second turn is due 300 ms after the first has ended, and starts 10 ms late.
  const paused = times([0, 0, 0, 100], [400, 410, 410, 500], [500, 500, 500, 600]);
  const held = heldConcurrency(paused, { asked: 1, fullFromNs: 0, hasPauses: true })!;
  expect(held.mean).toBeCloseTo(190 / 500, 12);
  expect(held.asked).toBeCloseTo(200 / 500, 12);
  expect(held.heldPct).toBeCloseTo(95, 10);
  expect(held.emptyNs).toBeCloseTo(5 * MS, 3);
});

test("a ramp is not held against the run", () => {
  expect(heldConcurrency(TWO_SLOTS, { asked: 2, fullFromNs: 120 * MS })!.steadyNs).toBe(104 * MS);
  expect(heldConcurrency(TWO_SLOTS, { asked: 2, fullFromNs: 300 * MS })).toBeUndefined();
});

test("where sessions are counted, the steady part ends when the last of them begins", () => {
  // Two slots, three sessions; the first one has three turns, of which the last goes alone.
  const rows = times([0, 0, 0, 100], [0, 0, 0, 60], [60, 60, 60, 120], [100, 100, 100, 200]);
  const sessions = { ...rows, turn: Float64Array.of(0, 0, 0, 1) };
  const options = { asked: 2, fullFromNs: 0 };
  expect(heldConcurrency(sessions, { ...options, endsBySessions: true })).toMatchObject({
    ...{ heldPct: 100, steadyNs: 60 * MS },
  });
  const alone = times([0, 0, 0, 100], [100, 100, 100, 200], [200, 200, 200, 300]);
  const turns = { ...alone, turn: Float64Array.of(0, 1, 2) };
  expect(heldConcurrency(turns, { ...options, endsBySessions: true })).toBeUndefined();
  expect(startBurst(turns, 2)).toBeUndefined();
  expect(startBurst(alone, 2)).toMatchObject({ requests: 2, tookNs: 100 * MS });
});

test("without a second wave there is no steady part", () => {
  expect(heldConcurrency(TWO_SLOTS, { asked: 6, fullFromNs: 0 })).toBeUndefined();
  expect(heldConcurrency(TWO_SLOTS, { asked: 7, fullFromNs: 0 })).toBeUndefined();
  expect(heldConcurrency(times(), { asked: 1, fullFromNs: 0 })).toBeUndefined();
});

test("held concurrency agrees with a count of every millisecond", () => {
  const request = fc.record({ start: fc.nat(200), took: fc.integer({ min: 1, max: 80 }) });
  fc.assert(
    fc.property(
      fc.array(request, { minLength: 5, maxLength: 30 }),
      fc.integer({ min: 1, max: 4 }),
      (all, slots) => {
        const rows = all.map(({ start, took }): Row => [start, start, start, start + took]);
        const held = heldConcurrency(times(...rows), { asked: slots, fullFromNs: 0 });
        const starts = all.map(({ start }) => start).sort((a, b) => a - b);
        const [from, to] = [starts[slots - 1]!, starts.at(-1)!];
        if (from === to) return held === undefined;
        let busy = 0;
        for (let at = from; at < to; at++) {
          busy += rows.filter(([, start, , end]) => start <= at && at < end).length;
        }
        return Math.abs(held!.mean - busy / (to - from)) < 1e-9;
      },
    ),
  );
});

test("slot refill leaves out the first of each slot, send lag does not", () => {
  expect(slotRefill(TWO_SLOTS, 2)).toMatchObject({ count: 4, meanNs: 10 * MS, maxNs: 10 * MS });
  expect(sendLag(TWO_SLOTS)).toMatchObject({ count: 6, maxNs: 10 * MS });
  expect(sendLag(TWO_SLOTS)!.meanNs).toBeCloseTo((44 / 6) * MS, 3);
  expect(slotRefill(times([0, 0, 1, 5]), 2)).toBeUndefined();
});

test("a departure is what leaving took beyond the quickest connect", () => {
  const burst = times([0, 0, 5, 9], [0, 0, 8, 9], [0, 10, 10.5, 19], [0, 20, 21, 29]);
  burst.connectNs.set([4 * MS, 7 * MS, 0, Number.NaN]);
  expect(departure(burst)).toMatchObject({ count: 3, p50Ns: 1 * MS, maxNs: 4 * MS });
  expect(departure(TWO_SLOTS)).toMatchObject({ count: 5, maxNs: 2 * MS });
});

test("the start burst is from the first of the first to the last", () => {
  expect(startBurst(TWO_SLOTS, 2)).toEqual({ requests: 2, tookNs: 5 * MS, phaseNs: 320 * MS });
  expect(startBurst(TWO_SLOTS, 1)).toBeUndefined();
  // The last one of all never left.
  expect(startBurst(TWO_SLOTS, 6)).toMatchObject({ requests: 5, tookNs: 219 * MS });
});

test("a rate is compared with what was due", () => {
  const late = times([0, 0, 0, 9], [10, 10, 10, 19], [20, 30, 30, 39]);
  expect(achievedRate(late)).toEqual({
    askedPerS: 100,
    achievedPerS: 2 / 0.03,
    overrunNs: 10 * MS,
  });
  expect(achievedRate(times([0, 0, 0, 9]))).toBeUndefined();
  expect(achievedRate(times([0, 0, 0, 9], [0, 5, 5, 9]))).toBeUndefined();
});

test("a spread interpolates, and NaN counts nowhere", () => {
  expect(spreadOf(Float64Array.of(30, Number.NaN, 10))).toEqual({
    ...{ count: 2, meanNs: 20, p50Ns: 20, p95Ns: 29, p99Ns: 29.8, maxNs: 30 },
  });
  expect(spreadOf(Float64Array.of(Number.NaN))).toBeUndefined();
});
