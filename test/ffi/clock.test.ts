import { expect, test } from "bun:test";
import { clockFailure, epochNow, monotonicNs, threadClock } from "#ffi";

const THREAD = `${import.meta.dir}/clock_thread.ts`;

/** The least difference to the machine's clock: what is left when nothing came between. */
function leastErrorNs(): number {
  const now = threadClock();
  const errorsNs = Array.from({ length: 1000 }, () => {
    const beforeNs = now();
    const machineNs = monotonicNs()!;
    return Math.abs((beforeNs + now()) / 2 - machineNs);
  });
  return Math.min(...errorsNs);
}

test("a thread's clock is the machine's", () => {
  expect(clockFailure()).toBeUndefined();
  expect(leastErrorNs()).toBeLessThan(20_000);
});

test("never runs backwards", () => {
  const now = threadClock();
  let lastNs = now();
  for (let i = 0; i < 10_000; i++) {
    const thisNs = now();
    expect(thisNs).toBeGreaterThanOrEqual(lastNs);
    lastNs = thisNs;
  }
});

test("a worker's times lie between the question and the answer", async () => {
  const worker = new Worker(THREAD);
  const now = threadClock();
  const ask = () =>
    new Promise<number>((resolve, reject) => {
      worker.onmessage = (event: MessageEvent<number>) => resolve(event.data);
      worker.onerror = (event) => reject(new Error(event.message));
      worker.postMessage("time");
    });
  for (let i = 0; i < 20; i++) {
    const beforeNs = now();
    const thereNs = await ask();
    expect(thereNs).toBeGreaterThan(beforeNs);
    expect(thereNs).toBeLessThan(now());
  }
  worker.terminate();
});

test("an epoch names the same moment on both clocks", () => {
  const now = threadClock();
  const beforeNs = now();
  const beforeMs = Date.now();
  const epoch = epochNow();
  expect(epoch.monotonicNs).toBeGreaterThanOrEqual(beforeNs);
  expect(epoch.monotonicNs).toBeLessThanOrEqual(now());
  expect(Number(epoch.wallNs / 1_000_000n)).toBeGreaterThanOrEqual(beforeMs);
  expect(Number(epoch.wallNs / 1_000_000n)).toBeLessThanOrEqual(Date.now());
});
