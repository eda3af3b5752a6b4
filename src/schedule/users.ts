// Users with a pace of their own, met in the midst of what they do: the first ones have a part of
// their session behind them, so that from the first second on as many begin as end.
//
// All times are whole numbers of staggers (1 / rate): a user sends a turn every `users` staggers,
// and each stagger is one user's. Replies have no say in when a session begins.

import { Heap, NS_PER_S } from "#core";
import type { Conversations, Opening } from "./opening.ts";

export interface UserPace {
  readonly users: number;
  readonly ratePerS: number;
}

/** A user's session. */
export interface UserOpening extends Opening {
  /** From 1; the user that the steady state would have replaced at the start does not appear. */
  readonly user: number;
}

interface Start {
  readonly atStaggers: number;
  /** Undefined for a successor, who gets the next number when it begins. */
  readonly user: number | undefined;
  /** Turns that are left; infinite for a whole session. */
  readonly left: number;
}

/** How long a user waits from one turn to the next. */
export function turnGapNs({ users, ratePerS }: UserPace): number {
  return (users / ratePerS) * NS_PER_S;
}

/**
 * Yields the sessions of all users without end, in order of their start.
 * @param conversationOf the conversation that draw number `n` brings
 */
export function* userOpenings(
  { users, ratePerS }: UserPace,
  conversations: Conversations,
  conversationOf: (draw: number) => number,
): Generator<UserOpening, never> {
  const starts = new Heap<Start>((a, b) => a.atStaggers < b.atStaggers);
  for (const start of firstStarts(users, meanTurns(conversations))) starts.push(start);

  for (let next = users + 2; ; ) {
    const start = starts.pop()!;
    const user = start.user ?? next++;
    // User 2 is the first who sends anything.
    const conversation = conversationOf(user - 2);
    const turns = Math.min(start.left, conversations.turnsOf(conversation));
    const atStaggers = start.atStaggers + turns * users;
    starts.push({ atStaggers, user: undefined, left: Number.POSITIVE_INFINITY });
    yield { user, conversation, turns, dueNs: (start.atStaggers / ratePerS) * NS_PER_S };
  }
}

/** The users of the first moment: `users` of them, in each stagger of the first gap one. */
function firstStarts(users: number, turns: number): Start[] {
  const length = Math.max(1, turns - 1);
  const stride = gcd(users, length) === 1 ? undefined : leastCoprime(users);
  const starts: Start[] = [];
  for (let i = 0; i < users; i++) {
    const age = (users - i) * length;
    const left = length - Math.floor(age / users);
    if (left === 0) continue;
    const slot = (stride === undefined ? age : i * stride) % users;
    starts.push({ atStaggers: users - slot, user: i + 1, left });
  }
  return [...starts, { atStaggers: 0, user: users + 1, left: Number.POSITIVE_INFINITY }];
}

function meanTurns(conversations: Conversations): number {
  let turns = 0;
  for (let i = 0; i < conversations.count; i++) turns += conversations.turnsOf(i);
  return Math.round(turns / conversations.count);
}

function leastCoprime(users: number): number {
  for (let candidate = 2; candidate < users; candidate++)
    if (gcd(candidate, users) === 1) return candidate;
  return 1;
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
