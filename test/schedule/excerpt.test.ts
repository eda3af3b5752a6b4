import { expect, test } from "bun:test";
import type { LoadPlan } from "#config";
import { AiperfError, NS_PER_MS, type Session } from "#core";
import { scheduleExcerpt } from "#schedule";

/** Sessions with turns at these times in ms; undefined for a turn without one. */
function sessions(...times: readonly (readonly (number | undefined)[])[]): Session[] {
  return times.map((turns, index) => ({
    id: `s${index}`,
    systemText: undefined,
    userContextText: undefined,
    turns: turns.map((ms) => ({
      role: "user",
      texts: [],
      model: "m",
      maxTokens: undefined,
      inputTokens: undefined,
      delayNs: 0,
      timestampNs: ms === undefined ? undefined : ms * NS_PER_MS,
    })),
  }));
}

function excerpt(zeroMs: number | "first", fromMs: number, untilMs: number, all: Session[]) {
  const load: Extract<LoadPlan, { kind: "schedule" }> = {
    kind: "schedule",
    zeroNs: zeroMs === "first" ? "first" : zeroMs * NS_PER_MS,
    fromNs: fromMs * NS_PER_MS,
    untilNs: untilMs * NS_PER_MS,
    concurrency: undefined,
  };
  return scheduleExcerpt(load, all).map(({ id, turns }) => [
    id,
    turns.map(({ timestampNs }) => timestampNs && timestampNs / NS_PER_MS),
  ]);
}

test("the first time becomes the start, wherever it stands", () =>
  expect(excerpt("first", 0, Infinity, sessions([70], [50, undefined], [60]))).toEqual([
    ["s0", [20]],
    ["s1", [0, undefined]],
    ["s2", [10]],
  ]));

test("a recorded moment can be the start, and so can the recording's own zero", () => {
  expect(excerpt(40, 40, Infinity, sessions([50], [39]))).toEqual([["s0", [10]]]);
  expect(excerpt(0, 0, Infinity, sessions([50]))).toEqual([["s0", [50]]]);
});

test("both bounds belong to the excerpt; sessions are cut at them", () =>
  expect(
    excerpt(
      "first",
      10,
      30,
      sessions([9, 10, undefined, 31, undefined], [30], [31], [5, undefined]),
    ),
  ).toEqual([
    ["s0", [0, undefined]],
    ["s1", [20]],
  ]));

test("nothing left is an error that says between what", () => {
  const empty = () => excerpt("first", 10, 30, sessions([31]));
  expect(empty).toThrow(AiperfError);
  expect(empty).toThrow("no request was recorded between 10 and 30 ms");
});
