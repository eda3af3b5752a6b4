import { expect, test } from "bun:test";
import type { Summary } from "#metrics";
import { failureLine, renderReport } from "#report";
import { adviceOn } from "../../src/report/advice.ts";

const summaryWith = (changes: Partial<Summary>): Summary => ({
  metrics: [],
  warmupMetrics: [],
  errors: [],
  okCount: 0,
  errorCount: 0,
  startWallNs: 0n,
  endWallNs: 1n,
  acceptance: [],
  ...{ slos: [], sliced: undefined, steady: undefined, hdr: [], phases: [] },
  epoch: { monotonicNs: 0, wallNs: 0n },
  ...changes,
});

const refused = {
  code: undefined,
  type: "ConnectionRefused",
  message: "nothing listens on x:1: start the server, or check --url",
};

test.each([
  [400, "--model"],
  [401, "--api-key"],
  [403, "--api-key"],
  [404, "--endpoint-type"],
  [413, "--isl"],
  [422, "inputs.json"],
  [429, "--concurrency"],
  [500, "log"],
  [503, "log"],
])("%d has a way out", (code, word) => expect(adviceOn(code)).toContain(word));

test.each([
  [
    400,
    "1 validation error:\\n  {'type': 'missing', 'loc': 'body.documents', 'msg': 'Field required'}",
    "cohere-rankings",
  ],
  [422, "Failed to deserialize the JSON body: missing field `texts` at line 1", "hf-tei-rankings"],
  [422, '{"detail":[{"type":"missing","loc":["body","passages"]}]}', "nim-rankings"],
  [400, "Unsupported parameter: 'max_completion_tokens'", "--use-legacy-max-tokens"],
  [422, "Unexpected keys in the request: {'ignore_eos'}", "--extra-inputs"],
  [400, "these documents are too long", "inputs.json"],
  [500, "missing documents", "log"],
])("%d and what the server says: %s", (code, message, word) =>
  expect(adviceOn(code, message)).toContain(word),
);

test.each([undefined, 308, 499])("%p needs none", (code) => expect(adviceOn(code)).toBeUndefined());

test("a run without a result is one line, with the message's own way out", () => {
  const errors = [{ ...refused, count: 3 }];
  expect(failureLine(summaryWith({ errors, errorCount: 3 }))).toBe(
    "no request succeeded: ConnectionRefused: nothing listens on x:1: start the server, or check --url",
  );
});

test("of several failures the most frequent one is told, on one line that ends", () => {
  const page = { code: 404, type: "Not Found", message: `<h1>\n${"no ".repeat(500)}`, count: 2 };
  const line = failureLine(
    summaryWith({ errors: [page, { ...refused, count: 1 }], errorCount: 3 }),
  );
  expect(line).toStartWith("no request succeeded: 2 of 3 failed with 404 Not Found: <h1> no no");
  expect(line).toEndWith("…; " + adviceOn(404));
  expect(line).not.toContain("\n");
  expect(line!.length).toBeLessThan(500);
});

test("a run with a result has no such line", () => {
  const errors = [{ ...refused, count: 3 }];
  expect(failureLine(summaryWith({ errors, errorCount: 3, okCount: 1 }))).toBeUndefined();
  expect(failureLine(summaryWith({}))).toBeUndefined();
});

test("the report advises on each status, and calls what was given up unfinished", () => {
  const options = {
    ...{ width: 140, color: false, title: "LLM Metrics", files: [], notes: [] },
    ...{ wasCancelled: false, incompleteReason: undefined },
  };
  const errors = [
    { code: 429, type: "Too Many Requests", message: "slow down", count: 3 },
    { code: 429, type: "Too Many Requests", message: "really", count: 1 },
  ];
  const text = renderReport(summaryWith({ errors, errorCount: 4 }), options);
  expect(text).toContain(`\nHTTP 429 in 4 of 4 requests: ${adviceOn(429)}.\n`);
  const lacking = { code: 400, type: "Bad Request", message: "missing field `texts`", count: 1 };
  const other = { ...lacking, message: "no such model", count: 2 };
  const two = renderReport(summaryWith({ errors: [other, lacking], errorCount: 3 }), options);
  expect(two).toContain(`HTTP 400 in 2 of 3 requests: ${adviceOn(400)}`.slice(0, 100));
  expect(two).toContain("HTTP 400 in 1 of 3 requests: the server ranks texts");
  const cancelled = { code: 499, type: "RequestCancellationError", message: "over", count: 1 };
  expect(renderReport(summaryWith({ errors: [cancelled], errorCount: 1 }), options)).toContain(
    "No request was finished",
  );
});
