// The loop of a worker, with a clock that only moves when somebody waits or works.

import { expect, test } from "bun:test";
import fc from "fast-check";
import { Pump, type PumpOptions, type Turns } from "../../src/engine/pump.ts";

const SLICE_NS = 1000;

/** Sockets that have nothing to say, but for what a test puts into `events`. */
class Sockets implements Turns {
  nowNs = 0;
  hasRung = false;
  /** What each turn does instead of waiting; it answers what `turn` should. */
  readonly events: (() => boolean)[] = [];
  readonly turns: { readonly atNs: number; readonly untilNs: number }[] = [];

  turn(untilNs: number): boolean {
    this.turns.push({ atNs: this.nowNs, untilNs });
    this.hasRung = false;
    const event = this.events.shift();
    if (event !== undefined) return event();
    // Looking costs time, too.
    this.nowNs = Math.max(this.nowNs + 1, untilNs);
    return false;
  }
}

function bench(options: Partial<PumpOptions> = {}) {
  const sockets = new Sockets();
  const went: { readonly what: string | number; readonly atNs: number }[] = [];
  const pump = new Pump({ now: () => sockets.nowNs, earlyNs: 0, sliceNs: SLICE_NS, ...options });
  const note = (what: string | number) => () => void went.push({ what, atNs: sockets.nowNs });
  return { sockets, pump, went, note, names: () => went.map(({ what }) => what) };
}

/** Lets the loop have so many turns: each is one slice of a pump that runs. */
async function slices(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise<void>((resolve) => setImmediate(resolve));
}

test("acts come in the order of their times and of being asked for, never early", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 40 }),
      fc.constantFrom(0, 50, 300),
      async (steps, earlyNs) => {
        const { sockets, pump, went } = bench({ earlyNs });
        const dues = steps.map((step) => step * 100);
        for (const [i, dueNs] of dues.entries())
          pump.at(dueNs, () => void went.push({ what: i, atNs: sockets.nowNs }));
        expect(went).toEqual([]);
        pump.start(sockets);
        await slices(5);
        pump.stop();
        const order = [...dues.keys()].sort((a, b) => dues[a]! - dues[b]! || a - b);
        expect(went.map(({ what }) => what)).toEqual(order);
        // Time moves by at least 1 when nothing is waited for: that is how late an act may be.
        for (const { what, atNs } of went) {
          expect(atNs).toBeGreaterThanOrEqual(dues[Number(what)]!);
          expect(atNs).toBeLessThanOrEqual(dues[Number(what)]! + 1);
        }
      },
    ),
    { numRuns: 50 },
  );
});

test("what is due together leaves together, and what it asks for waits for the sockets", async () => {
  const { sockets, pump, names, note, went } = bench();
  pump.at(10, () => {
    note("a")();
    pump.at(0, note("asked by a"));
  });
  pump.at(10, () => {
    note("b")();
    pump.at(5, note("asked by b"));
  });
  pump.at(10, note("c"));
  pump.start(sockets);
  await slices(1);
  pump.stop();
  expect(names()).toEqual(["a", "b", "c", "asked by a", "asked by b"]);
  expect(went.slice(0, 3).map(({ atNs }) => atNs)).toEqual([10, 10, 10]);
  // One glance at the beginning, one turn up to their time, one before what they asked for.
  expect(sockets.turns.slice(0, 3)).toEqual([
    { atNs: 0, untilNs: 0 },
    { atNs: 1, untilNs: 10 },
    { atNs: 10, untilNs: 0 },
  ]);
});

test("acts that ask for more without end starve neither the sockets nor Bun's loop", async () => {
  const { sockets, pump } = bench();
  let acts = 0;
  let events = 0;
  const again = () => {
    acts++;
    sockets.nowNs += 10;
    sockets.events.push(() => ++events > 0);
    pump.at(0, again);
  };
  pump.at(0, again);
  pump.start(sockets);
  await slices(1);
  expect(acts).toBeGreaterThan(50);
  expect(Math.abs(events - acts)).toBeLessThanOrEqual(1);
  const seen = acts;
  expect(seen).toBeLessThanOrEqual(SLICE_NS / 10 + 1);
  await slices(1);
  expect(acts).toBeGreaterThan(seen);
  pump.stop();
});

test("where very much is due at once, the sockets have their turns in between", async () => {
  const { sockets, pump, went } = bench({ sliceNs: 1e7 });
  for (let i = 0; i < 100; i++) {
    pump.at(0, () => {
      went.push({ what: i, atNs: sockets.nowNs });
      sockets.nowNs += 10_000;
    });
  }
  sockets.events.push(() => {
    went.push({ what: "event", atNs: sockets.nowNs });
    return true;
  });
  pump.start(sockets);
  await slices(1);
  pump.stop();
  const order = went.map(({ what }) => what);
  expect(order.filter((what) => what !== "event")).toEqual([...Array(100).keys()]);
  // Three in a thousand of a second go before anybody looks.
  expect(sockets.turns.length).toBeGreaterThan(3);
  expect(sockets.turns.length).toBeLessThan(10);
});

test("sockets that always have something to say starve neither acts nor Bun's loop", async () => {
  const { sockets, pump, names, note } = bench();
  let events = 0;
  const speak = (): boolean => {
    events++;
    sockets.nowNs += 7;
    sockets.events.push(speak);
    return true;
  };
  sockets.events.push(speak);
  pump.at(100, note("act"));
  pump.start(sockets);
  await slices(1);
  pump.stop();
  expect(names()).toEqual(["act"]);
  expect(events).toBeLessThanOrEqual(Math.ceil(SLICE_NS / 7) + 1);
});

test("the kernel waits for the next act or the slice's end, whichever is first", async () => {
  const { sockets, pump, note } = bench();
  pump.at(300, note("a"));
  pump.at(5000, note("b"));
  pump.start(sockets);
  await slices(2);
  pump.stop();
  expect(sockets.turns).toEqual([
    { atNs: 0, untilNs: 0 },
    { atNs: 1, untilNs: 300 },
    { atNs: 300, untilNs: 1000 },
    { atNs: 1000, untilNs: 2000 },
  ]);
});

test("the last of a wait is spun for, the sockets looked at each time", async () => {
  const { sockets, pump, went, note } = bench({ earlyNs: 50 });
  pump.at(300, note("a"));
  pump.start(sockets);
  await slices(1);
  pump.stop();
  expect(went).toEqual([{ what: "a", atNs: 300 }]);
  const spun = sockets.turns.filter(({ atNs }) => atNs >= 250 && atNs < 300);
  expect(spun).toHaveLength(50);
  expect(spun.every(({ untilNs }) => untilNs === 250)).toBe(true);
});

test("what happened while nobody looked comes before what is due", async () => {
  const { sockets, pump, names, note } = bench();
  for (const round of [1, 2]) {
    for (const event of ["first", "second"])
      sockets.events.push(() => {
        note(`${event} ${round}`)();
        return true;
      });
    pump.at(0, note(`due ${round}`));
    pump.start(sockets);
    await slices(1);
    pump.stop();
  }
  expect(names()).toEqual(["first 1", "second 1", "due 1", "first 2", "second 2", "due 2"]);
});

test("it starts, stops and starts again, in one loop", async () => {
  const { sockets, pump, names, note } = bench();
  pump.start(sockets);
  pump.stop();
  pump.at(0, note("while stopped"));
  await slices(2);
  expect(sockets.turns).toEqual([]);
  expect(names()).toEqual([]);

  pump.start(sockets);
  pump.stop();
  pump.start(sockets);
  pump.start(sockets);
  await slices(1);
  expect(names()).toEqual(["while stopped"]);
  const turned = sockets.turns.length;
  await slices(1);
  expect(sockets.turns.length - turned).toBe(1);

  // Stopped inside an act, and inside a socket's event.
  pump.at(sockets.nowNs, () => pump.stop());
  await slices(3);
  const stopped = sockets.turns.length;
  pump.start(sockets);
  sockets.events.push(() => {
    pump.stop();
    return true;
  });
  await slices(3);
  expect(sockets.turns.length).toBe(stopped + 1);
});

test("what is cleared never comes, not even what is due at the same time", async () => {
  const { sockets, pump, names, note } = bench();
  pump.at(10, note("a"));
  pump.at(10, () => pump.clear());
  pump.at(10, note("b"));
  pump.at(20, note("c"));
  pump.start(sockets);
  await slices(2);
  pump.at(sockets.nowNs, note("d"));
  await slices(2);
  pump.stop();
  expect(names()).toEqual(["a", "d"]);
});

test("a standstill is told of before its slice is over, and told once", async () => {
  const late: number[] = [];
  const { sockets, pump } = bench({ sliceNs: 40e6, late: (lateNs) => late.push(lateNs) });
  // Something comes after 2 ms and takes 9 ms to deal with, where a beat is 5 ms.
  sockets.events.push(
    () => false,
    () => {
      sockets.nowNs = 11e6;
      return true;
    },
  );
  pump.start(sockets);
  await slices(1);
  pump.stop();
  expect(late.filter((lateNs) => lateNs > 0)).toEqual([6e6]);
  expect(sockets.turns.slice(2).map(({ untilNs }) => untilNs / 1e6)).toEqual([
    16, 21, 26, 31, 36, 40,
  ]);
});

test("a slice that was too long is told of", async () => {
  const late: number[] = [];
  const { sockets, pump } = bench({ late: (lateNs) => late.push(lateNs) });
  sockets.events.push(() => {
    sockets.nowNs += 20_000;
    return true;
  });
  pump.start(sockets);
  await slices(2);
  pump.stop();
  // One look follows, which costs 1; the next slice is as long as it should be.
  expect(late).toEqual([20_001 - SLICE_NS, 0]);
});

test("a standstill that a bell ends is told of all the same", async () => {
  const late: number[] = [];
  const { sockets, pump } = bench({ sliceNs: 40e6, late: (lateNs) => late.push(lateNs) });
  sockets.events.push(
    () => false,
    () => {
      sockets.nowNs = 11e6;
      sockets.hasRung = true;
      return false;
    },
  );
  pump.start(sockets);
  await slices(1);
  pump.stop();
  expect(late).toEqual([6e6]);
});

test("a bell gives Bun's loop its turn at once", async () => {
  const { sockets, pump } = bench();
  sockets.events.push(() => {
    sockets.nowNs += 5;
    sockets.hasRung = true;
    return false;
  });
  pump.start(sockets);
  await slices(1);
  expect(sockets.nowNs).toBe(SLICE_NS);
  sockets.events.push(() => {
    sockets.nowNs += 5;
    sockets.hasRung = true;
    return false;
  });
  await slices(1);
  expect(sockets.nowNs).toBe(SLICE_NS + 5);
  await slices(1);
  pump.stop();
  expect(sockets.nowNs).toBe(2 * SLICE_NS + 5);
});
