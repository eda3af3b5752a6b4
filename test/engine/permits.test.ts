// Permits as several workers use them, in one thread: each has its own end of the same counters.

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Cap } from "#config";
import { fakeClock, NS_PER_S } from "#core";
import { createControl, phaseControl } from "#engine";
import { Permits } from "../../src/engine/permits.ts";
import type { Waits } from "../../src/engine/wait.ts";

function workers(count: number, cap: Cap, startNs = 1) {
  const memory = createControl(1);
  const clock = fakeClock(startNs);
  const pending: { readonly dueNs: number; readonly act: () => void }[] = [];
  const waits: Waits = {
    at(dueNs, act) {
      if (dueNs <= clock.now()) setImmediate(act);
      else pending.push({ dueNs, act });
    },
    clear: () => void pending.splice(0),
  };
  phaseControl(memory, 0).startNs = startNs;
  const ends = Array.from(
    { length: count },
    () =>
      new Permits({
        cap,
        control: phaseControl(memory, 0),
        asked: "prefillAsked",
        freed: "prefillFreed",
        now: clock.now,
        waits,
      }),
  );
  return {
    ends,
    /** Moves on to the next moment that somebody waits for. */
    advance(toNs: number) {
      clock.advance(toNs - clock.now());
      const due = pending.filter(({ dueNs }) => dueNs <= toNs);
      for (const wait of due) pending.splice(pending.indexOf(wait), 1);
      for (const wait of due) wait.act();
    },
  };
}

/** Lets announcements reach those who watch. */
const settle = () => Bun.sleep(2);

test("there is room at once up to the limit, then in the order of asking, over all workers", async () => {
  const { ends } = workers(2, { limit: 2, rampNs: 0 });
  const [a, b] = [ends[0]!, ends[1]!];
  const went: string[] = [];
  for (const [end, name] of [
    [a, "a0"],
    [b, "b0"],
    [b, "b1"],
    [a, "a1"],
    [b, "b2"],
  ] as const)
    end.request(() => went.push(name));
  expect(went).toEqual(["a0", "b0"]);
  a.free();
  await settle();
  expect(went).toEqual(["a0", "b0", "b1"]);
  b.free();
  await settle();
  expect(went).toEqual(["a0", "b0", "b1", "a1"]);
  b.free();
  await settle();
  expect(went).toEqual(["a0", "b0", "b1", "a1", "b2"]);
});

test("never one too many, and nobody is forgotten, whatever is asked and freed", async () => {
  const step = fc.tuple(fc.nat(2), fc.boolean());
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.array(step, { maxLength: 60 }),
      async (limit, steps) => {
        const { ends } = workers(3, { limit, rampNs: 0 });
        let [asked, granted, inUse, most] = [0, 0, 0, 0];
        const free = (end: Permits) => {
          inUse--;
          end.free();
        };
        for (const [worker, isAsking] of steps) {
          if (isAsking) {
            asked++;
            ends[worker]!.request(() => {
              granted++;
              most = Math.max(most, ++inUse);
            });
          } else if (inUse > 0) free(ends[worker]!);
        }
        while (granted < asked || inUse > 0) {
          await settle();
          expect(inUse).toBeGreaterThan(0);
          free(ends[0]!);
          await settle();
        }
        expect(most).toBeLessThanOrEqual(limit);
      },
    ),
    { numRuns: 8 },
  );
});

describe("a ramp", () => {
  test("makes room one by one, at its moments", () => {
    const { ends, advance } = workers(1, { limit: 3, rampNs: 2 * NS_PER_S });
    let granted = 0;
    for (let i = 0; i < 4; i++) ends[0]!.request(() => granted++);
    expect(granted).toBe(1);
    advance(1 + 0.9 * NS_PER_S);
    expect(granted).toBe(1);
    advance(1 + NS_PER_S);
    expect(granted).toBe(2);
    advance(1 + 2 * NS_PER_S);
    expect(granted).toBe(3);
    ends[0]!.free();
    expect(granted).toBe(4);
  });
});

test("those who are abandoned never go", async () => {
  const { ends } = workers(1, { limit: 1, rampNs: 0 });
  let granted = 0;
  for (let i = 0; i < 3; i++) ends[0]!.request(() => granted++);
  ends[0]!.abandon();
  ends[0]!.free();
  await settle();
  expect(granted).toBe(1);
});
