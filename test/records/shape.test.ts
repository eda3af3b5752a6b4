import { expect, test } from "bun:test";
import fc from "fast-check";
import { emptyFacts, endpointRow } from "#endpoint";
import { HOLES_MAX } from "#ffi";
import { type Shape, shapeOf } from "../../src/records/shape.ts";

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

/** What stands in the holes of a shape, with what it means. */
function holesOf({ before, after, holes, meaning }: Shape) {
  const around = Buffer.concat([before, after]);
  const fields = new Map(meaning.counts.map(({ field, hole }) => [hole, field]));
  return holes.map(({ at, bytes }, index) => {
    const filling = around.subarray(at, at + bytes).toString();
    const field = fields.get(index);
    return field === undefined ? filling : `${filling} ${field}`;
  });
}

test("the reply's id and numbers that mean nothing are holes, because any others would do", () => {
  const event = chunk({ content: "é" }, { created: 1795520587, note: "é", score: -0.5 });
  expect(holesOf(shapeOf(event, chat)!)).toEqual(["x", "0", "1795520587", "-0.5"]);
  const plain = Buffer.from('data: {"choices":[{"delta":{"content":"a"}}]}\n\n');
  expect(shapeOf(plain, chat)).toMatchObject({ holes: [] });
});

test("counts of tokens are known by the holes that they fill", () => {
  const usage = { prompt_tokens: 3, completion_tokens: 3, total_tokens: 6, queue_time: 3 };
  const shape = shapeOf(chunk({ content: "a" }, { usage }), chat)!;
  expect(holesOf(shape)).toEqual([
    "x",
    "0",
    "3 promptTokens",
    "3 completionTokens",
    "6 totalTokens",
    "3",
  ]);
  expect(shape.meaning.usage).toMatchObject({ promptTokens: 3, totalTokens: 6 });
});

test("a count that is a sum of two is left to the parser, and so are more holes than there may be", () => {
  const usage = { input_tokens: 3, cache_read_input_tokens: 3, output_tokens: 1 };
  expect(shapeOf(chunk({ content: "a" }, { usage }), chat)).toMatchObject({ holes: [] });
  const many = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`n${i}`, i]));
  const { holes } = shapeOf(chunk({ content: "a" }, many), chat)!;
  expect(holes).toHaveLength(HOLES_MAX);
});

test.each([
  ["reasoning", chat, chunk({ content: null, reasoning_content: "a" })],
  ["reasoning", chat, chunk({ reasoning: "a" })],
  ["tool", chat, chunk({ tool_calls: [{ index: 0, function: { arguments: "a" } }] })],
  [
    "text",
    endpointRow("responses"),
    Buffer.from(
      'event: response.output_text.delta\ndata: {"delta":"a","item_id":"m_1","sequence_number":7,"type":"response.output_text.delta"}\n\n',
    ),
  ],
  [
    "tool",
    endpointRow("messages"),
    Buffer.from(
      'data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"a"}}\n\n',
    ),
  ],
  [
    "text",
    endpointRow("huggingface-generate"),
    Buffer.from(
      'data: {"index":4,"token":{"id":7,"text":"a","logprob":-1.25,"special":false},"generated_text":null}\n\n',
    ),
  ],
] as const)("%s is taken as such", (fact, row, event) => {
  expect(shapeOf(event, row)?.meaning).toEqual({ fact, usage: undefined, counts: [] });
});

test("completions keep their text under another key", () => {
  const event = Buffer.from(
    'data: {"object":"text_completion","choices":[{"index":0,"text":" a"}]}\n\n',
  );
  expect(shapeOf(event, completions)?.before.toString()).toEndWith('"text":"');
});

test.each([
  ["the name of a tool", chunk({ tool_calls: [{ function: { name: "f", arguments: "a" } }] })],
  [
    "an account of speculative decoding",
    chunk(
      { content: "a" },
      {
        metrics: {
          speculative_decoding: {
            num_spec_steps: 2,
            num_draft_tokens: 2,
            num_accepted_draft_tokens: 1,
          },
        },
      },
    ),
  ],
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
