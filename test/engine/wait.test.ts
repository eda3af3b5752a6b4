import { expect, test } from "bun:test";
import fc from "fast-check";
import { NS_PER_MS } from "#core";
import { loopWaits } from "../../src/engine/wait.ts";

const now = () => Bun.nanoseconds();

test("acts come in the order of their times, none before its time, none inside the call", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: -2, max: 12 }), { maxLength: 30 }), async (ms) => {
      const waits = loopWaits(now);
      const startNs = now();
      const went: { readonly dueNs: number; readonly atNs: number }[] = [];
      let isCalling = true;
      await new Promise<void>((resolve) => {
        for (const dueMs of ms) {
          const dueNs = startNs + dueMs * NS_PER_MS;
          waits.at(dueNs, () => {
            expect(isCalling).toBe(false);
            went.push({ dueNs, atNs: now() });
            if (went.length === ms.length) resolve();
          });
        }
        isCalling = false;
        if (ms.length === 0) resolve();
      });
      for (const { dueNs, atNs } of went) expect(atNs).toBeGreaterThanOrEqual(dueNs);
      const order = went.map(({ dueNs }) => dueNs);
      expect(order).toEqual(order.toSorted((a, b) => a - b));
    }),
    { numRuns: 10 },
  );
});

test("an earlier time that is asked for later goes first", async () => {
  const waits = loopWaits(now);
  const went: string[] = [];
  const startNs = now();
  await new Promise<void>((resolve) => {
    waits.at(startNs + 40 * NS_PER_MS, () => {
      went.push("later");
      resolve();
    });
    waits.at(startNs + 5 * NS_PER_MS, () => went.push("sooner"));
  });
  expect(went).toEqual(["sooner", "later"]);
});

test("what is cleared never comes", async () => {
  const waits = loopWaits(now);
  let went = 0;
  waits.at(now() + 3 * NS_PER_MS, () => went++);
  waits.at(now(), () => went++);
  waits.clear();
  await Bun.sleep(10);
  expect(went).toBe(0);
  await new Promise<void>((resolve) => waits.at(now(), resolve));
});
