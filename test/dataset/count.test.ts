import { expect, test } from "bun:test";
import type { Json } from "#core";
import { textsOf } from "../../src/dataset/count.ts";
import { turnOf } from "../endpoint/make.ts";

const TOOL = { name: "f" };
const parts = [{ type: "text", text: "a" }, { type: "image_url" }, { type: "text", text: "b" }];

test.each([
  [
    "a chat",
    {
      messages: [
        { role: "user", content: "a" },
        { role: "user", content: parts },
      ],
    },
    ["a", "a", "b"],
  ],
  ["messages with a system text", { system: "s", messages: [{ content: "a" }] }, ["s", "a"]],
  ["blocks of a system text", { system: [{ type: "text", text: "s" }], messages: [] }, ["s"]],
  ["a completion", { prompt: ["a", "b"] }, ["a", "b"]],
  ["token ids", { prompt: [1, 2] }, []],
  [
    "a response's items",
    { instructions: "s", input: [{ type: "message", content: parts }] },
    ["s", "a", "b"],
  ],
  ["embeddings", { input: ["a"] }, ["a"]],
  ["Hugging Face's", { inputs: "a" }, ["a"]],
  ["one ranking", { query: "q", documents: ["a", "b"] }, ["q", "a", "b"]],
  ["another", { query: { text: "q" }, passages: [{ text: "a" }] }, ["q", "a"]],
  ["tools", { messages: [{ content: "a" }], tools: [TOOL] }, ["a", '{"name":"f"}']],
  ["no body", [1], []],
] as [string, Json, string[]][])("the texts of %s", (_what, payload, texts) =>
  expect(textsOf(turnOf([], { payload }))).toEqual(texts),
);

test("a turn's own texts, or the messages in their place, and its tools", () => {
  expect(textsOf(turnOf(["a", "", "b"], { tools: [TOOL] }))).toEqual(["a", "b", '{"name":"f"}']);
  expect(textsOf(turnOf(["a"], { messages: [{ content: "c" }] }))).toEqual(["c"]);
});
