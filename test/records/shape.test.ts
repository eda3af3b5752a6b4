import { expect, test } from "bun:test";
import fc from "fast-check";
import { emptyFacts, endpointRow } from "#endpoint";
import { shapeOf } from "../../src/records/shape.ts";

const chat = endpointRow("chat");
const completions = endpointRow("completions");

const chunk = (delta: object, rest: object = {}) =>
  Buffer.from(
    `data: ${JSON.stringify({ id: "x", object: "chat.completion.chunk", choices: [{ index: 0, delta, finish_reason: null }], ...rest })}\n\n`,
  );

test("a plain chunk has a shape, and what surrounds its text is byte for byte the chunk's", () => {
  const event = chunk({ content: " word" });
  const shape = shapeOf(event, chat)!;
  expect(`${shape.before} word${shape.after}`).toBe(event.toString());
});

test("the reply's id is where the shape says, because any other would do", () => {
  const { before, name } = shapeOf(chunk({ content: "a" }), chat)!;
  expect(before.subarray(name!.at, name!.at + name!.bytes).toString()).toBe("x");
  const withoutId = Buffer.from('data: {"choices":[{"delta":{"content":"a"}}]}\n\n');
  expect(shapeOf(withoutId, chat)).toMatchObject({ name: undefined });
});

test("completions keep their text under another key", () => {
  const event = Buffer.from(
    'data: {"object":"text_completion","choices":[{"index":0,"text":" a"}]}\n\n',
  );
  expect(shapeOf(event, completions)?.before.toString()).toEndWith('"text":"');
});

test.each([
  ["usage beside the text", chunk({ content: "a" }, { usage: { completion_tokens: 3 } })],
  ["reasoning beside the text", chunk({ content: "a", reasoning_content: "b" })],
  [
    "a tool call",
    chunk({ content: "a", tool_calls: [{ function: { name: "f", arguments: "" } }] }),
  ],
  ["no text", chunk({ role: "assistant" })],
  ["another field of the same name first", chunk({ logprobs: { content: "z" }, content: "a" })],
  ["two events", Buffer.concat([chunk({ content: "a" }), chunk({ content: "b" })])],
  [
    "an event whose name is an error's",
    Buffer.from('event: error\ndata: {"choices":[{"delta":{"content":"a"}}]}\n\n'),
  ],
  ["half an event", chunk({ content: "a" }).subarray(0, 60)],
  ["no JSON", Buffer.from('data: {"content":"a"\n\n')],
])("no shape is learnt from %s", (_, event) => {
  expect(shapeOf(event, chat)).toBeUndefined();
});

test("an event may have a name, as long as that changes nothing", () => {
  const event = `event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" a"}}\n\n`;
  const { before, after } = shapeOf(Buffer.from(event), endpointRow("messages"))!;
  expect(`${before} a${after}`).toBe(event);
});

test("whatever text stands in a shape is the text that the endpoint reads", () => {
  const shape = shapeOf(chunk({ content: "a" }), chat)!;
  fc.assert(
    fc.property(fc.string({ unit: "binary", minLength: 1 }), (text) => {
      const json = `${shape.before}${JSON.stringify(text).slice(1, -1)}${shape.after}`.slice(5);
      const facts = emptyFacts();
      chat.read(JSON.parse(json), facts);
      expect(facts.text).toBe(text);
    }),
  );
});
