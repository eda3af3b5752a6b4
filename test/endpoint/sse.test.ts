// Event streams by the standard, and as servers really send them.

import { describe, expect, test } from "bun:test";
import { createParser } from "eventsource-parser";
import fc from "fast-check";
import { type SseEvent, SseReader } from "#endpoint";
import { CHAT_STREAMS, COMPLETIONS_STREAMS, cutAt, jsonEvents, recorded } from "./recorded.ts";

/** The events of a stream that comes in these pieces: `data`, `name|data` or `:comment`. */
function read(...pieces: (string | Buffer)[]): string[] {
  const events: string[] = [];
  const reader = new SseReader();
  const visit = (event: SseEvent) => events.push(shown(event));
  for (const piece of pieces) expect(reader.push(Buffer.from(piece), visit)).toBe(true);
  reader.end(visit);
  return events;
}

function shown({ data, name, comment }: SseEvent): string {
  const parts = [];
  if (name !== undefined) parts.push(`${name}|`);
  if (data !== undefined) parts.push(data);
  if (comment !== undefined) parts.push(`:${comment}`);
  return parts.join("");
}

describe("what a stream says", () => {
  const CASES: [what: string, pieces: (string | Buffer)[], events: string[]][] = [
    ["one event", ["data: a\n\n"], ["a"]],
    ["nothing", [], []],
    ["lines that end in CRLF", ["data: a\r\n\r\ndata: b\r\n\r\n"], ["a", "b"]],
    ["lines that end in CR alone", ["data: a\r\rdata: b\r\r"], ["a", "b"]],
    ["mixed line ends", ["data: a\n\r\ndata: b\r\n\ndata: c\r\n\rdata: d\n\n"], list("abcd")],
    ["more blank lines than needed", ["\n\n\ndata: a\n\n\n\r\n\n\rdata: b\n\n\n"], ["a", "b"]],
    ["no final blank line", ["data: a\n\ndata: b\n"], ["a", "b"]],
    ["no final line end", ["data: a\n\ndata: b"], ["a", "b"]],
    ["many events in one segment", ["data: a\n\ndata: b\n\ndata: c\n\n"], list("abc")],
    ["one event in many segments", ["da", "ta", ": he", "llo", "\n", "\n"], ["hello"]],
    ["CRLF cut between its bytes", ["data: a\r", "\n\r", "\ndata: b\r\n\r", "\n"], ["a", "b"]],
    ["CR that waits for what follows", ["data: a\r", "\rdata: b\r", "\r"], ["a", "b"]],
    ["blank line cut off from its event", ["data: a\n", "\ndata: b\n", "\n"], ["a", "b"]],
    ["no space after the colon", ["data:a\n\ndata:  b  \n\n"], ["a", "b"]],
    ["a comment alone", [": ping - 2026-11-24\n\n"], [":ping - 2026-11-24"]],
    ["an empty comment", [":\n\ndata: a\n\n"], [":", "a"]],
    ["a comment above an event", [": slow\ndata: a\n\n"], ["a:slow"]],
    ["events after [DONE]", ["data: [DONE]\n\ndata: a\n\n"], ["[DONE]", "a"]],
    ["an error event", [": boom\nevent: error\ndata: {}\n\n"], ["error|{}:boom"]],
    ["a named event", ["event: message_start\ndata: {}\n\n"], ["message_start|{}"]],
    ["the name below its data", ["data: a\nevent: n\n\n"], ["n|a"]],
    ["empty data", ["data:\n\ndata: \n\ndata\n\n"], ["", "", ""]],
    ["data of several lines", ["data: {\ndata: }\n\n"], ["{\n}"]],
    ["ids, retries and fields of no meaning", ["id: 1\nretry: 9\nx: y\ndata: a\n\n"], ["a"]],
    ["an event without data", ["id: 1\n\n"], [""]],
    ["a colon in the value", ["data: a: b\n\n"], ["a: b"]],
    ["a field that only begins like data", ["database: x\n\ndata : a\n\n"], ["", "a"]],
    ["a byte order mark", ["\uFEFFdata: a\n\n"], ["a"]],
    ["a byte order mark, then a comment", ["\uFEFF: hi\n\n"], [":hi"]],
    ["a character cut in two", cutAt(Buffer.from("data: é副\n\n"), [7, 9]), ["é副"]],
    ["a surrogate pair cut in four", [...Buffer.from("data: 🦙\n\n")].map(byte), ["🦙"]],
    ["bytes that are no UTF-8", [Buffer.from("data: a\xff\n\n", "latin1")], ["a\uFFFD"]],
    ["a NUL", ["data: a\0b\n\n"], ["a\0b"]],
    ["a space before the first line", [" data: a\n\n"], ["a"]],
  ];
  test.each(CASES)("%s", (_what, pieces, events) => expect(read(...pieces)).toEqual(events));
});

describe("recorded streams", () => {
  test.each([...CHAT_STREAMS, ...COMPLETIONS_STREAMS])("%s, however it is cut", (name) => {
    const { body } = recorded(name);
    const objects = jsonEvents(name);
    expect(objects.length).toBeGreaterThan(4);
    fc.assert(
      fc.property(fc.array(fc.nat(body.length), { maxLength: 40 }), (cuts) => {
        const events = read(...cutAt(body, cuts)).filter((event) => event !== "[DONE]");
        expect(events.map((event) => JSON.parse(event))).toEqual(objects as unknown[]);
      }),
      { numRuns: 60 },
    );
  });

  test("byte by byte, and with CRLF or CR in place of LF", () => {
    const { body } = recorded("vllm-chat-stream");
    const events = read(body);
    expect(read(...[...body].map(byte))).toEqual(events);
    for (const end of ["\r\n", "\r"]) {
      const other = Buffer.from(body.toString("utf8").replaceAll("\n", end));
      expect(read(other)).toEqual(events);
      expect(read(...[...other].map(byte))).toEqual(events);
    }
  });
});

describe("any stream", () => {
  const END = fc.constantFrom("\n", "\r\n", "\r");
  // No spaces at either side: those the standard keeps, and this reader does not.
  const VALUE = fc
    .string({ unit: "grapheme", maxLength: 12 })
    .map((text) => text.replace(/[\r\n\0]/g, "").trim())
    .filter((text) => !text.includes("\uFEFF"));
  const LINE = fc.oneof(
    { weight: 6, arbitrary: VALUE.map((value) => `data: ${value}`) },
    VALUE.map((value) => `data:${value}`),
    VALUE.map((value) => `: ${value}`),
    VALUE.map((value) => `other: ${value}`),
    fc.constantFrom("event: error", "event: delta", "id: 7", "retry: 10"),
  );
  const STREAM = fc
    .array(fc.tuple(fc.array(LINE, { minLength: 1, maxLength: 4 }), END), { maxLength: 8 })
    .map((events) => events.map(([lines, end]) => lines.join(end) + end + end).join(""));

  test("says what eventsource-parser reads in it, wherever the network cuts it", () => {
    fc.assert(
      fc.property(STREAM, fc.array(fc.nat(500), { maxLength: 10 }), (stream, cuts) => {
        const expected: string[] = [];
        const oracle = createParser({
          onEvent: ({ data, event }) =>
            expected.push(shown({ data, name: event, comment: undefined })),
        });
        oracle.feed(stream);
        const events: string[] = [];
        const reader = new SseReader();
        for (const piece of cutAt(Buffer.from(stream), cuts)) {
          reader.push(piece, ({ data, name }) => {
            if (data !== undefined) events.push(shown({ data, name, comment: undefined }));
          });
        }
        expect(events).toEqual(expected);
      }),
      { numRuns: 1000 },
    );
  });

  test("however random, ends and stays small", () => {
    const noise = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .array(fc.constantFrom("data:", "\n", "\r", "\r\n", ":", " ", "event", "é", "\uFEFF", "x"))
        .map((parts) => Buffer.from(parts.join(""))),
    );
    fc.assert(
      fc.property(fc.array(noise, { maxLength: 20 }), (pieces) => {
        const reader = new SseReader();
        let visitedChars = 0;
        const visit = (event: SseEvent) => {
          visitedChars += (event.data ?? "").length + (event.comment ?? "").length;
        };
        for (const piece of pieces) reader.push(Buffer.from(piece), visit);
        reader.end(visit);
        expect(visitedChars).toBeLessThanOrEqual(pieces.reduce((sum, p) => sum + p.length, 0));
      }),
      { numRuns: 3000 },
    );
  });
});

test("an event without end is refused before it fills the memory, and reset forgives", () => {
  const reader = new SseReader();
  const megabyte = Buffer.alloc(2 ** 20, "x");
  const visit = () => {
    throw new Error("nothing is complete");
  };
  let taken = 0;
  while (reader.push(megabyte, visit)) taken++;
  expect(taken).toBe(64);
  expect(reader.push(Buffer.from("\n\ndata: a\n\n"), visit)).toBe(false);
  reader.reset();
  const events: (string | undefined)[] = [];
  expect(reader.push(Buffer.from("data: a\n\n"), ({ data }) => events.push(data))).toBe(true);
  expect(events).toEqual(["a"]);
});

test("a segment of nothing but line ends costs time in proportion to its length", () => {
  const reader = new SseReader();
  const ends = Buffer.alloc(4 * 2 ** 20, "x\n");
  ends[ends.length - 1] = 13;
  expect(reader.push(ends, () => {})).toBe(true);
});

function list(letters: string): string[] {
  return [...letters];
}

function byte(value: number): Buffer {
  return Buffer.from([value]);
}
