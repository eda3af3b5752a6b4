// Replies that a server compresses although nobody asked: the same records, and the stamps of the
// segments that brought what completes an event.

import { expect, test } from "bun:test";
import zlib from "node:zlib";
import fc from "fast-check";
import { compressionOf } from "#endpoint";
import { cutAt, recorded } from "../endpoint/recorded.ts";
import { DONE, delta, FIRST_NS, feeder, STEP_NS } from "./feed.ts";

const gzip = { contentEncoding: "gzip" };
const { Z_SYNC_FLUSH, BROTLI_OPERATION_FLUSH, ZSTD_e_flush } = zlib.constants;

const KINDS = [
  ["gzip", zlib.gzipSync, zlib.createGzip, Z_SYNC_FLUSH],
  ["deflate", zlib.deflateSync, zlib.createDeflate, Z_SYNC_FLUSH],
  ["br", zlib.brotliCompressSync, zlib.createBrotliCompress, BROTLI_OPERATION_FLUSH],
  ["zstd", zlib.zstdCompressSync, zlib.createZstdCompress, ZSTD_e_flush],
] as const;

test.each(KINDS)("%s: a stream says the same, however its bytes are cut", (encoding, compress) => {
  const { body } = recorded("vllm-chat-stream");
  const plain = feeder().feed({ pieces: [body] });
  const fed = feeder();
  const bytes = compress(body);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 4, max: bytes.length }), { maxLength: 20 }), (cuts) => {
      const pieces = cutAt(bytes, cuts).filter((piece) => piece.length > 0);
      const record = fed.feed({ pieces, end: { contentEncoding: encoding } });
      expect(record.error).toBeUndefined();
      expect(record.outputTokens).toBe(plain.outputTokens);
      expect(record.usage).toEqual(plain.usage);
      expect(record.contentNs).toHaveLength(plain.contentNs.length);
    }),
    { numRuns: 40 },
  );
});

test.each(KINDS)(
  "%s: each event has the stamp of the segment that completed it",
  async (...row) => {
    const [encoding, , open, flush] = row;
    const stream = open();
    let piece: Buffer[] = [];
    stream.on("data", (bytes: Buffer) => piece.push(bytes));
    const pieces: Buffer[] = [];
    for (const text of ["a", "b", "c"]) {
      piece = [];
      stream.write(delta({ content: text }));
      await new Promise<void>((done) => stream.flush(flush, () => done()));
      while (piece.length === 0) await Bun.sleep(1);
      await Bun.sleep(1);
      pieces.push(Buffer.concat(piece));
    }
    stream.end(DONE);
    const record = feeder().feed({ pieces, end: { contentEncoding: encoding } });
    expect([...record.contentNs]).toEqual([0, 1, 2].map((at) => FIRST_NS + at * STEP_NS));
    expect(record.outputTokens).toBe(3);
  },
);

test("a stream in a compression that nobody knows says what to do", () => {
  const odd = Buffer.from("1f9d90749ac6f0618306", "hex");
  const end = { contentEncoding: "compress" };
  const { error } = feeder().feed({ pieces: [odd, odd], end });
  expect(error?.type).toBe("CompressedReply");
  expect(error?.message).toContain("turn compression off");
});

test.each([
  ["an event", "data: [DONE]\n\n"],
  ["a comment", ": ping\n\n"],
  ["no JSON at all", "data: 副\u00e9\n\n"],
  ["a byte order mark", "\ufeffdata: x\n\n"],
  ["JSON", '{"a":"副"}'],
  ["half of a character", Buffer.from("data:é").subarray(0, 6)],
  ["nothing", ""],
])("a text is taken for no compression: %s", (_, text) => {
  const bytes = Buffer.from(text as string);
  expect(compressionOf(bytes, 0)).toBeUndefined();
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

test.each(KINDS)("a whole reply in %s is read", (contentEncoding, compress) => {
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
