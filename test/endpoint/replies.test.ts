// What replies of every kind say: whole ones and events, as their servers word them.

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { ENDPOINT_KINDS, type EndpointKind } from "#config";
import {
  type EndpointRow,
  emptyFacts,
  endpointRow,
  openEndpoint,
  type ReplyFacts,
  ReplyListener,
} from "#endpoint";
import { readUsage } from "../../src/endpoint/usage.ts";
import { endpointPlan } from "./make.ts";
import { recorded } from "./recorded.ts";

/** What a JSON value says, without what it does not say. */
function said(row: EndpointRow, json: unknown): Partial<ReplyFacts> | "nothing" {
  const facts = emptyFacts();
  const isObject = typeof json === "object" && json !== null && !Array.isArray(json);
  if (isObject) row.read(json as { readonly [key: string]: unknown }, facts);
  else if (!row.readOther?.(json, facts)) return "nothing";
  return Object.fromEntries(
    Object.entries(facts).filter(
      ([, value]) => value !== "" && value !== undefined && value !== false,
    ),
  );
}

const block = (delta: object) => ({ type: "content_block_delta", index: 0, delta });
const CASES: [kind: EndpointKind, what: string, json: unknown, facts: object | "nothing"][] = [
  ["responses", "text", { type: "response.output_text.delta", delta: "a" }, { text: "a" }],
  [
    "responses",
    "reasoning",
    { type: "response.reasoning_text.delta", delta: "a" },
    { reasoning: "a" },
  ],
  [
    "responses",
    "a summary of it",
    { type: "response.reasoning_summary_text.delta", delta: "a" },
    { reasoning: "a" },
  ],
  [
    "responses",
    "a call",
    { type: "response.function_call_arguments.delta", delta: "{}" },
    { tool: "{}" },
  ],
  [
    "responses",
    "all of the text",
    { type: "response.output_text.done", text: "ab" },
    { wholeText: "ab" },
  ],
  [
    "responses",
    "an item that opens",
    { type: "response.output_item.added", item: { type: "message" } },
    {},
  ],
  [
    "responses",
    "the end",
    {
      type: "response.completed",
      response: {
        usage: { input_tokens: 3, output_tokens: 4 },
        output: [{ type: "message", content: [{ text: "x" }] }],
      },
    },
    { usage: { promptTokens: 3, completionTokens: 4 } },
  ],
  [
    "responses",
    "a failure",
    { type: "response.failed", response: { error: { code: "server_error", message: "no" } } },
    { error: { code: undefined, type: "ServerError", message: "no" } },
  ],
  [
    "responses",
    "an error event",
    { type: "error", message: "no", code: 500 },
    { error: { code: 500, type: "error", message: "no" } },
  ],
  [
    "responses",
    "a whole reply",
    {
      object: "response",
      error: null,
      output: [
        { type: "reasoning", content: [{ type: "reasoning_text", text: "r" }] },
        {
          type: "message",
          content: [
            { type: "output_text", text: "a" },
            { type: "output_text", text: "b" },
          ],
        },
        { type: "function_call", name: "f", arguments: "{}" },
      ],
    },
    { text: "ab", reasoning: "r", tool: "{}" },
  ],
  ["messages", "text", block({ type: "text_delta", text: "a" }), { text: "a" }],
  ["messages", "thinking", block({ type: "thinking_delta", thinking: "a" }), { reasoning: "a" }],
  ["messages", "a call", block({ type: "input_json_delta", partial_json: "{" }), { tool: "{" }],
  ["messages", "a signature", block({ type: "signature_delta", signature: "x" }), {}],
  [
    "messages",
    "the start",
    {
      type: "message_start",
      message: {
        content: [],
        usage: { input_tokens: 3, cache_read_input_tokens: 4, output_tokens: 1 },
      },
    },
    { usage: { promptTokens: 7, completionTokens: 1, cacheReadTokens: 4 } },
  ],
  ["messages", "a ping", { type: "ping" }, {}],
  [
    "messages",
    "a whole reply",
    {
      type: "message",
      content: [
        { type: "thinking", thinking: "r" },
        { type: "text", text: "a" },
        { type: "tool_use", name: "f", input: { a: 1 } },
      ],
    },
    { text: "a", reasoning: "r", tool: '{"a":1}' },
  ],
  [
    "messages",
    "an error",
    { type: "error", error: { type: "overloaded_error", message: "later" } },
    { error: { code: undefined, type: "overloaded_error", message: "later" } },
  ],
  ["embeddings", "a vector", { object: "list", data: [{ embedding: [0.1] }] }, { hasOther: true }],
  ["embeddings", "its bytes", { data: [{ embedding: "AAAA" }] }, { hasOther: true }],
  [
    "embeddings",
    "none",
    { data: [] },
    { error: expect.objectContaining({ type: "UnexpectedReply" }) },
  ],
  [
    "embeddings",
    "a chat",
    { choices: [] },
    { error: expect.objectContaining({ type: "UnexpectedReply" }) },
  ],
  ["nim-rankings", "ranks", { rankings: [{ index: 0, logit: 1 }] }, { hasOther: true }],
  ["cohere-rankings", "ranks", { results: [{ index: 0, relevance_score: 1 }] }, { hasOther: true }],
  [
    "cohere-rankings",
    "no ranks",
    {},
    { error: expect.objectContaining({ type: "UnexpectedReply" }) },
  ],
  ["hf-tei-rankings", "a list", [{ index: 0, score: 1 }], { hasOther: true }],
  ["hf-tei-rankings", "results", { results: [1] }, { hasOther: true }],
  ["hf-tei-rankings", "a text", "x", "nothing"],
  [
    "huggingface-generate",
    "a token",
    { token: { text: " a", special: false }, generated_text: null },
    { text: " a" },
  ],
  [
    "huggingface-generate",
    "the last token",
    { token: { text: " a" }, generated_text: "b a" },
    { text: " a" },
  ],
  [
    "huggingface-generate",
    "a token that is no text",
    { token: { text: "</s>", special: true } },
    {},
  ],
  ["huggingface-generate", "a whole reply", { generated_text: "a" }, { text: "a" }],
  ["huggingface-generate", "a list of one", [{ generated_text: "a" }], { text: "a" }],
  [
    "huggingface-generate",
    "an error",
    { error: "full", error_type: "overloaded" },
    { error: { code: undefined, type: "overloaded", message: "full" } },
  ],
  ["image-generation", "an image", { data: [{ b64_json: "AA" }] }, { hasOther: true }],
  [
    "image-generation",
    "an event",
    { type: "image_generation.partial_image", b64_json: "AA" },
    { hasOther: true },
  ],
  ["image-edit", "an address", { data: [{ url: "https://a" }] }, { hasOther: true }],
  ["image-edit", "nothing", { data: [] }, {}],
  ["image-retrieval", "what was found", { data: [{}] }, { hasOther: true }],
  ["audio-transcription", "a text", { text: "a" }, { text: "a" }],
  ["audio-transcription", "the text itself", "a b", { text: "a b" }],
  [
    "video-generation",
    "a film",
    { id: "v", status: "completed", inference_time_s: 2, peak_memory_mb: 3 },
    { hasOther: true, media: { videoInferenceS: 2, videoPeakMemoryMb: 3 } },
  ],
  [
    "video-generation",
    "none",
    { id: "v", status: "failed" },
    { error: expect.objectContaining({ type: "VideoFailed" }) },
  ],
  ["solido-rag", "a text", { content: "a" }, { text: "a" }],
  ["raw", "texts", { output: ["a", "b"] }, { text: "ab" }],
  ["raw", "a chat's reasoning", { choices: [{ delta: { reasoning: "r" } }] }, { reasoning: "r" }],
  ["raw", "a completion", { choices: [{ text: "a" }] }, { text: "a" }],
  ["raw", "vectors before texts", { embeddings: [[1]], text: "a" }, { hasOther: true }],
  ["raw", "what is no JSON", "plain words", { text: "plain words" }],
  ["raw", "nothing known", { x: 1 }, {}],
];
test.each(CASES)("%s: %s", (kind, _what, json, facts) =>
  expect(said(endpointRow(kind), json)).toEqual(facts),
);

describe("a place that the user names", () => {
  const open = (kind: EndpointKind, responseField: string) =>
    openEndpoint(
      endpointPlan({ kind, responseField, template: kind === "template" ? "{}" : undefined }),
    );

  test.each([
    ["texts", "a.b[0]", { a: { b: ["x"] } }, { text: "x" }],
    ["other things", "data[].score", { data: [{ score: 1 }] }, { hasOther: true }],
    ["nothing", "a.b", { text: "elsewhere" }, {}],
    ["an empty list", "data[].score", { data: [] }, {}],
  ])("has %s", async (_what, field, json, facts) =>
    expect(said(await open("template", field), json)).toEqual(facts),
  );

  test("is looked at first, and then the usual ones, for raw", async () => {
    const row = await open("raw", "a");
    expect(said(row, { a: "x", text: "y" })).toEqual({ text: "x" });
    expect(said(row, { text: "y" })).toEqual({ text: "y" });
  });

  test("is refused when it is no path", async () =>
    expect(await open("raw", "a[").catch((error: unknown) => error)).toMatchObject({
      code: "E_TEMPLATE",
    }));
});

test("replies of vLLM that are not made of tokens", () => {
  const json = (name: string) => JSON.parse(recorded(name).body.toString("utf8"));
  expect(said(endpointRow("embeddings"), json("vllm-embed-embeddings"))).toMatchObject({
    hasOther: true,
  });
  expect(said(endpointRow("cohere-rankings"), json("vllm-embed-rerank"))).toMatchObject({
    hasOther: true,
    usage: { promptTokens: 4, totalTokens: 4 },
  });
  expect(said(endpointRow("embeddings"), json("vllm-embed-score"))).toMatchObject({
    error: { type: "UnexpectedReply" },
  });
});

describe("usage", () => {
  test.each([
    [
      "under a model's own name",
      {
        usageMetadata: {
          promptTokenCount: 1,
          candidatesTokenCount: 2,
          totalTokenCount: 3,
          thoughtsTokenCount: 4,
          cachedContentTokenCount: 5,
          toolUsePromptTokenCount: 6,
        },
      },
      {
        promptTokens: 1,
        completionTokens: 2,
        totalTokens: 3,
        reasoningTokens: 4,
        cacheReadTokens: 5,
        toolUsePromptTokens: 6,
      },
    ],
    [
      "in an envelope",
      { meta: { tokens: { input_token_count: 1, generated_token_count: 2 } } },
      { promptTokens: 1, completionTokens: 2 },
    ],
    [
      "with what a cache took apart",
      { usage: { inputTokens: 1, cacheReadInputTokens: 2, cacheWriteInputTokens: 4 } },
      { promptTokens: 7, cacheReadTokens: 2, cacheWriteTokens: 4 },
    ],
    [
      "with details",
      {
        usage: {
          prompt_tokens: 9,
          prompt_tokens_details: { cached_tokens: 3, audio_tokens: 1 },
          completion_tokens_details: {
            accepted_prediction_tokens: 5,
            rejected_prediction_tokens: 6,
            audio_tokens: 7,
          },
        },
      },
      {
        promptTokens: 9,
        cacheReadTokens: 3,
        promptAudioTokens: 1,
        acceptedPredictionTokens: 5,
        rejectedPredictionTokens: 6,
        completionAudioTokens: 7,
      },
    ],
  ])("%s", (_what, json, usage) => expect(readUsage(json)).toEqual(usage as never));

  test.each([
    {},
    { usage: null },
    { usage: {} },
    { usage: { prompt_tokens: "3" } },
    { tokens: [1] },
  ])("%j says nothing", (json) => expect(readUsage(json)).toBeUndefined());
});

describe("speculative decoding", () => {
  const told = (changes: object) => ({
    choices: [],
    metrics: {
      speculative_decoding: {
        ...{ num_spec_steps: 4, num_draft_tokens: 12, num_accepted_draft_tokens: 5 },
        acceptance_histogram: [1, 1, 2, 0],
        ...changes,
      },
    },
  });
  test("is told once, in the end", () =>
    expect(said(endpointRow("chat"), told({}))).toEqual({
      speculation: {
        ...{ engine: "vllm", steps: 4, drafted: 12, accepted: 5, histogram: [1, 1, 2, 0] },
        ...{ draftMax: undefined, acceptedByStep: undefined, draftedByStep: undefined },
      },
    }));
  test("may have every step by itself", () => {
    const steps = { per_step_accepted: [0, 1, 2, 2], per_step_drafted: [3, 3, 3, 3] };
    expect(said(endpointRow("chat"), told({ ...steps, num_spec_tokens: 3 }))).toMatchObject({
      speculation: { draftMax: 3, acceptedByStep: [0, 1, 2, 2], draftedByStep: [3, 3, 3, 3] },
    });
  });
  test("may be a field of the choice, with a histogram by name", () => {
    const { speculative_decoding: stats } = told({
      acceptance_histogram: { "0": 1, "1": 1, "2": 2 },
    }).metrics;
    const json = { choices: [{ delta: {}, speculative_decoding_stats: stats }] };
    for (const kind of ["chat", "completions"] as const)
      expect(said(endpointRow(kind), json)).toMatchObject({
        speculation: { histogram: [1, 1, 2] },
      });
  });
  test("of no steps is told all the same", () => {
    const none = { num_spec_steps: 0, num_draft_tokens: 0, num_accepted_draft_tokens: 0 };
    const json = told({ ...none, acceptance_histogram: [0, 0] });
    expect(said(endpointRow("chat"), json)).toMatchObject({ speculation: { steps: 0 } });
  });
  test("is not believed where its sums do not agree", () => {
    expect(said(endpointRow("chat"), told({ num_accepted_draft_tokens: 6 }))).toEqual({});
    expect(said(endpointRow("chat"), told({ num_draft_tokens: 4 }))).toEqual({});
  });
  test.each([
    [{ acceptance_histogram: { many: 4 } }],
    [{ acceptance_histogram: { "9999999": 4 } }],
    [{ acceptance_histogram: "1" }],
    [{ acceptance_histogram: [4, -1] }],
    [{ num_spec_steps: 1.5 }],
    [{ num_draft_tokens: "12" }],
  ])("%j is no account", (changes) => {
    expect(said(endpointRow("chat"), told(changes))).toEqual({});
  });
});

test("no JSON value makes any reader throw, and what is empty has no content", () => {
  const keys = fc.constantFrom(
    ..."choices delta message content text tool_calls function usage data embedding error status id".split(
      " ",
    ),
    ..."type output response item token generated_text rankings results metrics index input".split(
      " ",
    ),
  );
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { depthSize: "small" },
      fc.constantFrom(null, true, 0, "", "a", "content_block_delta", "message", "completed"),
      fc.array(tie("tree"), { maxLength: 3 }),
      fc.dictionary(keys, tie("tree"), { maxKeys: 5 }),
    ),
  }));
  fc.assert(
    fc.property(fc.constantFrom(...ENDPOINT_KINDS), tree, (kind, json) => {
      said(endpointRow(kind), json);
      const memory = new ReplyListener(endpointRow(kind));
      memory.piece(Buffer.from(JSON.stringify(json)));
      memory.finish();
      memory.memory.message();
    }),
    { numRuns: 5000 },
  );
  for (const kind of ENDPOINT_KINDS) expect(said(endpointRow(kind), {})).not.toHaveProperty("text");
});
