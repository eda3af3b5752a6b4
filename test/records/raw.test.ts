import { expect, test } from "bun:test";
import zlib from "node:zlib";
import { rawKeeper } from "#records";
import { FRAME_BODY, FRAME_END, FRAME_EVENTS, FRAME_SENT, type Frame } from "#ring";

function frame(kind: number, slot: number, stampNs: number, text: string | Buffer): Frame {
  const bytes = Buffer.concat([Buffer.from("xx"), Buffer.from(text as string), Buffer.from("yy")]);
  return { kind, slot, stampNs, bytes, start: 2, end: bytes.length - 2 };
}

test("every event has the time at which it was whole, the last one without its end too", () => {
  const keeper = rawKeeper();
  keeper.take(frame(FRAME_SENT, 3, 5, '{"a":1}'));
  keeper.take(frame(FRAME_EVENTS, 3, 10, "data: one\n\ndata: tw"));
  keeper.take(frame(FRAME_EVENTS, 3, 20, "o\n\nevent: error\ndata: no\n\n"));
  keeper.take(frame(FRAME_EVENTS, 3, 30, "data: [DONE]"));
  expect(keeper.release(3)).toEqual({
    body: '{"a":1}',
    responses: [
      { stampNs: 10, packets: [{ name: "data", value: "one" }], text: "" },
      { stampNs: 20, packets: [{ name: "data", value: "two" }], text: "" },
      {
        stampNs: 20,
        packets: [
          { name: "event", value: "error" },
          { name: "data", value: "no" },
        ],
        text: "",
      },
      { stampNs: 30, packets: [{ name: "data", value: "[DONE]" }], text: "" },
    ],
  });
});

test("slots do not mix, and what was released is gone", () => {
  const keeper = rawKeeper();
  const body = frame(FRAME_BODY, 0, 10, '{"x":"ü');
  keeper.take(body);
  keeper.take(frame(FRAME_EVENTS, 1, 15, "data: other\n\n"));
  // The ring writes over what was read.
  body.bytes.fill(0);
  keeper.take(frame(FRAME_BODY, 0, 20, '"}'));
  keeper.take(frame(FRAME_END, 0, 20, ""));
  expect(keeper.release(0)).toEqual({
    body: undefined,
    responses: [{ stampNs: 20, packets: undefined, text: '{"x":"ü"}' }],
  });
  expect(keeper.release(0)).toEqual({ body: undefined, responses: [] });
  expect(keeper.release(1).responses.length).toBe(1);
  expect(keeper.release(9).responses).toEqual([]);
});

test.each([
  ["gzip", zlib.gzipSync],
  ["br", zlib.brotliCompressSync],
  ["zstd", zlib.zstdCompressSync],
])("what came in %s is kept as what it says", (_, compress) => {
  const keeper = rawKeeper();
  const bytes = compress(Buffer.from("data: one\n\ndata: [DONE]\n\n"));
  for (const slot of [0, 1]) {
    keeper.take(frame(FRAME_EVENTS, 0, 10 + slot, bytes.subarray(0, 10)));
    keeper.take(frame(FRAME_EVENTS, 0, 20 + slot, bytes.subarray(10)));
    const { responses } = keeper.release(0);
    expect(responses.map(({ packets }) => packets?.[0]?.value)).toEqual(["one", "[DONE]"]);
  }
  keeper.take(frame(FRAME_BODY, 0, 30, compress(Buffer.from('{"a":1}'))));
  expect(keeper.release(0).responses[0]?.text).toBe('{"a":1}');
});
