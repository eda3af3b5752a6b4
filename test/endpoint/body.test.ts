// Request bodies, byte for byte: servers parse JSON, but caches, logs and people compare text.

import { expect, test } from "bun:test";
import type { EndpointKind, EndpointPlan } from "#config";
import type { Session } from "#core";
import { endpointRow } from "#endpoint";
import { endpointPlan, sessionOf, turnOf } from "./make.ts";

function bodyOf(
  kind: EndpointKind,
  texts: readonly string[],
  plan: Partial<EndpointPlan>,
  maxTokens?: number,
  session: Partial<Session> = {},
): string {
  const turn = turnOf(texts, { maxTokens });
  const whole = sessionOf(turn, session);
  return JSON.stringify(endpointRow(kind).body({ plan: endpointPlan(plan), session: whole, turn }));
}

const STILL = { streaming: false };

test("chat: one text is a string, two are parts", () => {
  expect(bodyOf("chat", ["hi"], {}, 4)).toBe(
    '{"messages":[{"role":"user","content":"hi"}],"model":"m","stream":true,"max_completion_tokens":4,"stream_options":{"include_usage":true}}',
  );
  expect(bodyOf("chat", ["a", "b"], STILL)).toBe(
    '{"messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}],"model":"m","stream":false}',
  );
  expect(bodyOf("chat", ["a", "", "b"], STILL)).toBe(bodyOf("chat", ["a", "b"], STILL));
  expect(bodyOf("chat", ["", "b"], STILL)).toBe(bodyOf("chat", ["b"], STILL));
});

test("chat: system text, then the user's context, then the turn", () =>
  expect(bodyOf("chat", ["c"], STILL, 1, { systemText: "a", userContextText: "b" })).toBe(
    '{"messages":[{"role":"system","content":"a"},{"role":"user","content":"b"},{"role":"user","content":"c"}],"model":"m","stream":false,"max_completion_tokens":1}',
  ));

test("chat: the token limit under its old name", () =>
  expect(bodyOf("chat", ["a"], { ...STILL, useLegacyMaxTokens: true }, 7)).toBe(
    '{"messages":[{"role":"user","content":"a"}],"model":"m","stream":false,"max_tokens":7}',
  ));

test("completions: one prompt is a string, several are a list", () => {
  expect(bodyOf("completions", ["a"], {}, 4)).toBe(
    '{"prompt":"a","model":"m","stream":true,"max_tokens":4,"stream_options":{"include_usage":true}}',
  );
  expect(bodyOf("completions", ["a", "", "b"], STILL)).toBe(
    '{"prompt":["a","b"],"model":"m","stream":false}',
  );
});

test("extra inputs come last and replace fields of the same name in place", () => {
  const extraInputs = { temperature: 0.5, model: "other", nested: { a: [1, null] } };
  expect(bodyOf("chat", ["a"], { ...STILL, extraInputs }, 3)).toBe(
    '{"messages":[{"role":"user","content":"a"}],"model":"other","stream":false,"max_completion_tokens":3,"temperature":0.5,"nested":{"a":[1,null]}}',
  );
  expect(bodyOf("completions", ["a"], { ...STILL, extraInputs: { max_tokens: 9 } }, 3)).toBe(
    '{"prompt":"a","model":"m","stream":false,"max_tokens":9}',
  );
});

const STREAM_OPTIONS: [what: string, extraInputs: EndpointPlan["extraInputs"], options: unknown][] =
  [
    ["nothing", {}, { include_usage: true }],
    ["no usage", { stream_options: { include_usage: false } }, { include_usage: false }],
    [
      "something else",
      { stream_options: { continuous_usage_stats: true } },
      { include_usage: true, continuous_usage_stats: true },
    ],
    ["no stream after all", { stream: false }, undefined],
  ];
test.each(STREAM_OPTIONS)(
  "stream options when the user asks for %s",
  (_what, extraInputs, options) => {
    for (const kind of ["chat", "completions"] as const)
      expect(JSON.parse(bodyOf(kind, ["a"], { extraInputs })).stream_options).toEqual(options);
  },
);

test("stream options follow an extra input that asks for a stream", () =>
  expect(
    JSON.parse(bodyOf("chat", ["a"], { ...STILL, extraInputs: { stream: true } })).stream_options,
  ).toEqual({ include_usage: true }));

test("the payloads of a recorded run", async () => {
  const { data } = await Bun.file(`${import.meta.dir}/../golden/stream/inputs.json`).json();
  expect(data).toHaveLength(20);
  for (const { payloads } of data) {
    for (const payload of payloads) {
      const content = payload.messages[0].content;
      const turn = turnOf([content], { model: "mock", maxTokens: payload.max_completion_tokens });
      const plan = endpointPlan();
      const body = endpointRow("chat").body({ plan, session: sessionOf(turn), turn });
      expect(JSON.stringify(body)).toBe(JSON.stringify(payload));
    }
  }
});
