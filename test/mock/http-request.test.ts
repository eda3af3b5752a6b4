import { expect, test } from "bun:test";
import fc from "fast-check";
import type { HttpFault, HttpRequest } from "../../src/mock/http-head.ts";
import { requestReader } from "../../src/mock/http-request.ts";

type Read = ReturnType<ReturnType<typeof requestReader>["take"]>;

/** Everything the reader finds in `pieces`, pushed one after the other. */
function readAll(pieces: readonly Uint8Array[]): (HttpRequest | HttpFault)[] {
  const reader = requestReader();
  const found: (HttpRequest | HttpFault)[] = [];
  for (const piece of pieces) {
    reader.push(piece);
    for (let next: Read = reader.take(); next !== undefined; next = reader.take()) {
      found.push(next);
      if ("status" in next) return found;
    }
  }
  return found;
}

const read = (text: string) => readAll([Buffer.from(text)]);

function cut(bytes: Buffer, points: readonly number[]): Buffer[] {
  const at = [0, ...points.map((p) => p % bytes.length).sort((a, b) => a - b), bytes.length];
  return at.slice(1).map((end, i) => bytes.subarray(at[i], end));
}

const THREE =
  'POST /v1/completions?x=1 HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\nX-Request-ID: r 1\r\n\r\n{"ü": 1}' +
  "POST http://a:1/b HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n4;ext=1\r\nab\r\n\r\nA\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n" +
  "GET /c HTTP/1.0\r\n\r\n";

test("three requests, however their bytes are cut", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(), { maxLength: 40 }), (points) => {
      const found = readAll(cut(Buffer.from(THREE), points)) as HttpRequest[];
      expect(
        found.map((r) => [r.method, r.path, r.body.toString(), r.keepAlive, r.chunked]),
      ).toEqual([
        ["POST", "/v1/completions", '{"ü": 1}', true, true],
        ["POST", "/b", "ab\r\n0123456789", true, true],
        ["GET", "/c", "", false, false],
      ]);
      expect(found[0]!.headers.get("x-request-id")).toBe("r 1");
    }),
  );
});

test("a long body in many pieces", () => {
  const body = Buffer.alloc(3_000_000, "x");
  const head = Buffer.from(`POST / HTTP/1.1\r\ncontent-length: ${body.length}\r\n\r\n`);
  const all = Buffer.concat([head, body]);
  const pieces = Array.from({ length: Math.ceil(all.length / 65_536) }, (_, i) =>
    all.subarray(i * 65_536, (i + 1) * 65_536),
  );
  const found = readAll(pieces) as HttpRequest[];
  expect(found.length).toBe(1);
  expect(found[0]!.body.equals(body)).toBe(true);
});

test.each([
  ["GET / HTTP/1.1\r\nConnection: close\r\n\r\n", false],
  ["GET / HTTP/1.1\r\nConnection: Keep-Alive\r\n\r\n", true],
  ["GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", true],
  ["GET / HTTP/1.1\r\n\r\n", true],
])("%j keeps the connection: %p", (text, keepAlive) => {
  expect(read(text)).toMatchObject([{ keepAlive }]);
});

test.each([
  ["nonsense\r\n\r\n", 400],
  ["GET / HTTP/1.1 x\r\n\r\n", 400],
  ["GET / HTTP/2.0\r\n\r\n", 505],
  ["GET / HTTP/1.1\r\nno colon\r\n\r\n", 400],
  ["GET / HTTP/1.1\r\nbad name: x\r\n\r\n", 400],
  ["POST / HTTP/1.1\r\ncontent-length: -1\r\n\r\n", 400],
  ["POST / HTTP/1.1\r\ncontent-length: 1e3\r\n\r\n", 400],
  ["POST / HTTP/1.1\r\ncontent-length: 99999999999\r\n\r\n", 413],
  ["POST / HTTP/1.1\r\ntransfer-encoding: gzip\r\n\r\n", 501],
  ["POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\ncontent-length: 1\r\n\r\n", 400],
  ["POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n", 400],
  ["POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n1\r\nabc", 400],
  ["POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n7fffffff\r\n", 413],
  [`GET / HTTP/1.1\r\nx: ${"y".repeat(70_000)}`, 431],
])("%.60j is refused with %p", (text, status) => {
  expect(read(text)).toMatchObject([{ status }]);
});

test("no bytes make the reader throw", () => {
  const bytes = fc.uint8Array({ maxLength: 300 });
  const nearly = fc.tuple(fc.nat(THREE.length - 1), fc.nat(255)).map(([at, byte]) => {
    const copy = Buffer.from(THREE);
    copy[at] = byte;
    return copy;
  });
  fc.assert(
    fc.property(fc.oneof(bytes, nearly), (input) => void readAll([input])),
    { numRuns: 500 },
  );
});

test("a body of two lengths is refused", () => {
  const twice = "content-length: 1\r\n".repeat(2);
  expect(read(`POST / HTTP/1.1\r\n${twice}\r\nx`)).toMatchObject([{ status: 400 }]);
});
