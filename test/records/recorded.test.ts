// Replies of real servers become records, wherever the network cuts them: the same texts, the same
// counts, and each stamp that of the segment which completed its event.

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { EndpointKind } from "#config";
import { endpointRow } from "#endpoint";
import {
  CHAT_STREAMS,
  COMPLETIONS_STREAMS,
  cutAt,
  jsonEvents,
  recorded,
} from "../endpoint/recorded.ts";
import { characters, FIRST_NS, feeder, STEP_NS } from "./feed.ts";

interface Chunk {
  readonly choices: readonly {
    readonly delta?: { readonly content?: string };
    readonly message?: { readonly content?: string };
    readonly text?: string;
  }[];
  readonly usage?: {
    readonly prompt_tokens: number;
    readonly completion_tokens: number;
    readonly total_tokens: number;
  } | null;
}

function textOf({ choices }: Chunk): string {
  const choice = choices[0];
  return choice?.delta?.content ?? choice?.message?.content ?? choice?.text ?? "";
}

/** Number of the piece in which each event with a text ends; events end in LF LF here. */
function piecesOfContents(name: string, pieces: readonly Buffer[]): number[] {
  const chunks = jsonEvents(name) as Chunk[];
  const { body } = recorded(name);
  const found: number[] = [];
  let at = 0;
  for (const chunk of chunks) {
    at = body.indexOf("\n\n", at) + 2;
    if (textOf(chunk) === "") continue;
    let piece = 0;
    for (let sum = pieces[0]!.length; sum < at; sum += pieces[piece]!.length) piece++;
    found.push(piece);
  }
  return found;
}

const STREAMS: [EndpointKind, string][] = [
  ...CHAT_STREAMS.map((name): [EndpointKind, string] => ["chat", name]),
  ...COMPLETIONS_STREAMS.map((name): [EndpointKind, string] => ["completions", name]),
];

describe.each(STREAMS)("%s: %s", (kind, name) => {
  const { body } = recorded(name);
  const chunks = jsonEvents(name) as Chunk[];
  const text = chunks.map(textOf).join("");
  const usage = chunks.findLast((chunk) => chunk.usage != null)?.usage;
  const row = endpointRow(kind);

  test("the recording is worth a test", () => {
    expect(chunks.filter((chunk) => textOf(chunk) !== "").length).toBeGreaterThan(2);
    expect(text.length).toBeGreaterThan(10);
  });

  test("counts, usage and stamps, however it is cut", () => {
    const fed = feeder({ row });
    fc.assert(
      fc.property(fc.array(fc.nat(body.length), { maxLength: 30 }), (cuts) => {
        const pieces = cutAt(body, cuts).filter((piece) => piece.length > 0);
        const record = fed.feed({ pieces });
        expect(record.error).toBeUndefined();
        expect(record.outputTokens).toBe(characters.count(text));
        expect(record.reasoningTokens).toBeUndefined();
        expect(record.usage?.completionTokens).toBe(usage?.completion_tokens);
        expect(record.usage?.promptTokens).toBe(usage?.prompt_tokens);
        expect(record.usage?.totalTokens).toBe(usage?.total_tokens);
        const stamps = piecesOfContents(name, pieces).map((piece) => FIRST_NS + piece * STEP_NS);
        expect([...record.contentNs]).toEqual(stamps);
        expect(record.firstOutputNs).toBe(stamps[0]!);
      }),
      { numRuns: 40 },
    );
  });

  test("one event a segment, so that its shape is learnt, and then the same again", () => {
    const fed = feeder({ row });
    const pieces = body.toString("utf8").split(/(?<=\n\n)/);
    const first = fed.feed({ pieces });
    const again = fed.feed({ pieces });
    expect(first.outputTokens).toBe(characters.count(text));
    expect(again).toEqual(first);
  });

  test("the server's own counts, where it gives them", () => {
    const record = feeder({ row, useServerTokenCount: true, tokenizer: undefined }).feed({
      pieces: [body],
    });
    expect(record.outputTokens).toBe(usage?.completion_tokens);
    expect(record.inputTokens).toBe(usage?.prompt_tokens);
    expect(record.error).toBeUndefined();
  });
});

test("the role chunk is no content, with or without an empty text in it", () => {
  for (const name of ["vllm-chat-stream", "transformers-chat-stream", "llmd-sim-chat-stream"]) {
    const pieces = recorded(name)
      .body.toString("utf8")
      .split(/(?<=\n\n)/);
    expect(pieces[0]).toContain('"role":"assistant"');
    expect(feeder().feed({ pieces }).contentNs[0]).toBe(FIRST_NS + STEP_NS);
  }
});

test.each(["vllm-chat-nonstream", "transformers-chat-nonstream"])(
  "%s is one content, when it is whole",
  (name) => {
    const { body, contentType } = recorded(name);
    const reply = JSON.parse(body.toString("utf8")) as Chunk;
    const fed = feeder({ streaming: false });
    for (const cuts of [[], [100, 300]]) {
      const pieces = cutAt(body, cuts);
      const record = fed.feed({ pieces, end: { contentType } });
      expect(record.error).toBeUndefined();
      expect([...record.contentNs]).toEqual([record.endNs]);
      expect(record.outputTokens).toBe(characters.count(textOf(reply)));
      expect(record.usage?.completionTokens).toBe(reply.usage?.completion_tokens);
    }
  },
);

test.each([
  "vllm-error-400-context",
  "vllm-error-404-model",
  "transformers-error-422",
  "vllm-chat-error-500",
])("%s is an error with the server's words", (name) => {
  const { body, contentType, status, reason } = recorded(name);
  const record = feeder().feed({ pieces: [body], end: { contentType, status, reason } });
  expect(record.error).toEqual({ code: status, type: reason, message: body.toString("utf8") });
  expect(record.contentNs).toHaveLength(0);
  expect(record.outputTokens).toBeUndefined();
  expect(record.inputTokens).toBe(7);
});

test("an engine that dies inside a stream that began well is an error", () => {
  const { body } = recorded("vllm-chat-error-in-200-stream");
  const record = feeder().feed({ pieces: [body] });
  expect(record.error).toEqual({
    code: 500,
    type: "InternalServerError",
    message: "EngineCore encountered an issue. See stack trace (above) for the root cause.",
  });
});
