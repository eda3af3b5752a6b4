import { expect, test } from "bun:test";
import { createCollector, requestTimes } from "#metrics";
import { makeFailure, makeRecord, STREAMING } from "./make-record.ts";

test("times of the requests of one phase, from all collectors, failures included", () => {
  const at = (dueNs: number) => ({
    dueNs,
    startNs: dueNs + 1,
    sentNs: dueNs + 2,
    endNs: dueNs + 9,
  });
  const collectors = [createCollector({ plan: STREAMING }), createCollector({ plan: STREAMING })];
  collectors[0]!.add(makeRecord({ ...at(100), phaseIndex: 1 }));
  collectors[0]!.add(makeFailure({ ...at(300), sentNs: Number.NaN, phaseIndex: 1 }));
  collectors[1]!.add(makeRecord({ ...at(200), phaseIndex: 1, turn: 3 }));
  collectors[1]!.add(makeRecord({ ...at(900), phaseIndex: 0 }));
  const snapshots = collectors.map((collector) => collector.snapshot().data);
  const times = Object.entries(requestTimes(snapshots, 1)).map(([key, of]) => [key, [...of]]);
  expect(Object.fromEntries(times)).toEqual({
    dueNs: [100, 300, 200],
    startNs: [101, 301, 201],
    sentNs: [102, Number.NaN, 202],
    endNs: [109, 309, 209],
    connectNs: [5e6, Number.NaN, 5e6],
    turn: [0, 0, 3],
  });
  expect(requestTimes(snapshots, 7).startNs.length).toBe(0);
});
