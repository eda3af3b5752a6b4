// Replies that a server compresses although nobody asked: the same records, and the stamps of the
// segments that brought what completes an event.

import { expect, test } from "bun:test";
import zlib from "node:zlib";
import fc from "fast-check";
import { cutAt, recorded } from "../endpoint/recorded.ts";
import { DONE, delta, FIRST_NS, feeder, STEP_NS } from "./feed.ts";

const gzip = { contentEncoding: "gzip" };

test("a stream says the same, however its compressed bytes are cut", () => {
  const { body } = recorded("vllm-chat-stream");
  const plain = feeder().feed({ pieces: [body] });
  const fed = feeder();
  const bytes = zlib.gzipSync(body);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 2, max: bytes.length }), { maxLength: 20 }), (cuts) => {
      const pieces = cutAt(bytes, cuts).filter((piece) => piece.length > 0);
      const record = fed.feed({ pieces, end: gzip });
      expect(record.error).toBeUndefined();
      expect(record.outputTokens).toBe(plain.outputTokens);
      expect(record.usage).toEqual(plain.usage);
      expect(record.contentNs).toHaveLength(plain.contentNs.length);
    }),
    { numRuns: 40 },
  );
});

test("each event has the stamp of the segment that completed it", async () => {
  const stream = zlib.createGzip();
  let piece: Buffer[] = [];
  stream.on("data", (bytes: Buffer) => piece.push(bytes));
  const pieces: Buffer[] = [];
  for (const text of ["a", "b", "c"]) {
    piece = [];
    stream.write(delta({ content: text }));
    await new Promise<void>((done) => stream.flush(zlib.constants.Z_SYNC_FLUSH, () => done()));
    await Bun.sleep(1);
    pieces.push(Buffer.concat(piece));
  }
  stream.end(DONE);
  const record = feeder().feed({ pieces, end: gzip });
  expect([...record.contentNs]).toEqual([0, 1, 2].map((at) => FIRST_NS + at * STEP_NS));
  expect(record.outputTokens).toBe(3);
});

test("a stream that inflates to much more than came is read in pieces", () => {
  const text = "word ".repeat(40_000);
  const body = zlib.gzipSync(delta({ content: text }) + DONE);
  expect(feeder().feed({ pieces: [body], end: gzip }).outputTokens).toBe(text.length);
});

test("a stream that breaks is an error, and the next one is not", () => {
  const fed = feeder();
  const body = zlib.gzipSync(delta({ content: "hello" }).repeat(50) + DONE);
  const broken = Buffer.from(body);
  broken.fill(0xff, 20, 40);
  expect(fed.feed({ pieces: [broken], end: gzip }).error?.type).toBe("MalformedReply");
  expect(fed.feed({ pieces: [body], end: gzip }).error).toBeUndefined();
});

test.each([
  ["gzip", zlib.gzipSync],
  ["deflate", zlib.deflateSync],
  ["br", zlib.brotliCompressSync],
  ["zstd", zlib.zstdCompressSync],
])("a whole reply in %s is read", (contentEncoding, compress) => {
  const { body } = recorded("vllm-chat-nonstream");
  const fed = feeder({ streaming: false });
  const end = { contentType: "application/json" };
  const plain = fed.feed({ pieces: [body], end });
  const record = fed.feed({ pieces: [compress(body)], end: { ...end, contentEncoding } });
  expect(record).toEqual(plain);
});

test("and so are the words of an error", () => {
  const body = zlib.gzipSync("the model is away");
  const end = { ...gzip, status: 503, reason: "Busy", contentType: "text/plain" };
  expect(feeder().feed({ pieces: [body], end }).error).toEqual({
    code: 503,
    type: "Busy",
    message: "the model is away",
  });
});
