// What becomes of a request: its record, or the reason why it has none that counts.

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { RequestError } from "#core";
import { CANCELLED, FAILED, type RequestEnd } from "#ring";
import {
  DONE,
  delta,
  event,
  type FeedOptions,
  FIRST_NS,
  feeder,
  START_NS,
  STEP_NS,
} from "./feed.ts";

const at = (piece: number) => FIRST_NS + piece * STEP_NS;
const role = delta({ role: "assistant", content: "" });
const usage = (prompt: number, completion: number, reasoning?: number) =>
  event({
    choices: [],
    usage: {
      prompt_tokens: prompt,
      completion_tokens: completion,
      ...(reasoning === undefined
        ? {}
        : { completion_tokens_details: { reasoning_tokens: reasoning } }),
    },
  });

test("a record says what its END said", () => {
  const record = feeder({ worker: 3, recorder: 2 }).feed({
    pieces: [delta({ content: "hi" })],
    end: {
      credit: 4,
      session: 5,
      turn: 1,
      requestId: "r",
      correlationId: "c",
      ackNs: 1900,
      reused: 1,
      bytesSent: 6,
      bytesReceived: 7,
      chunksReceived: 8,
      firstByteNs: 1950,
      lastByteNs: 1960,
      connectNs: 9,
    },
  });
  expect(record).toEqual({
    phase: "profiling",
    phaseIndex: 0,
    credit: 4,
    session: 5,
    turn: 1,
    conversationId: "session_000000",
    requestId: "r",
    correlationId: "c",
    worker: 3,
    recorder: 2,
    dueNs: START_NS - 5,
    startNs: START_NS,
    sentNs: START_NS + 5,
    ackNs: 1900,
    endNs: at(1),
    cancelledNs: Number.NaN,
    contentNs: Float64Array.of(at(0)),
    firstOutputNs: at(0),
    inputTokens: 7,
    outputTokens: 2,
    reasoningTokens: undefined,
    requestedTokens: 9,
    usage: undefined,
    http: {
      status: 200,
      dnsNs: 0,
      connectNs: 9,
      reused: true,
      bytesSent: 6,
      bytesReceived: 7,
      chunksReceived: 8,
      firstByteNs: 1950,
      lastByteNs: 1960,
    },
    error: undefined,
  });
});

describe("what counts as output:", () => {
  interface Counted {
    readonly contents: number[];
    readonly firstOutput?: number;
    readonly output: number;
    readonly reasoning?: number;
  }
  const CASES: [what: string, pieces: string[], counted: Counted][] = [
    [
      "texts",
      [role, delta({ content: "ab" }), delta({ content: "c" }), DONE],
      { contents: [1, 2], output: 3 },
    ],
    [
      "reasoning, then texts",
      [
        role,
        delta({ reasoning_content: "mm" }),
        delta({ reasoning: "m" }),
        delta({ content: "ab" }),
        DONE,
      ],
      { contents: [1, 2, 3], firstOutput: 3, output: 2, reasoning: 3 },
    ],
    [
      "both in one chunk",
      [delta({ reasoning: "m", content: "ab" })],
      { contents: [0], firstOutput: 0, output: 2, reasoning: 1 },
    ],
    [
      "reasoning alone",
      [delta({ reasoning: "mmm" }), DONE],
      { contents: [0], firstOutput: Number.NaN, output: 0, reasoning: 3 },
    ],
    [
      "tool calls",
      [
        role,
        delta({ tool_calls: [{ index: 0, function: { name: "f", arguments: "" } }] }),
        delta({ tool_calls: [{ index: 0, function: { arguments: '{"a":1}' } }] }),
        DONE,
      ],
      { contents: [1, 2], output: 8 },
    ],
    [
      "a tool call and a text in one chunk",
      [delta({ content: "dropped", tool_calls: [{ function: { name: "f" } }] })],
      { contents: [0], output: 1 },
    ],
    [
      "empty texts",
      [role, delta({ content: "" }), delta({ content: null }), delta({}), delta({ content: "a" })],
      { contents: [4], output: 1 },
    ],
    [
      "many events in a segment",
      [role + delta({ content: "a" }) + delta({ content: "b" }) + DONE],
      { contents: [0, 0], output: 2 },
    ],
    [
      "an event over segments",
      [role, delta({ content: "abc" }).slice(0, 40), delta({ content: "abc" }).slice(40, -1), "\n"],
      { contents: [3], output: 3 },
    ],
    [
      "a last event without its blank line",
      [role, delta({ content: "a" }), delta({ content: "bc" }).trimEnd()],
      { contents: [1, 3], output: 3 },
    ],
    [
      "nothing after [DONE]",
      [delta({ content: "a" }), DONE, delta({ content: "late" })],
      { contents: [0], output: 1 },
    ],
    [
      "pings between",
      [": ping\n\n", delta({ content: "a" }), ":\n\n", delta({ content: "b" })],
      { contents: [1, 3], output: 2 },
    ],
    [
      "JSON over several data lines",
      ['data: {"choices":[{"delta":\ndata: {"content":"ab"}}]}\n\n'],
      { contents: [0], output: 2 },
    ],
    [
      "a line end inside a JSON text",
      ['data: {"choices":[{"delta":{"content":"a\ndata: b"}}]}\n\n'],
      { contents: [0], output: 3 },
    ],
    [
      "escapes, also after the usual chunk was learnt",
      [role, ...["x", "y", "\n", '"', "🦙", "\\"].map((content) => delta({ content }))],
      { contents: [1, 2, 3, 4, 5, 6], output: 6 },
    ],
    [
      "halves of a surrogate pair",
      [role, ...["x", "y", "\ud83e", "\udd99"].map((content) => delta({ content }))],
      { contents: [1, 2, 3, 4], output: 3 },
    ],
    [
      "only the first choice",
      [event({ choices: [{ delta: { content: "a" } }, { delta: { content: "zzz" } }] })],
      { contents: [0], output: 1 },
    ],
  ];
  test.each(CASES)("%s", (_what, pieces, { contents, firstOutput, output, reasoning }) => {
    const record = feeder().feed({ pieces });
    expect(record.error).toBeUndefined();
    // What the end of the stream completes is stamped with the end.
    expect([...record.contentNs]).toEqual(contents.map(at));
    expect(record.firstOutputNs).toBe(at(firstOutput ?? contents[0]!));
    expect(record.outputTokens).toBe(output);
    expect(record.reasoningTokens).toBe(reasoning);
  });
});

describe("whose count:", () => {
  const pieces = [delta({ reasoning: "mm" }), delta({ content: "abc" }), usage(11, 20, 8), DONE];
  const CASES: [what: string, options: FeedOptions, tokens: (number | undefined)[]][] = [
    ["the tokenizer's", {}, [7, 3, 2]],
    ["the server's", { useServerTokenCount: true }, [11, 12, 8]],
    ["nobody's", { tokenizer: undefined }, [7, undefined, undefined]],
  ];
  test.each(CASES)("%s", (_what, options, tokens) => {
    const record = feeder(options).feed({ pieces });
    expect([record.inputTokens, record.outputTokens, record.reasoningTokens]).toEqual(tokens);
    expect(record.usage).toMatchObject({
      promptTokens: 11,
      completionTokens: 20,
      reasoningTokens: 8,
    });
  });

  test("the server's, when it gives none", () => {
    const record = feeder({ useServerTokenCount: true }).feed({
      pieces: [delta({ content: "a" })],
    });
    expect(record.error).toBeUndefined();
    expect([record.inputTokens, record.outputTokens]).toEqual([undefined, undefined]);
  });

  test("the last usage wins, and an empty one is none", () => {
    const late = [
      usage(1, 1),
      delta({ content: "a" }, { usage: { prompt_tokens: 1, completion_tokens: 5 } }),
      delta({}, { usage: null }),
      event({ choices: [], usage: {} }),
    ];
    expect(feeder().feed({ pieces: late }).usage?.completionTokens).toBe(5);
  });
});

describe("why a request has no result:", () => {
  const text = delta({ content: "a" });
  const json = { contentType: "application/json" };
  const whole = JSON.stringify({ choices: [{ message: { content: "a" } }] });
  type Case = [
    what: string,
    pieces: string[],
    end: Partial<RequestEnd>,
    error: { [field in keyof RequestError]: RequestError[field] | RegExp },
    options?: FeedOptions,
  ];
  const CASES: Case[] = [
    [
      "only the role",
      [role, DONE],
      {},
      { code: undefined, type: "InvalidInferenceResultError", message: /without any content: see/ },
    ],
    [
      "a stream of nothing",
      [],
      {},
      { code: undefined, type: "InvalidInferenceResultError", message: /without any content/ },
    ],
    [
      "a stream of pings",
      [": ping\n\n"],
      {},
      { code: undefined, type: "InvalidInferenceResultError", message: /without any content/ },
    ],
    [
      "usage alone",
      [usage(1, 0), DONE],
      {},
      { code: undefined, type: "InvalidInferenceResultError", message: /without any content/ },
    ],
    [
      "a reply of nothing",
      [],
      json,
      { code: undefined, type: "InvalidInferenceResultError", message: /without any content/ },
      { streaming: false },
    ],
    [
      "an error event",
      [text, ": out of memory\nevent: error\ndata: {}\n\n"],
      {},
      { code: 502, type: "SSEResponseError", message: "out of memory" },
    ],
    [
      "an error event without a comment",
      ['event: error\ndata: {"m":1}\n\n'],
      {},
      { code: 502, type: "SSEResponseError", message: '{"m":1}' },
    ],
    [
      "an error event of nothing",
      ["event: error\n\n"],
      {},
      { code: 502, type: "SSEResponseError", message: /error event/ },
    ],
    [
      "an error in words",
      [event({ error: "dead" })],
      {},
      { code: undefined, type: "ServerError", message: "dead" },
    ],
    [
      "an error after texts",
      [text, event({ error: { message: "dead", code: 503 } }), DONE],
      {},
      { code: 503, type: "ServerError", message: "dead" },
    ],
    [
      "the first of two errors",
      [event({ error: "one" }), event({ error: "two" })],
      {},
      { code: undefined, type: "ServerError", message: "one" },
    ],
    [
      "an error inside a reply that says 200",
      ['{"error":{"message":"no","type":"T"}}'],
      json,
      { code: undefined, type: "T", message: "no" },
      { streaming: false },
    ],
    [
      "an event that is no JSON",
      [text, event("{oops")],
      {},
      {
        code: undefined,
        type: "MalformedReply",
        message: "an event of the stream is not a JSON object: {oops",
      },
    ],
    [
      "an event that is no object",
      [event("[1]")],
      {},
      { code: undefined, type: "MalformedReply", message: /not a JSON object: \[1\]/ },
    ],
    [
      "JSON that is cut off",
      [text, 'data: {"choices":[{"del'],
      {},
      { code: undefined, type: "MalformedReply", message: /not a JSON object/ },
    ],
    [
      "a reply that is no JSON",
      ["<html>\n  hello"],
      { contentType: "text/html" },
      {
        code: undefined,
        type: "MalformedReply",
        message: "the reply is not a JSON object: <html> hello",
      },
      { streaming: false },
    ],
    [
      "a long one, in short",
      [`<${"x".repeat(500)}`],
      { contentType: "text/html" },
      { code: undefined, type: "MalformedReply", message: /^.{150,170}…$/ },
      { streaming: false },
    ],
    [
      "JSON where a stream was asked for",
      [whole],
      json,
      {
        code: undefined,
        type: "NotAStream",
        message: /reply is application\/json: check .*--streaming/,
      },
    ],
    [
      "HTML where a stream was asked for",
      ["<html>"],
      { contentType: "text/html" },
      { code: undefined, type: "NotAStream", message: /text\/html/ },
    ],
    [
      "no type where a stream was asked for",
      [whole],
      { contentType: "" },
      { code: undefined, type: "NotAStream", message: /untyped/ },
    ],
    [
      "an error where a stream was asked for",
      ['{"error":"no model"}'],
      json,
      { code: undefined, type: "ServerError", message: "no model" },
    ],
    [
      "a compressed stream",
      ["not what the head says"],
      { contentEncoding: "gzip" },
      { code: undefined, type: "CompressedReply", message: /\(gzip\).*turn compression off/ },
    ],
    [
      "a status without words",
      [],
      { ...json, status: 503, reason: "" },
      { code: 503, type: "HTTP 503", message: /gave no reason/ },
    ],
    [
      "a status with words",
      ["  overloaded \n"],
      { contentType: "text/plain", status: 429, reason: "Too Many Requests" },
      { code: 429, type: "Too Many Requests", message: "overloaded" },
    ],
    [
      "a compressed status",
      ["\x1f\x8b\x08"],
      { ...json, contentEncoding: "gzip", status: 500, reason: "Internal Server Error" },
      { code: 500, type: "Internal Server Error", message: /gave no reason/ },
    ],
    [
      "a redirect",
      [],
      { contentType: "", status: 307, reason: "Temporary Redirect" },
      { code: 307, type: "Temporary Redirect", message: /redirects: give --url/ },
    ],
    [
      "a broken connection",
      [text, text],
      { outcome: FAILED, failureType: "IncompleteReply", failureMessage: "closed" },
      { code: undefined, type: "IncompleteReply", message: "closed" },
    ],
    [
      "no connection at all",
      [],
      {
        outcome: FAILED,
        status: Number.NaN,
        failureType: "ConnectionRefused",
        failureMessage: "nobody",
      },
      { code: undefined, type: "ConnectionRefused", message: "nobody" },
    ],
    [
      "a cancelled request",
      [text],
      { outcome: CANCELLED, failureType: "x", failureMessage: "given up", cancelledNs: 5000 },
      { code: 499, type: "RequestCancellationError", message: "given up" },
    ],
    [
      "a gap in the reply",
      [text, text],
      { framesLost: 1 },
      { code: undefined, type: "FramesLost", message: /too slowly.*lower the load/ },
    ],
    [
      "a status whose words were lost",
      [],
      { ...json, framesLost: 1, status: 500, reason: "Oh" },
      { code: 500, type: "Oh", message: /no reason/ },
    ],
  ];
  test.each(CASES)("%s", (...[, pieces, end, error, options]) => {
    const fed = feeder(options);
    const record = fed.feed({ pieces, end });
    expect(record.error!.code).toBe(error.code as number | undefined);
    expect(record.error!.type).toBe(error.type as string);
    if (error.message instanceof RegExp) expect(record.error!.message).toMatch(error.message);
    else expect(record.error!.message).toBe(error.message as string);
    // Nothing that came before the failure is a figure.
    expect(record.contentNs).toHaveLength(0);
    expect(record.firstOutputNs).toBeNaN();
    expect([record.outputTokens, record.reasoningTokens, record.usage]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(record.inputTokens).toBe(7);
    // And nothing of it is left in the slot.
    const next = fed.feed({
      pieces: options?.streaming === false ? [whole] : [role, text],
      end: options?.streaming === false ? json : {},
    });
    expect(next).toMatchObject({ error: undefined, outputTokens: 1 });
  });

  test("a frame that is older than the request: the END before it found no room", () => {
    const fed = feeder();
    fed.piece(0, START_NS - 500, text);
    const record = fed.feed({ pieces: [text, DONE] });
    expect(record.error!.type).toBe("FramesLost");
    expect(fed.feed({ pieces: [text, DONE] })).toMatchObject({ error: undefined, outputTokens: 1 });
  });

  test("a body that does not end is not gathered for ever", () => {
    const fed = feeder({ streaming: false });
    const piece = new Uint8Array(500_000).fill(32);
    for (let i = 0; i < 140; i++) fed.piece(0, FIRST_NS + i, piece, "application/json");
    fed.end(0, 9000, json);
    expect(fed.records[0]!.error).toEqual({
      code: undefined,
      type: "MalformedReply",
      message: "the reply is larger than 64 MiB",
    });
  });

  test("an event that does not end, neither", () => {
    const fed = feeder();
    const piece = new Uint8Array(500_000).fill(120);
    for (let i = 0; i < 140; i++) fed.piece(0, FIRST_NS + i, piece);
    fed.end(0, 9000);
    expect(fed.records[0]!.error).toMatchObject({
      type: "MalformedReply",
      message: "an event of the stream does not end",
    });
  });
});

test("slots do not hear of each other", () => {
  const TEXTS = ["ab", "c", "déf", "\n", "🦙", '"'];
  const replies = fc.array(fc.array(fc.constantFrom(...TEXTS), { minLength: 1, maxLength: 12 }), {
    minLength: 1,
    maxLength: 6,
  });
  const order = fc.infiniteStream(fc.nat());
  fc.assert(
    fc.property(replies, order, (replies, order) => {
      const fed = feeder();
      const left = replies.map((texts, slot) => ({
        slot,
        texts: [...texts],
        total: [...texts.join("")].length,
      }));
      const expected: number[] = [];
      let stampNs = FIRST_NS;
      while (left.length > 0) {
        const at = order.next().value! % left.length;
        const { slot, texts, total } = left[at]!;
        const next = texts.shift();
        if (next !== undefined) fed.piece(slot, stampNs++, delta({ content: next }));
        else {
          fed.end(slot, stampNs++);
          expected.push(total);
          left.splice(at, 1);
        }
      }
      expect(fed.records.map((record) => record.outputTokens)).toEqual(expected);
    }),
    { numRuns: 200 },
  );
});

test("a stream longer than expected keeps all its stamps", () => {
  const record = feeder().feed({
    pieces: Array.from({ length: 1000 }, () => delta({ content: "a" })),
  });
  expect(record.contentNs).toEqual(Float64Array.from({ length: 1000 }, (_, i) => at(i)));
  expect(record.outputTokens).toBe(1000);
});

test("whatever a stream consists of, it becomes one record", () => {
  const piece = fc.oneof(
    fc.constantFrom(
      role,
      DONE,
      delta({ content: "a" }),
      usage(1, 2),
      ": ping\n\n",
      "event: error\n\n",
      "data: {",
      "\n\n",
      'data: {"choices":null}\n\n',
      'data: {"choices":[null]}\n\n',
    ),
    fc.string({ maxLength: 20 }),
    fc.uint8Array({ maxLength: 20 }),
    fc.jsonValue({ maxDepth: 3 }).map(event),
  );
  const fed = feeder();
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const before = fed.records.length;
      const record = fed.feed({ pieces });
      expect(fed.records.length).toBe(before + 1);
      expect(record.error === undefined).toBe(record.contentNs.length > 0);
    }),
    { numRuns: 1500 },
  );
});
