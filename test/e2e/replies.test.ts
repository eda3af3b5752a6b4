// Replies that a server words in its own way, from the binary: tool calls, speculative decoding,
// compression that nobody asked for, and everything that is no result.

import { expect, test } from "bun:test";
import { aiperf, profile, QWEN3 } from "./aiperf.ts";
import { metric } from "./artifacts.ts";
import { serve, stream, type Wire, whole } from "./wire.ts";

const FLAGS = ["--tokenizer", QWEN3, "--isl", "8", "--request-count", "3", "--concurrency", "1"];
const chunk = (delta: object, rest: object = {}) =>
  JSON.stringify({ choices: [{ index: 0, delta }], ...rest });

test("calls of tools are output, and make the next turn's history", async () => {
  const call = (fn: object) => chunk({ tool_calls: [{ index: 0, id: "c1", function: fn }] });
  using server = serve((wire) =>
    wire.write(
      stream(
        chunk({ reasoning_content: "I should look" }),
        call({ name: "look_up", arguments: "" }),
        call({ arguments: '{"a":1}' }),
        "[DONE]",
      ),
    ),
  );
  const flags = ["--tokenizer", QWEN3, "--isl", "8", "--num-sessions", "1"];
  await using run = await aiperf(
    profile(`http://${server.authority}`, "--streaming", "--session-turns-mean", "2", ...flags),
  );
  expect(run.status, run.stderr).toBe(0);
  const [first] = run.artifacts.records();
  expect(first!.metrics.reasoning_token_count?.value).toBe(3);
  expect(first!.metrics.output_token_count?.value).toBeGreaterThan(4);
  const bodies = server.received.flatMap(
    (text) => /\{"messages.*\}/g.exec(text.slice(text.lastIndexOf("POST")))?.[0] ?? [],
  );
  const { messages } = JSON.parse(bodies.at(-1)!);
  expect(messages[1]).toEqual({
    role: "assistant",
    content: null,
    tool_calls: [
      { id: "c1", type: "function", function: { name: "look_up", arguments: '{"a":1}' } },
    ],
  });
});

test("what a server says of its speculative decoding is in the figures", async () => {
  const told = {
    num_spec_steps: 4,
    num_draft_tokens: 12,
    num_accepted_draft_tokens: 6,
    acceptance_histogram: [1, 1, 1, 1],
  };
  const end = JSON.stringify({ choices: [], metrics: { speculative_decoding: told } });
  using server = serve((wire) =>
    wire.write(stream(chunk({ content: "a b c" }), chunk({ content: " d e" }), end, "[DONE]")),
  );
  await using run = await aiperf(profile(`http://${server.authority}`, "--streaming", ...FLAGS));
  expect(run.status, run.stderr).toBe(0);
  const summary = run.artifacts.summary();
  expect(metric(summary, "spec_decode_acceptance_length").avg).toBe(2.5);
  expect(metric(summary, "spec_decode_draft_acceptance_rate").avg).toBe(50);
  expect(run.stdout).toContain("Acceptance Length");
  expect(run.stdout).toContain("0: 25 %, 1: 25 %, 2: 25 %, 3: 25 %");
  const lines = run.artifacts.records();
  const each = lines.length;
  expect(summary.pooled_spec_decode_acceptance_histogram).toEqual({
    ...{ "0": each, "1": each, "2": each, "3": each },
  });
  expect(lines[0]!.spec_decode_acceptance).toMatchObject({
    ...{ engine: "vllm", mean_acceptance_length: 2.5, draft_acceptance_rate: 0.5 },
    acceptance_histogram: { "0": 1, "1": 1, "2": 1, "3": 1 },
  });
});

/** Writes a stream in gzip, one event a write. */
function compressed(wire: Wire): void {
  const events = [chunk({ content: "a" }), chunk({ content: " b" }), "[DONE]"];
  const bytes = Bun.gzipSync(events.map((data) => `data: ${data}\n\n`).join(""));
  const head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: gzip\r\n";
  wire.write(`${head}Content-Length: ${bytes.length}\r\n\r\n`);
  wire.writeBytes(bytes);
}

test("a stream that is compressed all the same is read", async () => {
  using server = serve(compressed);
  await using run = await aiperf(profile(`http://${server.authority}`, "--streaming", ...FLAGS));
  expect(run.status, run.stderr).toBe(0);
  expect(metric(run.artifacts.summary(), "output_sequence_length").avg).toBe(2);
});

const REPLIES: [what: string, flags: string, reply: string, error: object][] = [
  [
    "a status",
    "",
    whole("503 Busy", "text/plain", "later"),
    { code: 503, type: "Busy", message: "later" },
  ],
  [
    "a status of embeddings",
    "--endpoint-type embeddings",
    whole("422 No", "application/json", '{"detail":"x"}'),
    { code: 422 },
  ],
  [
    "another type",
    "--streaming --endpoint-type messages",
    whole("200 OK", "text/html", "<p>"),
    { type: "NotAStream" },
  ],
  [
    "half a JSON",
    "--endpoint-type responses",
    whole("200 OK", "application/json", '{"output":['),
    { type: "MalformedReply" },
  ],
  [
    "another shape",
    "--endpoint-type embeddings",
    whole("200 OK", "application/json", '{"choices":[]}'),
    { type: "UnexpectedReply" },
  ],
  [
    "nothing in it",
    "--endpoint-type image-generation",
    whole("200 OK", "application/json", '{"data":[]}'),
    { type: "InvalidInferenceResultError" },
  ],
  [
    "an error event",
    "--streaming --endpoint-type messages",
    whole(
      "200 OK",
      "text/event-stream",
      'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"later"}}\n\n',
    ),
    { code: 502, type: "SSEResponseError", message: "later" },
  ],
  [
    "an error in 200",
    "--endpoint-type huggingface-generate",
    whole("200 OK", "application/json", '{"error":"full","error_type":"overloaded"}'),
    { type: "overloaded", message: "full" },
  ],
];

test.each(REPLIES)(
  "%s is an error, counted once for all requests",
  async (_what, flags, reply, error) => {
    using server = serve((wire) => wire.write(reply));
    const more = flags.split(" ").filter((flag) => flag !== "");
    await using run = await aiperf(profile(`http://${server.authority}`, ...more, ...FLAGS));
    expect(run.status).toBe(1);
    const { error_summary: errors } = run.artifacts.summary();
    expect(errors).toHaveLength(1);
    expect(errors![0]).toMatchObject({ count: 3, error_details: error });
  },
);
