import { expect, test } from "bun:test";
import { NS_PER_MS } from "#core";
import { openKernelTimer, threadClock } from "#ffi";

const now = threadClock();

test.if(process.platform === "linux")("a timer fires once for each time, never early", async () => {
  const lateNs: number[] = [];
  let dueNs = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = openKernelTimer(() => {
    lateNs.push(now() - dueNs);
    if (lateNs.length === 20) return resolve();
    dueNs = now() + 2 * NS_PER_MS;
    timer.setNs(dueNs);
  })!;
  dueNs = now() + 2 * NS_PER_MS;
  timer.setNs(dueNs);
  await promise;
  await Bun.sleep(10);
  timer.close();
  expect(lateNs.length).toBe(20);
  expect(Math.min(...lateNs)).toBeGreaterThanOrEqual(0);
});

test.if(process.platform === "linux")(
  "a time that has passed fires at once, a later one replaces an earlier",
  async () => {
    let fired = 0;
    const timer = openKernelTimer(() => fired++)!;
    timer.setNs(1);
    await Bun.sleep(20);
    expect(fired).toBe(1);
    timer.setNs(now() + 30 * NS_PER_MS);
    timer.setNs(now() + 60_000 * NS_PER_MS);
    await Bun.sleep(60);
    timer.close();
    expect(fired).toBe(1);
  },
);

test.if(process.platform === "linux")("a closed timer keeps nothing alive", async () => {
  const door = `${import.meta.dir}/../../src/ffi/index.ts`;
  const source = `import { openKernelTimer } from ${JSON.stringify(door)};
    const timer = openKernelTimer(() => {}); timer.setNs(1e18); setTimeout(() => timer.close(), 20);`;
  const child = Bun.spawn([process.execPath, "-e", source], { stdout: "pipe", stderr: "pipe" });
  const killer = setTimeout(() => child.kill(), 10_000);
  expect(await child.exited).toBe(0);
  clearTimeout(killer);
});
