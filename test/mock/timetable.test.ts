import { expect, test } from "bun:test";
import { fakeClock, NS_PER_MS } from "#core";
import type { DueItem } from "../../src/mock/due-heap.ts";
import { timetable } from "../../src/mock/timetable.ts";

interface Beat extends DueItem {
  readonly gapNs: number;
  left: number;
}

function beat(dueNs: number, gapNs: number, left: number): Beat {
  return { dueNs, gapNs, left, heapIndex: -1 };
}

/** A timetable on a clock that naps move; it keeps what it served. */
function virtual(overshootNs: number) {
  const clock = fakeClock();
  const served: { dueNs: number; lateNs: number }[] = [];
  const table = timetable<Beat>({
    now: clock.now,
    nap: (ms) => clock.advance(ms * NS_PER_MS + overshootNs),
    onDue(item) {
      served.push({ dueNs: item.dueNs, lateNs: clock.now() - item.dueNs });
      return --item.left === 0 ? Infinity : item.dueNs + item.gapNs;
    },
  });
  return { clock, served, table };
}

test("due times come from due times: a late service does not shift the next", () => {
  const { clock, served, table } = virtual(0);
  table.add(beat(10, 100, 4));
  clock.advance(250);
  table.serveDue();
  expect(served.map((s) => s.dueNs)).toEqual([10, 110, 210]);
  clock.advance(1000);
  table.serveDue();
  expect(served.map((s) => s.dueNs)).toEqual([10, 110, 210, 310]);
  table.stop();
});

test("serves nothing before it is due", () => {
  const { clock, served, table } = virtual(0);
  table.add(beat(10, 1, 1));
  clock.advance(9);
  table.serveDue();
  expect(served).toEqual([]);
  clock.advance(1);
  table.serveDue();
  expect(served).toEqual([{ dueNs: 10, lateNs: 0 }]);
  table.stop();
});

test("runs on its own, in order, and late by no more than a nap's overshoot", async () => {
  const overshootNs = 60_000;
  const { served, table } = virtual(overshootNs);
  table.add(beat(300_000, 250_000, 40));
  table.add(beat(50_000, 333_000, 30));
  while (served.length < 70) await new Promise((resolve) => setImmediate(resolve));
  const dues = served.map((s) => s.dueNs);
  expect(dues).toEqual(dues.toSorted((a, b) => a - b));
  for (const { lateNs } of served) {
    expect(lateNs).toBeGreaterThanOrEqual(0);
    expect(lateNs).toBeLessThanOrEqual(10_000 + overshootNs);
  }
});

test("an item taken out is served no more, also out of its own service", () => {
  const clock = fakeClock();
  const items = [beat(1, 1, 9), beat(2, 1, 9), beat(3, 1, 9)];
  const served: number[] = [];
  const table = timetable<Beat>({
    now: clock.now,
    nap: () => {},
    onDue(item) {
      served.push(items.indexOf(item));
      for (const other of items) table.remove(other);
      return item.dueNs + 1;
    },
  });
  for (const item of items) table.add(item);
  clock.advance(10);
  table.serveDue();
  expect(served).toEqual([0]);
});
