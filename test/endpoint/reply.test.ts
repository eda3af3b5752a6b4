// What one JSON object of a reply says. The shapes are those that servers send, and those that
// nobody should send.

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { EndpointKind } from "#config";
import { clearFacts, emptyFacts, endpointRow, looseObject, type ReplyFacts } from "#endpoint";

/** What `json` says, without what it does not say. */
function said(kind: EndpointKind, json: object): Partial<ReplyFacts> {
  const facts = emptyFacts();
  endpointRow(kind).read(looseObject(json)!, facts);
  return Object.fromEntries(
    Object.entries(facts).filter(
      ([, value]) => value !== "" && value !== undefined && value !== false,
    ),
  );
}

const delta = (fields: object) => ({ choices: [{ index: 0, delta: fields }] });
const call = (name: unknown, args: unknown) => ({ function: { name, arguments: args } });

const CHAT: [what: string, json: object, facts: Partial<ReplyFacts>][] = [
  ["content", delta({ content: "a" }), { text: "a" }],
  ["the role alone", delta({ role: "assistant" }), {}],
  ["the role with empty content", delta({ role: "assistant", content: "" }), {}],
  ["content that is null", delta({ content: null }), {}],
  ["an empty delta", delta({}), {}],
  ["no choices", { choices: [] }, {}],
  ["a whole message", { choices: [{ message: { content: "a" } }] }, { text: "a" }],
  ["reasoning_content", delta({ reasoning_content: "r" }), { reasoning: "r" }],
  ["reasoning", delta({ reasoning: "r", content: null }), { reasoning: "r" }],
  ["both names of it", delta({ reasoning_content: "r", reasoning: "r" }), { reasoning: "r" }],
  ["reasoning and content", delta({ reasoning: "r", content: "a" }), { reasoning: "r", text: "a" }],
  ["a tool's name", delta({ tool_calls: [{ index: 0, ...call("f", "") }] }), { tool: "f" }],
  [
    "a tool's arguments",
    delta({ tool_calls: [{ index: 0, ...call(undefined, "{}") }] }),
    { tool: "{}" },
  ],
  ["two tools", delta({ tool_calls: [call("f", "1"), call("g", "2")] }), { tool: "f1g2" }],
  ["tool calls that are none", delta({ tool_calls: [null, 1, {}, { function: 3 }] }), {}],
  [
    "only the first choice",
    { choices: [{ delta: { content: "a" } }, { delta: { content: "b" } }] },
    { text: "a" },
  ],
  [
    "an error object",
    { error: { message: "no", type: "T", code: 503 } },
    { error: { code: 503, type: "T", message: "no" } },
  ],
  [
    "an error in words",
    { error: "no" },
    { error: { code: undefined, type: "ServerError", message: "no" } },
  ],
  [
    "an error without words",
    { error: { code: "x" } },
    { error: { code: undefined, type: "ServerError", message: '{"code":"x"}' } },
  ],
  ["error: null", { error: null, ...delta({ content: "a" }) }, { text: "a" }],
];
test.each(CHAT)("chat: %s", (_what, json, facts) => expect(said("chat", json)).toEqual(facts));

const COMPLETIONS: [what: string, json: object, facts: Partial<ReplyFacts>][] = [
  ["text", { choices: [{ index: 0, text: "a" }] }, { text: "a" }],
  ["empty text", { choices: [{ index: 0, text: "" }] }, {}],
  ["no choices", { choices: [] }, {}],
  ["a chat's delta", delta({ content: "a" }), {}],
  ["an error", { error: "no" }, { error: { code: undefined, type: "ServerError", message: "no" } }],
];
test.each(COMPLETIONS)("completions: %s", (_what, json, facts) =>
  expect(said("completions", json)).toEqual(facts),
);

describe("usage", () => {
  const NOTHING = {
    promptTokens: undefined,
    completionTokens: undefined,
    totalTokens: undefined,
    reasoningTokens: undefined,
    cacheReadTokens: undefined,
  };
  const CASES: [what: string, usage: unknown, read: ReplyFacts["usage"]][] = [
    ["none", undefined, undefined],
    ["null", null, undefined],
    ["empty", {}, undefined],
    ["of other fields", { cost: 1 }, undefined],
    ["a number", 7, undefined],
    [
      "OpenAI's",
      { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
      { ...NOTHING, promptTokens: 1, completionTokens: 2, totalTokens: 3 },
    ],
    [
      "zeros",
      { prompt_tokens: 0, completion_tokens: 0 },
      { ...NOTHING, promptTokens: 0, completionTokens: 0 },
    ],
    [
      "other names",
      { input_tokens: 1, output_tokens: 2 },
      { ...NOTHING, promptTokens: 1, completionTokens: 2 },
    ],
    [
      "details",
      {
        completion_tokens: 9,
        completion_tokens_details: { reasoning_tokens: 4 },
        prompt_tokens_details: { cached_tokens: 5 },
      },
      { ...NOTHING, completionTokens: 9, reasoningTokens: 4, cacheReadTokens: 5 },
    ],
    [
      "details that are null",
      { completion_tokens: 9, completion_tokens_details: null },
      { ...NOTHING, completionTokens: 9 },
    ],
    [
      "counts that are none",
      { prompt_tokens: "1", completion_tokens: Number.NaN, total_tokens: 3 },
      { ...NOTHING, totalTokens: 3 },
    ],
  ];
  test.each(CASES)("%s", (_what, usage, read) => {
    for (const kind of ["chat", "completions"] as const)
      expect(said(kind, { choices: [], usage }).usage).toEqual(read);
  });
});

test("any JSON object is read without a throw, and clearing leaves nothing of it", () => {
  const field = fc.constantFrom(
    "choices",
    "delta",
    "message",
    "content",
    "reasoning",
    "tool_calls",
    "function",
    "name",
    "arguments",
    "text",
    "usage",
    "error",
    "code",
    "type",
    "prompt_tokens",
  );
  const { node } = fc.letrec((tie) => ({
    node: fc.dictionary(
      field,
      fc.oneof(
        { depthSize: "small", withCrossShrink: true },
        fc.jsonValue({ maxDepth: 1 }),
        tie("node"),
        fc.array(tie("node"), { maxLength: 3 }),
      ),
      { maxKeys: 6 },
    ),
  }));
  fc.assert(
    fc.property(node, fc.constantFrom<EndpointKind>("chat", "completions"), (json, kind) => {
      const facts = emptyFacts();
      endpointRow(kind).read(json as Record<string, unknown>, facts);
      for (const text of [facts.text, facts.reasoning, facts.tool]) expect(text).toBeString();
      clearFacts(facts);
      expect(facts).toEqual(emptyFacts());
    }),
    { numRuns: 1000 },
  );
});
