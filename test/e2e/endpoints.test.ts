// Every kind of endpoint from the binary against the mock: requests that all succeed, as many
// tokens as were sent, and the metrics that make sense of such replies, and no others.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { ENDPOINT_KINDS, type EndpointKind, endpointFacts } from "#config";
import { aiperf, profile, QWEN3, scratch } from "./aiperf.ts";
import { metric, type RunSummary } from "./artifacts.ts";
import { type Mock, startMock } from "./mock.ts";

const REQUESTS = 3;
const TOKENS = 5;

let mock: Mock;
beforeAll(async () => {
  mock = await startMock("--ttft-ms", "2", "--itl-ms", "1", "--default-osl", String(TOKENS));
});
afterAll(() => mock[Symbol.asyncDispose]());

const IMAGE = ["--image-width-mean", "8", "--image-height-mean", "8", "--image-format", "png"];
const TEMPLATE =
  'payload_template:{"prompt":"{{ text }}","model":"{{ model }}","stream":{{ stream|tojson }},"max_tokens":{{ max_tokens }},"stream_options":{{ ({"include_usage":true} if stream else none)|tojson }}}';
const PAYLOAD = { messages: [{ role: "user", content: "hi" }], max_tokens: TOKENS, model: "m" };

/** What a kind needs beside its name. */
const MORE: { readonly [kind in EndpointKind]?: readonly string[] } = {
  "chat-embeddings": IMAGE,
  "nim-embeddings": IMAGE,
  "image-edit": IMAGE,
  "image-retrieval": IMAGE,
  "audio-transcription": ["--audio-length-mean", "0.1"],
  "video-generation": ["--download-video-content", "--request-content-type", "multipart/form-data"],
};

const TOKEN_METRICS = ["output_sequence_length", "output_token_throughput"];
const STREAM_METRICS = ["time_to_first_token", "inter_token_latency", "inter_chunk_latency"];

async function summaryOf(kind: EndpointKind, streaming: boolean): Promise<RunSummary> {
  const flags = ["--endpoint-type", kind, "--request-count", String(REQUESTS)];
  if (streaming) flags.push("--streaming");
  if (endpointFacts(kind).tokenizesInput) flags.push("--tokenizer", QWEN3);
  const folder = scratch();
  let url = mock.url;
  if (kind === "raw") {
    url += "/v1/chat/completions";
    const file = join(folder, "payloads.jsonl");
    await Bun.write(
      file,
      `${JSON.stringify({ ...PAYLOAD, stream: streaming })}\n`.repeat(REQUESTS),
    );
    flags.push("--input-file", file, "--custom-dataset-type", "raw-payload");
  } else flags.push("--osl", String(TOKENS), ...(MORE[kind] ?? []));
  if (kind !== "raw" && endpointFacts(kind).tokenizesInput) flags.push("--isl", "12");
  if (kind === "template") {
    url += "/v1/completions";
    flags.push("--extra-inputs", TEMPLATE);
  }
  await using run = await aiperf(profile(url, ...flags), { cwd: folder });
  expect(run.complaint, run.stderr).not.toContain("[E_");
  expect(run.status, run.stderr).toBe(0);
  return run.artifacts.summary();
}

function expectFigures(kind: EndpointKind, summary: RunSummary, streaming: boolean): void {
  const facts = endpointFacts(kind);
  expect(metric(summary, "request_count").avg).toBe(REQUESTS);
  expect(summary.error_request_count).toBeUndefined();
  for (const tag of TOKEN_METRICS) expect(tag in summary, tag).toBe(facts.producesTokens);
  for (const tag of STREAM_METRICS)
    expect(tag in summary, tag).toBe(streaming && facts.producesTokens);
  expect("input_sequence_length" in summary).toBe(facts.tokenizesInput);
  if (facts.producesTokens) {
    const length = metric(summary, "output_sequence_length");
    expect([length.min, length.max]).toEqual([TOKENS, TOKENS]);
  }
  expect("num_images" in summary).toBe(MORE[kind] === IMAGE);
  expect("audio_duration" in summary).toBe(kind === "audio-transcription");
  expect("video_peak_memory" in summary).toBe(kind === "video-generation");
}

describe.each(ENDPOINT_KINDS)("%s", (kind) => {
  test("whole replies", async () => {
    expectFigures(kind, await summaryOf(kind, false), false);
  });

  test.if(endpointFacts(kind).streams)("streams", async () => {
    expectFigures(kind, await summaryOf(kind, true), true);
  });
});

test("a stream that a kind does not have is turned off, with a note", async () => {
  const flags = ["--endpoint-type", "embeddings", "--streaming", "--request-count", "1"];
  await using run = await aiperf(profile(mock.url, ...flags, "--tokenizer", QWEN3));
  expect(run.status).toBe(0);
  expect(run.stdout).toContain("--streaming is turned off");
});

test("a multi-turn conversation in other words than a chat's", async () => {
  for (const kind of ["responses", "messages"]) {
    const flags = ["--endpoint-type", kind, "--streaming", "--num-sessions", "2"];
    const turns = ["--session-turns-mean", "3", "--isl", "12", "--osl", "5", "--tokenizer", QWEN3];
    await using run = await aiperf(profile(mock.url, ...flags, ...turns));
    expect(run.status, run.stderr).toBe(0);
    const lengths = run.artifacts
      .records()
      .filter(({ metadata }) => metadata.turn_index === 2)
      .map(({ metrics }) => metrics.input_sequence_length?.value);
    // Three turns of twelve tokens and two replies of five; where texts meet, a space may be one.
    expect(lengths).toHaveLength(2);
    for (const length of lengths) {
      expect(length).toBeGreaterThanOrEqual(46 - 2);
      expect(length).toBeLessThanOrEqual(46 + 4);
    }
  }
});

test("a chunk of several tokens: ITL counts from what came with the first one", async () => {
  await using fast = await startMock("--tokens-per-chunk", "4", "--itl-ms", "5");
  const flags = ["--streaming", "--osl", "12", "--isl", "12", "--request-count", "4"];
  const counted = ["--use-server-token-count", "--per-chunk-usage"];
  await using run = await aiperf(profile(fast.url, ...flags, ...counted));
  expect(run.status, run.stderr).toBe(0);
  const summary = run.artifacts.summary();
  expect(run.stdout).toContain("4.00 tokens into a chunk");
  // Eight tokens after the first chunk, in two gaps of four.
  const decode = metric(summary, "decode_duration").avg!;
  const itl = metric(summary, "inter_token_latency").avg!;
  const icl = metric(summary, "inter_chunk_latency").avg!;
  expect(itl * 8).toBeCloseTo(decode, 3);
  expect(icl * 2).toBeCloseTo(decode, 3);
});

test("errors of a kind that does not exist there are grouped, and the run goes on", async () => {
  await using run = await aiperf(
    profile(
      mock.url,
      "--endpoint",
      "/nowhere",
      "--endpoint-type",
      "responses",
      "--request-count",
      "3",
    ),
  );
  expect(run.status).toBe(1);
  const { error_summary: errors } = run.artifacts.summary();
  expect(errors).toHaveLength(1);
  expect(errors![0]).toMatchObject({ count: 3, error_details: { code: 404 } });
});
