import { expect, test } from "bun:test";
import { descriptorLimit, raiseDescriptorLimit, setTimerSlackNs, threadCpuNs } from "#ffi";

const linux = process.platform === "linux";

test("knows the limit on open files that the shell knows", () => {
  const limit = descriptorLimit()!;
  const said = Bun.spawnSync(["sh", "-c", "ulimit -Hn"]).stdout.toString().trim();
  expect(limit.hard).toBe(said === "unlimited" ? Number.POSITIVE_INFINITY : Number(said));
  expect(limit.soft).toBeLessThanOrEqual(limit.hard);
});

test("raises the soft limit to what the system allows", () => {
  const before = descriptorLimit()!;
  const after = raiseDescriptorLimit()!;
  expect(after.hard).toBe(before.hard);
  expect(after.soft).toBeGreaterThanOrEqual(before.soft);
  if (linux) expect(after.soft).toBe(after.hard);
  expect(descriptorLimit()).toEqual(after);
});

test("CPU time of a thread grows with its work", () => {
  const beforeNs = threadCpuNs()!;
  let sum = 0;
  while (threadCpuNs()! - beforeNs < 1e6) sum += Math.sqrt(sum + 1);
  expect(sum).toBeGreaterThan(0);
});

test.if(linux)("sets the timer slack of its own thread", () => {
  expect(setTimerSlackNs(1000)).toBe(true);
});
