import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { NS_PER_S } from "#core";
import { turnDueNs, type UserOpening, userOpenings } from "#schedule";

function conversations(...turns: readonly number[]) {
  return {
    count: turns.length,
    turnsOf: (conversation: number) => turns[conversation]!,
    firstNs: () => Number.NaN,
  };
}

function openings(users: number, ratePerS: number, turns: readonly number[], count: number) {
  const source = userOpenings(
    { users, ratePerS },
    conversations(...turns),
    (draw) => draw % turns.length,
  );
  return Array.from({ length: count }, () => source.next().value);
}

/** Who sends at which second, when every reply is there in time. */
function sends(sessions: readonly UserOpening[], users: number, ratePerS: number) {
  return sessions
    .flatMap(({ user, dueNs, turns }) =>
      Array.from({ length: turns }, (_, i) => ({
        user,
        atS: dueNs / NS_PER_S + (i * users) / ratePerS,
      })),
    )
    .sort((a, b) => a.atS - b.atS);
}

test("3 users, 5 turns, 1 request a second", () => {
  const sessions = openings(3, 1, [5], 6);
  expect(sessions.map(({ user, dueNs, turns }) => [user, dueNs / NS_PER_S, turns])).toEqual([
    [4, 0, 5],
    [2, 1, 2],
    [3, 2, 3],
    [5, 7, 5],
    [6, 11, 5],
    [7, 15, 5],
  ]);
  expect(
    sends(sessions, 3, 1)
      .filter(({ atS }) => atS < 15)
      .map(({ user, atS }) => [user, atS]),
  ).toEqual([4, 2, 3, 4, 2, 3, 4, 5, 3, 4, 5, 6, 4, 5, 6].map((user, second) => [user, second]));
});

test("2 users, 3 turns, 2 requests a second: where users and turns have a divisor in common", () => {
  const sessions = openings(2, 2, [3], 5);
  expect(sessions.map(({ user, dueNs, turns }) => [user, dueNs / NS_PER_S, turns])).toEqual([
    [3, 0, 3],
    [2, 0.5, 1],
    [4, 1.5, 3],
    [5, 3, 3],
    [6, 4.5, 3],
  ]);
});

test("conversations go to users by their number, not by who begins first", () => {
  const sessions = openings(3, 1, [5, 5, 5, 5], 5);
  expect(sessions.map(({ user, conversation }) => [user, conversation])).toEqual([
    [4, 2],
    [2, 0],
    [3, 1],
    [5, 3],
    [6, 0],
  ]);
});

test("whatever the numbers, there is one request at each stagger, from the first one on", () => {
  const cases = fc.record({
    users: fc.integer({ min: 1, max: 60 }),
    turns: fc.integer({ min: 2, max: 30 }),
  });
  fc.assert(
    fc.property(cases, ({ users, turns }) => {
      const rate = 4;
      const sessions = openings(users, rate, [turns], users * 4);
      const horizonS = sessions.at(-1)!.dueNs / NS_PER_S;
      const staggers = sends(sessions, users, rate)
        .filter(({ atS }) => atS < horizonS - 1e-9)
        .map(({ atS }) => Math.round(atS * rate));
      expect(staggers).toEqual(staggers.map((_, index) => index));
      expect(sessions.map(({ dueNs }) => dueNs)).toEqual(
        sessions.map(({ dueNs }) => dueNs).toSorted((a, b) => a - b),
      );
    }),
    { numRuns: 50 },
  );
});

test("a past longer than the conversation is cut to it", () => {
  for (const session of openings(5, 1, [9, 2, 1], 40)) {
    expect(session.turns).toBeLessThanOrEqual([9, 2, 1][session.conversation]!);
    expect(session.turns).toBeGreaterThanOrEqual(1);
  }
});

describe("the next turn", () => {
  const users = { kind: "users", users: 3, ratePerS: 1, concurrency: undefined } as const;
  const schedule = {
    kind: "schedule",
    zeroNs: "first",
    fromNs: 0,
    untilNs: Number.POSITIVE_INFINITY,
    concurrency: undefined,
  } as const;
  const closed = { kind: "concurrency", concurrency: { limit: 1, rampNs: 0 } } as const;
  const facts = { endNs: 100, dueNs: 40, timestampNs: Number.NaN, delayNs: 7 };

  test("comes a gap after the turn before was due, and a late reply shifts it", () => {
    expect(turnDueNs(users, facts)).toBe(40 + 3 * NS_PER_S);
    expect(turnDueNs(users, { ...facts, endNs: 4 * NS_PER_S })).toBe(4 * NS_PER_S);
  });

  test("comes at its own time, or at once when that is past", () => {
    expect(turnDueNs(schedule, { ...facts, timestampNs: 500 })).toBe(500);
    expect(turnDueNs(schedule, { ...facts, timestampNs: 50 })).toBe(100);
    expect(turnDueNs(schedule, facts)).toBe(107);
  });

  test("comes after its pause everywhere else", () => expect(turnDueNs(closed, facts)).toBe(107));
});
