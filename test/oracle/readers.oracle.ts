// The readers of what a network brings, fed with what no server should send: recorded replies with
// bytes changed, doubled, dropped and moved, in pieces of any size. Nothing may throw or hang, and
// where the pieces were cut must not matter.
//   bun test ./test/oracle/readers.oracle.ts          200,000 inputs
//   INPUTS=5000000 bun test ./test/oracle/readers.oracle.ts

import { expect, test } from "bun:test";
import type { EndpointKind } from "#config";
import { integerBelow, type Rng, rngStream } from "#core";
import { endpointRow, SseReader } from "#endpoint";
import { segmentMemory } from "#ffi";
import { ReplyReader } from "../../src/engine/http1.ts";
import { Reply } from "../../src/records/reply.ts";
import { CHAT_STREAMS, COMPLETIONS_STREAMS, recorded } from "../endpoint/recorded.ts";

const INPUTS = Number(process.env.INPUTS ?? 200_000);
const BATCH = 1000;
const SEED = Number(process.env.SEED ?? 1);

const STREAMS: readonly (readonly [EndpointKind, Buffer])[] = [
  ...CHAT_STREAMS.map((name) => ["chat", recorded(name).body] as const),
  ...COMPLETIONS_STREAMS.map((name) => ["completions", recorded(name).body] as const),
  ["responses", recorded("vllm-responses-stream").body],
  ["messages", recorded("vllm-messages-stream").body],
];
const ODD = [
  "\n",
  "\r",
  "\r\n",
  "\n\n",
  "data:",
  "event: error\n",
  ": \n",
  '"',
  "\\",
  "{",
  "\0",
  "\xff",
  "[DONE]",
  "0\r\n\r\n",
  "ffffffff\r\n",
  "HTTP/1.1 200 OK\r\n",
];

/** A recorded text with some of its bytes not as they were. */
function mutated(source: Buffer, rng: Rng): Buffer {
  const start = integerBelow(rng, source.length);
  let bytes = source.subarray(start, start + 1 + integerBelow(rng, 1500));
  for (let edits = 1 + integerBelow(rng, 4); edits > 0; edits--) {
    const at = integerBelow(rng, bytes.length + 1);
    const to = Math.min(bytes.length, at + integerBelow(rng, 40));
    const odd = Buffer.from(ODD[integerBelow(rng, ODD.length)]!, "latin1");
    const middle = [odd, bytes.subarray(at, to), Buffer.alloc(0)][integerBelow(rng, 3)]!;
    bytes = Buffer.concat([
      bytes.subarray(0, at),
      middle,
      bytes.subarray(integerBelow(rng, 2) === 0 ? at : to),
    ]);
  }
  return bytes;
}

function pieces(bytes: Buffer, rng: Rng): Buffer[] {
  const all: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const size = 1 + integerBelow(rng, integerBelow(rng, 2) === 0 ? 8 : 400);
    all.push(bytes.subarray(at, at + size));
    at += size;
  }
  return all;
}

/** Calls `check` with many inputs, a batch at a time, and fails at one that takes too long. */
function inBatches(name: string, check: (rng: Rng) => void): void {
  for (let batch = 0; batch * BATCH < INPUTS; batch++) {
    const rng = rngStream(SEED, `${name}.${batch}`);
    const sinceMs = performance.now();
    for (let i = 0; i < BATCH; i++) check(rng);
    expect(performance.now() - sinceMs, `batch ${batch} of seed ${SEED}`).toBeLessThan(60_000);
  }
}

function eventsOf(parts: readonly Buffer[]): string {
  const reader = new SseReader();
  let events = "";
  const visit = ({
    data,
    name,
    comment,
  }: {
    data?: string | undefined;
    name?: string | undefined;
    comment?: string | undefined;
  }) => {
    events += `${JSON.stringify([data, name, comment])}\n`;
  };
  for (const part of parts) reader.push(part, visit);
  reader.end(visit);
  return events;
}

test(
  "events",
  () =>
    inBatches("sse", (rng) => {
      const bytes = mutated(STREAMS[integerBelow(rng, STREAMS.length)]![1], rng);
      expect(eventsOf(pieces(bytes, rng))).toBe(eventsOf([bytes]));
    }),
  3_600_000,
);

/** What a reply came to. */
function replyOf(reply: Reply, parts: readonly Buffer[]): string {
  reply.reset();
  for (const part of parts) {
    const memory = segmentMemory(Uint8Array.from(part));
    reply.events(memory, 0, part.length, 5);
  }
  reply.finish(9);
  const { text, reasoning, usage, error, contents } = reply;
  return JSON.stringify([text, reasoning, usage, error, contents]);
}

test("replies, with what was learnt of the ones before", () => {
  const readers = new Map(
    STREAMS.map(([kind]) => [
      kind,
      [new Reply(endpointRow(kind)), new Reply(endpointRow(kind))] as const,
    ]),
  );
  inBatches("reply", (rng) => {
    const [kind, source] = STREAMS[integerBelow(rng, STREAMS.length)]!;
    const bytes = mutated(source, rng);
    const [one, other] = readers.get(kind)!;
    expect(replyOf(one, pieces(bytes, rng))).toBe(replyOf(other, [bytes]));
  });
}, 3_600_000);

const HEADS = [
  "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n3;x=y\r\nfgh\r\n0\r\n\r\n",
  'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: 7\r\nConnection: close\r\n\r\n{"a":1}',
  "HTTP/1.0 200\nContent-Type: text/plain\n\nuntil the end",
].map((text) => Buffer.from(text));

function httpOf(parts: readonly Buffer[]): string {
  const reader = new ReplyReader();
  let told = "";
  const sink = {
    head: (head: object) => {
      told += JSON.stringify(head);
    },
    body: (bytes: Buffer, start: number, end: number) => {
      told += bytes.toString("latin1", start, end);
    },
  };
  for (const part of parts) {
    const state = reader.feed(part, sink);
    if (state !== "more") return `${told} ${state}`;
  }
  return `${told} more ${reader.closed()}`;
}

test(
  "HTTP",
  () =>
    inBatches("http", (rng) => {
      const bytes = mutated(HEADS[integerBelow(rng, HEADS.length)]!, rng);
      expect(httpOf(pieces(bytes, rng))).toBe(httpOf([bytes]));
    }),
  3_600_000,
);
