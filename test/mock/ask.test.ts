import { expect, test } from "bun:test";
import { type AskKind, estimateTokens, readAsk } from "../../src/mock/ask.ts";

const ask = (kind: AskKind, body: unknown) => readAsk(kind, Buffer.from(JSON.stringify(body)), "m");
const MESSAGES = [{ role: "user", content: "two words" }];

test("reads what a chat request asks for", () => {
  expect(
    ask("chat", {
      model: "x",
      messages: [
        { role: "system", content: "be brief" },
        { role: "user", content: [{ type: "text", text: "hi" }, { type: "image_url" }] },
      ],
      stream: true,
      max_tokens: 9,
      max_completion_tokens: 7,
      stream_options: { include_usage: true, continuous_usage_stats: true },
    }),
  ).toEqual({
    kind: "chat",
    model: "x",
    stream: true,
    maxTokens: 7,
    promptTokens: 3,
    items: 1,
    usageAtEnd: true,
    usageInEachChunk: true,
  });
});

test("what is left out has a default", () => {
  expect(ask("chat", { messages: MESSAGES, max_tokens: null })).toEqual({
    kind: "chat",
    model: "m",
    stream: false,
    maxTokens: undefined,
    promptTokens: 2,
    items: 1,
    usageAtEnd: false,
    usageInEachChunk: false,
  });
});

test.each([
  ["a b c", 3],
  [["a b", "c"], 3],
  [[1, 2, 3, 4], 4],
  [[[1, 2], [3]], 3],
])("prompt %j has %p tokens", (prompt, promptTokens) => {
  expect(ask("completions", { prompt })).toMatchObject({ promptTokens });
});

test.each([
  ["chat", {}, "messages"],
  ["chat", { messages: [] }, "messages"],
  ["chat", { messages: ["x"] }, "messages"],
  ["chat", { messages: MESSAGES, max_tokens: 0 }, "max_tokens"],
  ["chat", { messages: MESSAGES, max_completion_tokens: 1.5 }, "max_completion_tokens"],
  ["chat", { messages: MESSAGES, stream: "yes" }, "stream"],
  ["chat", { messages: MESSAGES, model: 3 }, "model"],
  ["chat", { messages: MESSAGES, n: 2 }, "n"],
  ["completions", { prompt: {} }, "prompt"],
  ["completions", { prompt: [] }, "prompt"],
  ["chat", [], null],
  ["chat", "text", null],
] as const)("%s %j is refused over %p", (kind, body, param) => {
  expect(ask(kind, body)).toEqual({ message: expect.any(String), param });
});

test("text that is not JSON is refused", () => {
  expect(readAsk("chat", Buffer.from("{"), "m")).toMatchObject({
    message: expect.stringContaining("not JSON"),
  });
});

test.each([
  ["", 0],
  ["Hello, world!", 4],
  ["  spaces\n\tand lines ", 3],
  ["1234567", 3],
  ["antidisestablishmentarianism", 3],
  ["日本🙂", 3],
  ["the ".repeat(1000), 1000],
])("%.30j is estimated at %p tokens", (text, tokens) => {
  expect(estimateTokens(text)).toBe(tokens);
});
