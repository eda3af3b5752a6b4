// HTTP/1.1 replies as servers send them, cut wherever a network may cut them, and what is none.

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type ReplyHead, ReplyReader } from "#engine";
import { CHAT_STREAMS, COMPLETIONS_STREAMS, cutAt, recorded } from "../endpoint/recorded.ts";

const OK = "HTTP/1.1 200 OK\r\n";

/** What a connection's bytes amount to: heads, joined body bytes, and how it ended. */
function read(...pieces: (string | Buffer)[]) {
  const reader = new ReplyReader();
  const heads: ReplyHead[] = [];
  let body = "";
  let state = "more";
  for (const piece of pieces) {
    if (state !== "more") break;
    state = reader.feed(Buffer.from(piece as string, "latin1"), {
      head: (head) => heads.push(head),
      body: (bytes, start, end) => {
        expect(end).toBeGreaterThan(start);
        body += bytes.toString("latin1", start, end);
      },
    });
  }
  const { begun, defect, keepAlive, surplusBytes } = reader;
  const closed = state === "more" && reader.closed();
  return { heads, body, state, begun, defect, keepAlive, surplusBytes, closed };
}

describe("where a body ends", () => {
  const DONE: [what: string, wire: string, body: string, keepAlive: boolean][] = [
    ["after its length", `${OK}Content-Length: 5\r\n\r\nhello`, "hello", true],
    ["at once, when it is empty", `${OK}content-length:0\r\n\r\n`, "", true],
    [
      "after a repeated length",
      `${OK}Content-Length: 2, 2\r\nContent-Length: 2\r\n\r\nok`,
      "ok",
      true,
    ],
    [
      "after the last chunk",
      `${OK}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n`,
      "abcde",
      true,
    ],
    [
      "in upper-case hexadecimal",
      `${OK}Transfer-Encoding: Chunked\r\n\r\nA\r\n0123456789\r\n0\r\n\r\n`,
      "0123456789",
      true,
    ],
    [
      "with zeros before the size",
      `${OK}Transfer-Encoding: chunked\r\n\r\n0000000000000002\r\nab\r\n000\r\n\r\n`,
      "ab",
      true,
    ],
    [
      "with chunk extensions",
      `${OK}Transfer-Encoding: chunked\r\n\r\n2;a=b\r\nab\r\n1 ; c="d e"\r\nc\r\n0;x\r\n\r\n`,
      "abc",
      true,
    ],
    [
      "with trailers",
      `${OK}Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX: 1\r\nY: 2\r\n\r\n`,
      "a",
      true,
    ],
    [
      "in chunks although there is a length",
      `${OK}Content-Length: 99\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n`,
      "a",
      true,
    ],
    [
      "with lines that end in LF alone",
      "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n1\na\n0\n\n",
      "a",
      true,
    ],
    [
      "with mixed line ends in the head",
      "HTTP/1.1 200 OK\nContent-Length: 4\n\r\n\r\n\r\n",
      "\r\n\r\n",
      true,
    ],
    ["at once, at 204", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", "", true],
    ["at once, at 304", "HTTP/1.1 304 Not Modified\r\n\r\n", "", true],
    [
      "after interim replies",
      `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n${OK}Content-Length: 1\r\n\r\na`,
      "a",
      true,
    ],
    [
      "when the server then closes",
      `${OK}Connection: close\r\nContent-Length: 1\r\n\r\na`,
      "a",
      false,
    ],
    [
      "when it closes, among others",
      `${OK}Connection: foo, Close\r\nContent-Length: 1\r\n\r\na`,
      "a",
      false,
    ],
    ["in HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na", "a", false],
    [
      "in HTTP/1.0 that stays open",
      "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\na",
      "a",
      true,
    ],
    ["before a surplus", `${OK}Content-Length: 1\r\n\r\nabc`, "a", false],
    [
      "before a surplus of chunks",
      `${OK}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nHTTP`,
      "",
      false,
    ],
  ];
  test.each(DONE)("%s", (_what, wire, body, keepAlive) => {
    const whole = read(wire);
    expect(whole).toMatchObject({ state: "done", body, keepAlive, defect: "", begun: false });
    const bytes = Buffer.from(wire, "latin1");
    const singly = read(...[...bytes].map((value) => Buffer.from([value])));
    expect({ ...singly, surplusBytes: 0, keepAlive }).toEqual({ ...whole, surplusBytes: 0 });
  });

  const TO_CLOSE: [what: string, wire: string, body: string][] = [
    ["no length", `${OK}\r\nabc`, "abc"],
    ["no length and no body", `${OK}\r\n`, ""],
    [
      "a coding that is not chunked",
      `${OK}Transfer-Encoding: gzip\r\nContent-Length: 1\r\n\r\nabc`,
      "abc",
    ],
  ];
  test.each(TO_CLOSE)("where the connection does: %s", (_what, wire, body) =>
    expect(read(wire)).toMatchObject({ state: "more", closed: true, keepAlive: false, body }),
  );

  const CUT: [what: string, wire: string, body: string, begun: boolean][] = [
    ["before anything came", "", "", false],
    ["in the status line", "HTTP/1.", "", true],
    ["in the head", `${OK}Content-`, "", true],
    ["after an interim reply", "HTTP/1.1 100 Continue\r\n\r\n", "", false],
    ["in the body", `${OK}Content-Length: 5\r\n\r\nhel`, "hel", true],
    ["in a chunk's size", `${OK}Transfer-Encoding: chunked\r\n\r\n1`, "", true],
    ["in a chunk", `${OK}Transfer-Encoding: chunked\r\n\r\n5\r\nhel`, "hel", true],
    ["before the last chunk", `${OK}Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n`, "a", true],
    ["in the trailers", `${OK}Transfer-Encoding: chunked\r\n\r\n0\r\nX: 1\r\n`, "", true],
  ];
  test.each(CUT)("not where it is cut off: %s", (_what, wire, body, begun) =>
    expect(read(wire)).toMatchObject({ state: "more", closed: false, body, begun }),
  );
});

test("a connection carries one reply after the other", () => {
  const reader = new ReplyReader();
  const statuses: number[] = [];
  const sink = { head: ({ status }: ReplyHead) => statuses.push(status), body: () => {} };
  for (const head of [
    `${OK}Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n`,
    "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno",
    `${OK}Connection: close\r\n\r\n`,
  ]) {
    const state = reader.feed(Buffer.from(head), sink);
    expect(state).toBe(head.includes("close") ? "more" : "done");
    expect(reader.begun).toBe(state === "more");
  }
  expect(reader.closed()).toBe(true);
  expect(statuses).toEqual([200, 404, 200]);
});

test("a head tells what a record needs", () => {
  const { heads } = read(
    "HTTP/1.1 429 Too Many  Requests \r\nCONTENT-TYPE:\tText/Event-Stream; charset=UTF-8\r\nContent-Encoding : GZIP\r\nX-Odd\r\nContent-Length: 0\r\n\r\n",
  );
  expect(heads).toEqual([
    {
      status: 429,
      reason: "Too Many  Requests ",
      contentType: "text/event-stream; charset=utf-8",
      contentEncoding: "gzip",
      headers:
        "CONTENT-TYPE:\tText/Event-Stream; charset=UTF-8\r\nContent-Encoding : GZIP\r\nX-Odd\r\nContent-Length: 0",
    },
  ]);
  expect(read("HTTP/1.1 200\r\n\r\n").heads[0]).toMatchObject({ status: 200, reason: "" });
  expect(read(`${OK}Transfer-Encoding: gzip, chunked\r\n\r\n`).heads[0]).toMatchObject({
    contentEncoding: "gzip",
  });
});

const MALFORMED: [what: string, wire: string, defect: RegExp][] = [
  ["another protocol", "SSH-2.0-OpenSSH_9.6\r\n", /does not begin with HTTP/],
  ["HTML without a head", "<html>\r\n\r\n</html>", /does not begin with HTTP/],
  ["HTTP/2", "HTTP/2 200\r\n\r\n", /does not begin with HTTP/],
  ["a TLS alert", "\x15\x03\x01\x00\x02\x02\x46", /does not begin with HTTP/],
  ["a status that is no number", "HTTP/1.1 abc OK\r\n\r\n", /does not begin with HTTP/],
  ["a switch of protocols", "HTTP/1.1 101 Switching\r\n\r\n", /another protocol/],
  ["a length that is no number", `${OK}Content-Length: five\r\n\r\n`, /content-length is not/],
  ["a negative length", `${OK}Content-Length: -1\r\n\r\n`, /content-length is not/],
  [
    "a length beyond numbers",
    `${OK}Content-Length: 99999999999999999999\r\n\r\n`,
    /content-length is not/,
  ],
  ["two lengths", `${OK}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`, /two different/],
  ["two lengths in one line", `${OK}Content-Length: 1, 2\r\n\r\n`, /content-length is not/],
  ["a chunk without a size", `${OK}Transfer-Encoding: chunked\r\n\r\n\r\n`, /begin with its size/],
  [
    "a size that is no number",
    `${OK}Transfer-Encoding: chunked\r\n\r\nxyz\r\n`,
    /begin with its size/,
  ],
  [
    "a size beyond numbers",
    `${OK}Transfer-Encoding: chunked\r\n\r\nfffffffffffff\r\n`,
    /begin with its size/,
  ],
  [
    "a chunk longer than its size",
    `${OK}Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n`,
    /longer than it said/,
  ],
  ["an endless head", `${OK}X: ${"x".repeat(300_000)}`, /head does not end/],
  [
    "an endless size line",
    `${OK}Transfer-Encoding: chunked\r\n\r\n1;${"x".repeat(20_000)}`,
    /does not end/,
  ],
  [
    "an endless trailer",
    `${OK}Transfer-Encoding: chunked\r\n\r\n0\r\nX: ${"x".repeat(20_000)}`,
    /does not end/,
  ],
];
test.each(MALFORMED)("refused: %s", (_what, wire, defect) => {
  const whole = read(wire);
  expect(whole.state).toBe("malformed");
  expect(whole.defect).toMatch(defect);
  expect(read(...cutAt(Buffer.from(wire, "latin1"), [3, 17, 60, 5000]))).toMatchObject({
    state: "malformed",
    defect: whole.defect,
  });
});

test("a long head that comes byte by byte costs time in proportion", () => {
  const reader = new ReplyReader();
  const sink = { head: () => {}, body: () => {} };
  reader.feed(Buffer.from(OK), sink);
  const one = Buffer.from("x");
  let state = "more";
  for (let i = 0; state === "more"; i++) {
    state = reader.feed(one, sink);
    expect(i).toBeLessThan(300_000);
  }
  expect(reader.defect).toMatch(/head does not end/);
});

/** The reply in chunks of these sizes, repeated as needed; 0 as the first makes it a length. */
function onTheWire(head: string, body: Buffer, sizes: readonly number[]): Buffer {
  const plain = head.replace(/^(transfer-encoding|content-length): .*\r\n/gim, "").slice(0, -2);
  if (sizes[0] === 0)
    return Buffer.concat([Buffer.from(`${plain}content-length: ${body.length}\r\n\r\n`), body]);
  const parts: Uint8Array[] = [Buffer.from(`${plain}transfer-encoding: chunked\r\n\r\n`)];
  for (let at = 0, i = 0; at < body.length; i++) {
    const piece = body.subarray(at, at + (sizes[i % sizes.length] || 1));
    parts.push(Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from("\r\n"));
    at += piece.length;
  }
  return Buffer.concat([...parts, Buffer.from("0\r\n\r\n")]);
}

test.each([
  ...CHAT_STREAMS,
  ...COMPLETIONS_STREAMS,
  "vllm-chat-nonstream",
  "vllm-error-400-context",
])("%s, in any chunks and any segments", (name) => {
  const { head, body, status, contentType } = recorded(name);
  const sizes = fc.array(fc.nat(600), { minLength: 1, maxLength: 5 });
  const cuts = fc.array(fc.nat(10_000), { maxLength: 30 });
  fc.assert(
    fc.property(sizes, cuts, (sizes, cuts) => {
      const reply = read(...cutAt(onTheWire(head, body, sizes), cuts).filter((p) => p.length > 0));
      expect(reply).toMatchObject({ state: "done", keepAlive: true, surplusBytes: 0 });
      expect(reply.heads).toMatchObject([{ status, contentType }]);
      expect(Buffer.from(reply.body, "latin1").equals(body)).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test("whatever comes, reading ends, and no byte of a body is told twice", () => {
  const token = fc.oneof(
    fc.constantFrom(
      "HTTP/1.1 200 OK",
      "\r\n",
      "\n",
      "\r",
      "Content-Length: 3",
      "Transfer-Encoding: chunked",
      "a",
      "5;x",
      "0",
      ":",
      "Connection: close",
      "HTTP/1.1 100 C\r\n\r\n",
    ),
    fc.string({ maxLength: 20 }),
  );
  const tokens = fc.array(token, { maxLength: 30 }).map((parts) => parts.join(""));
  const headed = tokens.map((text) => `${OK}Transfer-Encoding: chunked\r\n\r\n${text}`);
  fc.assert(
    fc.property(fc.oneof(tokens, headed), fc.array(fc.nat(400), { maxLength: 8 }), (wire, cuts) => {
      const bytes = Buffer.from(wire, "utf8");
      const whole = read(bytes);
      expect(whole.body.length).toBeLessThanOrEqual(bytes.length);
      const pieces = read(...cutAt(bytes, cuts));
      expect(pieces.body).toBe(whole.body);
      expect(pieces.heads).toEqual(whole.heads);
      expect(pieces.state).toBe(whole.state);
    }),
    { numRuns: 3000 },
  );
});
