import { expect, test } from "bun:test";
import { NS_PER_MS } from "#core";
import { threadClock } from "#ffi";
import { loopAlarm, openAlarm } from "../../src/engine/alarm.ts";
import { loopWaits } from "../../src/engine/wait.ts";

const now = threadClock();
const ALARMS = {
  loop: () => loopAlarm(now),
  relaxed: () => openAlarm(now, "relaxed"),
  precise: () => openAlarm(now, "precise"),
} as const;

test.each(Object.keys(ALARMS) as (keyof typeof ALARMS)[])(
  "%s: acts come in order, each once, none before its time",
  async (kind) => {
    const alarm = ALARMS[kind]();
    const waits = loopWaits(now, alarm);
    const startNs = now();
    const dueMs = [7, 3, 3, 11, 0, 9, 10, 10.2];
    const went: { readonly dueMs: number; readonly atMs: number }[] = [];
    await new Promise<void>((resolve) => {
      for (const due of dueMs) {
        waits.at(startNs + due * NS_PER_MS, () => {
          went.push({ dueMs: due, atMs: (now() - startNs) / NS_PER_MS });
          if (went.length === dueMs.length) resolve();
        });
      }
    });
    await Bun.sleep(5);
    alarm.close();
    expect(went.map((act) => act.dueMs)).toEqual(dueMs.toSorted((a, b) => a - b));
    for (const act of went) expect(act.atMs).toBeGreaterThanOrEqual(act.dueMs);
  },
);

test("what was cleared does not come, and what is asked for afterwards does", async () => {
  const alarm = openAlarm(now, "relaxed");
  const waits = loopWaits(now, alarm);
  let cleared = 0;
  waits.at(now() + 2 * NS_PER_MS, () => cleared++);
  waits.clear();
  await new Promise<void>((resolve) => waits.at(now() + 10 * NS_PER_MS, resolve));
  alarm.close();
  expect(cleared).toBe(0);
});
