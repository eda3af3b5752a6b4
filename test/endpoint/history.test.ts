import { expect, test } from "bun:test";
import type { Json } from "#core";
import { endpointRow } from "#endpoint";
import { endpointPlan, sessionOf, turnOf } from "./make.ts";

const assistant = (content: string): Json => ({ role: "assistant", content });

function messages(history: readonly (Json | undefined)[]): unknown {
  const turn = turnOf(["now"], { maxTokens: 7 });
  const body = endpointRow("chat").body({
    plan: endpointPlan(),
    session: sessionOf(turn, { systemText: "be brief", userContextText: "I am Ann" }),
    turn,
    history: history.map((reply, i) => ({ turn: turnOf([`u${i}`], { maxTokens: 99 }), reply })),
  });
  expect(body.max_completion_tokens).toBe(7);
  return body.messages;
}

const OPENING = [
  { role: "system", content: "be brief" },
  { role: "user", content: "I am Ann" },
];
const NOW = { role: "user", content: "now" };

test("turns and replies stand in their order, after system and context", () =>
  expect(messages([assistant("a0"), assistant("a1")])).toEqual([
    ...OPENING,
    { role: "user", content: "u0" },
    assistant("a0"),
    { role: "user", content: "u1" },
    assistant("a1"),
    NOW,
  ]));

test("a turn that failed leaves its question without an answer", () =>
  expect(messages([undefined, assistant("a1")])).toEqual([
    ...OPENING,
    { role: "user", content: "u0" },
    { role: "user", content: "u1" },
    assistant("a1"),
    NOW,
  ]));

test("the first turn has no history", () => expect(messages([])).toEqual([...OPENING, NOW]));
