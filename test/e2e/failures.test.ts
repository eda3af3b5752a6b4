// Servers that misbehave, one way each. Every failed request is a record that says why, no figure
// includes it, and the last line of stderr says what to do.

import { expect, test } from "bun:test";
import { aiperf, type Finished, profile, SHORT } from "./aiperf.ts";
import { metric } from "./artifacts.ts";
import { startMock } from "./mock.ts";
import { delta, serve, stream, type Wire, whole } from "./wire.ts";

const HI = delta({ content: "hi" });
const HEAD = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n";
const LONG = `${HEAD}Content-Length: 9999\r\n\r\ndata: ${HI}\n\n`;
const LONG_CHUNKED = `${HEAD}Transfer-Encoding: chunked\r\n\r\n6\r\ndata: \r\n`;

const reply = (text: string) => (wire: Wire) => wire.write(text);
const then = (text: string, act: (wire: Wire) => void) => (wire: Wire) => {
  wire.write(text);
  setTimeout(act, 20, wire);
};

interface Misdeed {
  readonly what: string;
  readonly deed: (wire: Wire) => void;
  readonly code?: number;
  readonly type: string;
  /** In the record's message. */
  readonly message: string;
  /** In the last line of stderr, besides the message. */
  readonly advice?: string;
}

const MISDEEDS: readonly Misdeed[] = [
  {
    what: "a status with a body",
    deed: reply(whole("503 Service Unavailable", "application/json", '{"error":"loading"}')),
    ...{
      code: 503,
      type: "Service Unavailable",
      message: '{"error":"loading"}',
      advice: "its log",
    },
  },
  {
    what: "an unknown path",
    deed: reply(whole("404 Not Found", "text/html", "<h1>\nNot here</h1>")),
    ...{ code: 404, type: "Not Found", message: "Not here", advice: "--endpoint-type" },
  },
  {
    what: "a key that is not right",
    deed: reply(whole("401 Unauthorized", "text/plain", "")),
    ...{ code: 401, type: "Unauthorized", message: "no reason", advice: "--api-key" },
  },
  {
    what: "a redirect",
    deed: reply("HTTP/1.1 308 Moved\r\nLocation: https://x/\r\nContent-Length: 0\r\n\r\n"),
    ...{ code: 308, type: "Moved", message: "--url" },
  },
  {
    what: "JSON where a stream was asked for",
    deed: reply(whole("200 OK", "application/json", '{"choices":[{"message":{"content":"hi"}}]}')),
    ...{ type: "NotAStream", message: "the reply is application/json: check --url and" },
  },
  {
    what: "a page where a stream was asked for",
    deed: reply(whole("200 OK", "text/html", "<h1>Log in</h1>")),
    ...{ type: "NotAStream", message: "the reply is text/html: check --url and" },
  },
  {
    what: "an event that is no JSON",
    deed: reply(stream(HI, "{oops", "[DONE]")),
    ...{ type: "MalformedReply", message: "{oops" },
  },
  {
    what: "lines that are no events",
    deed: reply(whole("200 OK", "text/event-stream", "this is\nno event stream\n\n")),
    ...{ type: "InvalidInferenceResultError", message: "without any content" },
  },
  {
    what: "an empty stream",
    deed: reply(whole("200 OK", "text/event-stream", "")),
    ...{ type: "InvalidInferenceResultError", message: "without any content" },
  },
  {
    what: "a role and no content",
    deed: reply(stream(delta({ role: "assistant", content: "" }), "[DONE]")),
    ...{ type: "InvalidInferenceResultError", message: "without any content" },
  },
  {
    what: "an error inside the stream",
    deed: reply(stream(HI, '{"error":{"message":"no memory","type":"Engine","code":500}}')),
    ...{ code: 500, type: "Engine", message: "no memory", advice: "its log" },
  },
  {
    what: "a stream that is reset",
    deed: then(LONG, (wire) => wire.reset()),
    ...{ type: "ConnectionReset", message: "reset the connection" },
  },
  {
    what: "a stream that ends too early",
    deed: then(LONG, (wire) => wire.end()),
    ...{ type: "IncompleteReply", message: "in the middle of its reply" },
  },
  {
    what: "chunks that end too early",
    deed: then(LONG_CHUNKED, (wire) => wire.end()),
    ...{ type: "IncompleteReply", message: "in the middle of its reply" },
  },
  {
    what: "the end of the connection instead of a reply",
    deed: (wire) => wire.end(),
    ...{ type: "ServerDisconnected", message: "without a reply" },
  },
  {
    what: "another protocol",
    deed: reply("SSH-2.0-OpenSSH_9.6\r\n"),
    ...{ type: "MalformedReply", message: "does not speak HTTP/1.1" },
  },
  {
    what: "a compressed stream",
    deed: reply(`${HEAD}Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc`),
    ...{ type: "CompressedReply", message: "turn compression off" },
  },
  {
    what: "silence",
    deed: () => {},
    ...{ type: "RequestTimeout", message: "--request-timeout-seconds" },
  },
];

const REQUESTS = ["--streaming", "--request-count", "3", "--concurrency", "2", ...SHORT];

test.each(MISDEEDS.map((row) => [row.what, row] as const))("%s", async (_, row) => {
  using server = serve(row.deed);
  await using run = await aiperf(
    profile(server.authority, "--request-timeout-seconds", "0.5", ...REQUESTS),
  );
  expectNothingMeasured(run, 3);
  for (const { error } of run.artifacts.records()) {
    expect(error?.code).toBe(row.code);
    expect(error?.type).toBe(row.type);
    expect(error?.message).toContain(row.message);
  }
  expect(run.complaint).toContain(row.message);
  expect(run.complaint).toContain(row.advice ?? "");
  // Nothing is sent twice: a retry would hide a failure.
  expect(server.received.join("").match(/POST \/v1\/chat/g)?.length).toBe(3);
});

test.each([
  ["a name that does not resolve", "nosuch.invalid:8000", "NameNotFound", "check --url"],
  ["a port where nothing listens", "localhost:1", "ConnectionRefused", "start the server, or"],
])("%s", async (_, url, type, wayOut) => {
  for (const transport of ["socket", "fetch"]) {
    await using run = await aiperf(profile(url, "--transport", transport, ...REQUESTS));
    expectNothingMeasured(run, 3);
    for (const { error } of run.artifacts.records()) {
      expect(error?.type).toBe(type);
      expect(error?.message).toContain(url.split(":")[0]!);
    }
    expect(run.complaint).toContain(wayOut);
  }
});

test.each(["socket", "fetch"])(
  "%s: a kept connection that ends under its second request is a failure, not a second attempt",
  async (transport) => {
    let requests = 0;
    using server = serve((wire) => {
      if (requests++ % 2 === 0) wire.write(stream(HI, "[DONE]"));
      else wire.end();
    });
    const flags = ["--streaming", "--transport", transport, "--request-count", "6", ...SHORT];
    await using run = await aiperf(profile(server.authority, ...flags));
    expect(run).toMatchObject({ status: 0 });
    expect(requests).toBe(6);
    const types = run.artifacts.records().map(({ error }) => error?.type);
    expect(types.filter((type) => type === "ServerDisconnected").length).toBe(3);
    expect(types.filter((type) => type === undefined).length).toBe(3);
  },
);

test("some failed: the figures are of the others, and the errors are grouped", async () => {
  await using mock = await startMock("--error-rate", "0.4", "--error-code", "429", "--seed", "7");
  await using run = await aiperf(
    profile(mock.url, "--streaming", "--request-count", "50", ...SHORT),
  );
  expect(run).toMatchObject({ status: 0 });
  const failed = run.artifacts.records().filter(({ error }) => error !== undefined);
  expect(failed.length).toBeWithin(1, 50);
  const ok = 50 - failed.length;

  const summary = run.artifacts.summary();
  expect(summary.is_complete).toBe(true);
  expect(summary.error_summary).toEqual([
    { error_details: failed[0]!.error!, count: failed.length },
  ]);
  expect(failed[0]!.error).toMatchObject({ code: 429, type: "Too Many Requests" });
  expect(metric(summary, "request_count").avg).toBe(ok);
  expect(metric(summary, "request_latency").count).toBe(ok);
  expect(metric(summary, "time_to_first_token").count).toBe(ok);
  expect(metric(summary, "output_sequence_length").count).toBe(ok);
  expect(metric(summary, "error_request_count").avg).toBe(failed.length);
  expect(metric(summary, "adj_request_latency").count).toBe(50);
  expect(run.stdout).toContain("AIPerf | Error Summary");
  expect(run.stdout).toContain(`HTTP 429 in ${failed.length} of 50 requests`);
  expect(run.stderr).not.toContain("no request succeeded");
  const seen = await mock.stop();
  expect(seen.filter(({ status }) => status === 429).length).toBe(failed.length);
});

test("replies that the mock drops are errors", async () => {
  await using mock = await startMock("--drop-rate", "1", "--itl-ms", "5");
  await using run = await aiperf(profile(mock.url, ...REQUESTS));
  expectNothingMeasured(run, 3);
  const seen = await mock.stop();
  expect(seen.map(({ outcome }) => outcome)).toEqual(["dropped", "dropped", "dropped"]);
});

/** All failed: error records, artifacts that say so, a line on stderr, and status 1. */
function expectNothingMeasured(run: Finished, count: number): void {
  expect(run).toMatchObject({ status: 1 });
  const records = run.artifacts.records();
  expect(records.length).toBe(count);
  for (const { error, metrics } of records) {
    expect(error).toBeDefined();
    expect(Object.keys(metrics)).toEqual(["error_isl"]);
  }
  const summary = run.artifacts.summary();
  expect(summary.error_summary.reduce((sum, group) => sum + group.count, 0)).toBe(count);
  expect(summary).not.toContainAnyKeys([
    ...["request_count", "request_latency", "time_to_first_token", "output_token_throughput"],
  ]);
  expect(run.artifacts.text("profile_export_aiperf.csv")).not.toContain("Request Latency");
  for (const text of [run.stdout, run.artifacts.text("profile_export_console.txt")]) {
    expect(text).toContain("AIPerf | Error Summary");
    expect(text).toContain(`No request succeeded: all ${count} failed`);
    expect(text).toContain(`Success Rate: 0% (${count} errors)`);
  }
  expect(run.complaint).toContain("ERROR    no request succeeded: ");
  expect(run.stderr).not.toMatch(/^ +at /m);
}
