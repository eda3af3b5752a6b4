import { expect, test } from "bun:test";
import { createControl, phaseControl, wakeWorkers } from "#engine";
import { nativeState } from "#ffi";

test("numbers are taken in order, and none at or beyond the limit", () => {
  const control = phaseControl(createControl(1), 0);
  expect([1, 2, 3, 4].map(() => control.take("credits", 3))).toEqual([0, 1, 2, -1]);
  expect(control.get("credits")).toBe(3);
  expect(control.take("sessions", Number.POSITIVE_INFINITY)).toBe(0);
});

test("phases have counters and times of their own", () => {
  const memory = createControl(2);
  const [first, second] = [phaseControl(memory, 0), phaseControl(memory, 1)];
  first.add("sent", 5);
  first.startNs = 7;
  second.firstDraw = 3;
  expect([second.get("sent"), second.startNs, first.firstDraw]).toEqual([0, 0, 0]);
  expect([phaseControl(memory, 0).get("sent"), phaseControl(memory, 0).startNs]).toEqual([5, 7]);
  expect(phaseControl(memory, 1).firstDraw).toBe(3);
});

test("who watches a counter sees every announcement, until it has seen enough", async () => {
  const memory = createControl(1);
  const [mine, theirs] = [phaseControl(memory, 0), phaseControl(memory, 0)];
  const seen: number[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  mine.watch("stopped", () => {
    seen.push(mine.get("stopped"));
    if (mine.get("stopped") < 2) return true;
    resolve();
    return false;
  });
  expect(seen).toEqual([0]);
  for (const value of [1, 2, 3]) {
    theirs.set("stopped", value);
    theirs.announce("stopped");
    await Bun.sleep(5);
  }
  await promise;
  expect(seen.slice(0, 2)).toEqual([0, 1]);
  expect(seen.at(-1)).toBe(2);
});

test.if(process.platform === "linux" && nativeState().loaded)(
  "a worker that waits in the kernel wakes",
  async () => {
    for (const wake of ["announce", "wakeWorkers"]) {
      const memory = createControl(1, 3);
      const control = phaseControl(memory, 0);
      const worker = new Worker(`${import.meta.dir}/wire_thread.ts`);
      const heard = () =>
        new Promise<unknown>((resolve, reject) => {
          worker.onmessage = ({ data }) => resolve(data);
          worker.onerror = ({ message }) => reject(new Error(message));
        });
      const ready = heard();
      worker.postMessage(memory);
      expect(await ready).toBe("waits");
      expect(new Int32Array(memory.workerBells)[1]).toBeGreaterThan(0);
      const woken = heard();
      // It waits for a minute, unless it is woken; so does this test.
      await Bun.sleep(30);
      control.set("stopped", 1);
      if (wake === "announce") control.announce("stopped");
      else wakeWorkers(memory);
      expect(await woken).toEqual({ isEvent: false, hasRung: true, stopped: 1 });
      worker.terminate();
    }
  },
);

test("waking nobody is nothing", () => {
  const memory = createControl(1, 4);
  new Int32Array(memory.workerBells).set([0, -1, 0, -1]);
  wakeWorkers(memory);
  phaseControl(memory, 0).announce("stopped");
});
