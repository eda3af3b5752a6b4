import { describe, expect, test } from "bun:test";
import zlib from "node:zlib";
import { endpointRow, ReplyListener } from "#endpoint";

const DELTAS = {
  role: { role: "assistant", content: "" },
  hel: { content: "hel" },
  lo: { content: "lo" },
  think: { reasoning_content: "hm" },
  both: { content: "x", reasoning_content: "y" },
};

function listen(deltas: readonly object[], cut = 1000): ReplyListener {
  const listener = new ReplyListener(endpointRow("chat"));
  const text = deltas
    .map((delta) => `data: ${JSON.stringify({ choices: [{ delta }] })}\n\n`)
    .join("")
    .concat("data: [DONE]\n\n");
  for (let at = 0; at < text.length; at += cut)
    listener.events(Buffer.from(text.slice(at, at + cut)));
  listener.finish();
  return listener;
}

describe("content", () => {
  const begun = (deltas: readonly object[]) => listen(deltas).hasContent;
  test("begins with text, reasoning or a tool call, not with a role", () => {
    expect(begun([DELTAS.role])).toBe(false);
    expect(begun([DELTAS.role, DELTAS.hel])).toBe(true);
    expect(begun([DELTAS.think])).toBe(true);
    expect(begun([{ tool_calls: [{ index: 0, function: { name: "f" } }] }])).toBe(true);
  });

  test("is seen in the midst of the stream", () => {
    const listener = new ReplyListener(endpointRow("chat"));
    listener.events(Buffer.from('data: {"choices":[{"delta":{"role":"assistant"}}]}\n\nda'));
    expect(listener.hasContent).toBe(false);
    listener.events(Buffer.from('ta: {"choices":[{"delta":{"content":"x"}}]}\n\n'));
    expect(listener.hasContent).toBe(true);
    listener.reset();
    expect(listener.hasContent).toBe(false);
  });
});

describe("the message that a reply becomes", () => {
  const message = (deltas: readonly object[]) => listen(deltas).memory.message();
  test.each([1, 2, 7, 1000])("is its text, in pieces of %i bytes", (cut) => {
    const { memory } = listen([DELTAS.role, DELTAS.hel, DELTAS.lo], cut);
    expect(memory.message()).toEqual({ role: "assistant", content: "hello" });
    expect(memory.text()).toBe("hello");
  });

  test("has the reasoning of chunks that have nothing else", () => {
    expect(message([DELTAS.think, DELTAS.both, DELTAS.lo])).toEqual({
      role: "assistant",
      content: "hmxlo",
    });
  });

  test("has tool calls put together by their index, and then no reasoning", () => {
    const { memory } = listen([
      DELTAS.think,
      {
        tool_calls: [
          { index: 0, id: "a", type: "function", function: { name: "f", arguments: "" } },
        ],
      },
      { tool_calls: [{ index: 0, function: { arguments: '{"x"' } }] },
      { tool_calls: [{ index: 1, id: "b", function: { name: "g", arguments: "{}" } }] },
      { tool_calls: [{ index: 0, function: { arguments: ":1}" } }] },
      { tool_calls: [{ index: 1_000_000, id: "c" }] },
    ]);
    expect(memory.message()).toEqual({
      role: "assistant",
      content: null,
      tool_calls: [
        { id: "a", type: "function", function: { name: "f", arguments: '{"x":1}' } },
        { id: "b", type: "function", function: { name: "g", arguments: "{}" } },
      ],
    });
    expect(memory.text()).toBe("");
  });

  test("is none when nothing was said", () => {
    expect(message([DELTAS.role])).toBeUndefined();
    expect(message([])).toBeUndefined();
  });

  test("of a whole reply is read at its end", () => {
    const listener = new ReplyListener(endpointRow("chat"));
    const body = JSON.stringify({ choices: [{ message: { role: "assistant", content: "hé" } }] });
    for (const byte of Buffer.from(body)) listener.piece(Buffer.from([byte]));
    expect(listener.hasContent).toBe(false);
    listener.finish();
    expect(listener.memory.message()).toEqual({ role: "assistant", content: "hé" });
  });

  test.each([
    ["gzip", zlib.gzipSync],
    ["deflate", zlib.deflateSync],
    ["br", zlib.brotliCompressSync],
    ["zstd", zlib.zstdCompressSync],
  ])("is read through %s, streamed and whole", (_, compress) => {
    const listener = new ReplyListener(endpointRow("chat"));
    const said = { choices: [{ delta: { content: "hé" } }] };
    const stream = compress(Buffer.from(`data: ${JSON.stringify(said)}\n\n`.repeat(2)));
    listener.events(stream.subarray(0, 12));
    listener.events(stream.subarray(12));
    listener.finish();
    expect(listener.memory.text()).toBe("héhé");
    listener.reset();
    listener.piece(compress(Buffer.from(JSON.stringify(said))));
    listener.finish();
    expect(listener.memory.text()).toBe("hé");
  });

  test("survives what is not JSON", () => {
    const listener = new ReplyListener(endpointRow("chat"));
    listener.events(Buffer.from("data: {oops\n\ndata: 3\n\n"));
    listener.finish();
    expect(listener.memory.message()).toBeUndefined();
  });
});
