import { expect, test } from "bun:test";
import type { PhasePlan } from "#config";
import { deadlineNs, failsTooOften, giveUpNs } from "#schedule";

function phase(changes: Partial<PhasePlan>): PhasePlan {
  return {
    name: "profiling",
    kind: "profiling",
    load: { kind: "concurrency", concurrency: { limit: 1, rampNs: 0 } },
    prefill: undefined,
    cancellation: undefined,
    failedShareMax: undefined,
    requestCount: undefined,
    sessionCount: undefined,
    durationNs: undefined,
    graceNs: Number.POSITIVE_INFINITY,
    ...changes,
  };
}

test("sending ends with the duration, waiting with the grace period after it", () => {
  expect([deadlineNs(phase({})), giveUpNs(phase({}))]).toEqual([Infinity, Infinity]);
  const timed = phase({ durationNs: 5, graceNs: 3 });
  expect([deadlineNs(timed), giveUpNs(timed)]).toEqual([5, 8]);
  expect(giveUpNs(phase({ durationNs: 5, graceNs: Infinity }))).toBe(Infinity);
});

test.each([
  [undefined, 1, 100, 100, false],
  [0.3, 1, 9, 9, false],
  [0.3, 1, 10, 3, false],
  [0.3, 1, 10, 4, true],
  [0.3, 50, 49, 49, false],
  [0.3, 50, 50, 16, true],
  [0, 1, 10, 0, false],
  [0, 1, 10, 1, true],
  [1, 1, 10, 10, false],
])("a threshold of %p at concurrency %i, %i records, %i failed: %p", (share, limit, n, bad, is) => {
  const load = { kind: "concurrency", concurrency: { limit, rampNs: 0 } } as const;
  expect(failsTooOften(phase({ failedShareMax: share, load }), n, bad)).toBe(is);
});
