import { expect, test } from "bun:test";
import { parseProfile } from "#config";
import { AiperfError, type Session } from "#core";
import { readBodies } from "#engine";
import { renderSessions } from "../../src/cli/prepare.ts";

const SHELL = { env: {}, cwd: "/", isTerminal: false };
const plan = (line = "") =>
  parseProfile(["--model", "m", ...line.split(" ").filter(Boolean)], SHELL);

function session(changes: Partial<Session>, texts: readonly string[]): Session {
  return {
    id: "s",
    systemText: undefined,
    userContextText: undefined,
    ...changes,
    turns: texts.map((text, turn) => ({
      role: "user",
      texts: [{ name: "text", contents: [text] }],
      model: "m",
      maxTokens: 5,
      inputTokens: 10,
      delayNs: turn * 1e6,
      timestampNs: turn === 0 ? 7e6 : undefined,
    })),
  };
}

const contents = (body: unknown): unknown =>
  (body as { messages: { content: string }[] }).messages.map(({ content }) => content);

test("only turns that repeat replies wait for their turn to be made", () => {
  const { store, entries, inputs } = renderSessions(plan(), [
    session({ id: "single" }, ["a"]),
    session({ id: "live", systemText: "sys", leadTokens: 3 }, ["b", "c"]),
    session({ id: "alone", context: "none" }, ["d", "e"]),
    session({ id: "given", context: "given-replies" }, ["f", "g"]),
  ]);
  const bodies = readBodies(store);
  expect([0, 1, 2, 3, 4, 5, 6].map(bodies.isReady)).toEqual([
    true,
    true,
    false,
    true,
    true,
    true,
    true,
  ]);
  const text = (index: number) => contents(JSON.parse(Buffer.from(bodies.body(index)).toString()));
  expect(text(1)).toEqual(["sys", "b"]);
  expect(text(4)).toEqual(["e"]);
  expect(text(6)).toEqual(["f", "g"]);
  expect(bodies.session(1)).toMatchObject({ id: "live", systemText: "sys" });
  expect([bodies.id(0), bodies.id(3)]).toEqual(["single", "given"]);
  expect([bodies.delayNs(2), bodies.timestampNs(1), bodies.timestampNs(2)]).toEqual([
    1e6,
    7e6,
    NaN,
  ]);

  // The recorder counts what goes in together, and takes the rest as it was counted.
  expect(entries[0]).toEqual({ conversationId: "single", inputTokens: 10, requestedTokens: 5 });
  expect(entries[1]).toMatchObject({
    inputTokens: 13,
    repeats: true,
    texts: { lead: ["sys"], own: ["b"] },
  });
  expect(entries[2]).toMatchObject({ inputTokens: 10, texts: { lead: ["sys"], own: ["c"] } });
  expect(entries[3]).toMatchObject({ conversationId: "alone", inputTokens: 10 });
  expect(entries[3]!.repeats ?? false).toBe(false);

  // What is listed is each turn by itself: replies are not known yet.
  expect([...inputs][1]!.payloads.map(contents)).toEqual([
    ["sys", "b"],
    ["sys", "c"],
  ]);
});

test("an endpoint that cannot carry on a conversation is not asked to", () => {
  const render = () =>
    renderSessions(plan("--endpoint-type completions"), [session({}, ["a", "b"])]);
  expect(render).toThrow(AiperfError);
  expect(render).toThrow("s has 2 turns");
});
