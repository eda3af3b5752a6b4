import { expect, test } from "bun:test";
import type { EndpointPlan } from "#config";
import { VERSION } from "#core";
import { CORRELATION_ID, headerRows, REQUEST_ID } from "#endpoint";
import { endpointPlan } from "./make.ts";

/** The rows as text: what changes with each request in angle brackets. */
function shown(changes: Partial<EndpointPlan>): string[] {
  return headerRows(endpointPlan(changes)).map(([name, value]) => {
    if (value === REQUEST_ID) return `${name}: <request>`;
    if (value === CORRELATION_ID) return `${name}: <correlation>`;
    return `${name}: ${String(value)}`;
  });
}

const FIRST = [
  `User-Agent: aiperf/${VERSION}`,
  "X-Request-ID: <request>",
  "X-Correlation-ID: <correlation>",
];
const LAST = ["Content-Type: application/json", "X-Session-Affinity: <correlation>"];

test("a streaming request asks for events", () =>
  expect(shown({})).toEqual([...FIRST, "Accept: text/event-stream", ...LAST]));

test("any other asks for JSON", () =>
  expect(shown({ streaming: false })).toEqual([...FIRST, "Accept: application/json", ...LAST]));

test("the user's come after the program's own and before the key", () =>
  expect(
    shown({
      headers: [
        ["X-Team", "a"],
        ["x-empty", ""],
      ],
      apiKey: "sk-1",
    }),
  ).toEqual([
    ...FIRST,
    "X-Team: a",
    "x-empty: ",
    "Authorization: Bearer sk-1",
    "Accept: text/event-stream",
    ...LAST,
  ]));

test("a later one replaces an earlier one, whatever its case", () => {
  const rows = shown({
    headers: [
      ["user-agent", "mine"],
      ["x-request-id", "1"],
      ["AUTHORIZATION", "Basic x"],
      ["x-team", "a"],
      ["X-Team", "b"],
    ],
    apiKey: "sk-1",
  });
  expect(rows).toEqual([
    "user-agent: mine",
    "x-request-id: 1",
    "X-Correlation-ID: <correlation>",
    "Authorization: Bearer sk-1",
    "X-Team: b",
    "Accept: text/event-stream",
    ...LAST,
  ]);
});

test("what is read and written, and how a request is framed, is not the user's to change", () =>
  expect(
    shown({
      headers: [
        ["accept", "text/html"],
        ["content-type", "text/plain"],
        ["Content-Length", "5"],
        ["transfer-encoding", "chunked"],
      ],
    }).sort(),
  ).toEqual([...FIRST, "Accept: text/event-stream", ...LAST].sort()));

test("Anthropic's API has a header of its own for the key, and wants a version", () => {
  const plan = endpointPlan({ kind: "messages", apiKey: "k" });
  const rows = headerRows(plan);
  expect(rows).toContainEqual(["x-api-key", "k"]);
  expect(rows).toContainEqual(["anthropic-version", "2023-06-01"]);
  expect(rows.some(([name]) => name === "Authorization")).toBe(false);
  const newer = headerRows({ ...plan, headers: [["Anthropic-Version", "2030-01-01"]] });
  expect(newer.filter(([name]) => /^anthropic-version$/i.test(name))).toEqual([
    ["Anthropic-Version", "2030-01-01"],
  ]);
});

test("a session's id has the name that the user gave it", () => {
  const rows = headerRows(endpointPlan({ sessionHeader: "X-Session" }));
  expect(rows).toContainEqual(["X-Session", CORRELATION_ID]);
  expect(rows.some(([name]) => name === "X-Correlation-ID")).toBe(false);
});

test("a form says what stands between its parts", () => {
  const rows = headerRows(endpointPlan({ contentType: "multipart/form-data" }));
  const type = rows.find(([name]) => name === "Content-Type")?.[1];
  expect(type).toMatch(/^multipart\/form-data; boundary=[\w-]{20,70}$/);
});
