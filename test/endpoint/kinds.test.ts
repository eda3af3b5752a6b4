// Every kind of endpoint against the mock, which shares no code with it: a turn becomes a body, the
// body gets a reply, and the reply becomes a record, streamed and whole.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { ENDPOINT_KINDS, type EndpointKind, endpointFacts } from "#config";
import type { RequestRecord, Turn } from "#core";
import {
  CORRELATION_ID,
  encodeBody,
  endpointPath,
  headerRows,
  openEndpoint,
  REQUEST_ID,
  targetOf,
} from "#endpoint";
import { type MockServer, startMock } from "#mock";
import { characters, feeder } from "../records/feed.ts";
import { endpointPlan, sessionOf, turnOf } from "./make.ts";

const TOKENS = 6;
const PIXEL = "data:image/png;base64,iVBORw0KGgo=";

const image = { images: [{ name: "image_url", contents: [PIXEL] }] };
const ranking: Partial<Turn> = {
  texts: [
    { name: "query", contents: ["what is it"] },
    { name: "passages", contents: ["this", "that", "those"] },
  ],
};

interface Case {
  readonly turn?: Partial<Turn>;
  /** Where the mock speaks it, for kinds without a path of their own. */
  readonly path?: string;
  readonly inputs?: { readonly [key: string]: string | number };
  readonly template?: string;
  /** Content responses of a stream of six tokens. */
  readonly contents?: number;
  /** A whole reply has no usage. */
  readonly hasNoUsage?: true;
}

const CASES: { readonly [kind in EndpointKind]: Case } = {
  chat: {},
  completions: {},
  responses: {},
  messages: {},
  embeddings: {},
  "chat-embeddings": { turn: image },
  "nim-embeddings": { turn: image },
  "nim-rankings": { turn: ranking },
  "cohere-rankings": { turn: ranking },
  "hf-tei-rankings": { turn: ranking, hasNoUsage: true },
  "huggingface-generate": { hasNoUsage: true },
  "image-generation": { contents: 2 },
  "image-edit": { turn: image },
  "video-generation": { hasNoUsage: true },
  "image-retrieval": { turn: image, hasNoUsage: true },
  "audio-transcription": {
    turn: { audios: [{ name: "input_audio", contents: ["wav,UklGRg=="] }] },
    hasNoUsage: true,
  },
  "solido-rag": { hasNoUsage: true },
  template: {
    path: "/v1/completions",
    template:
      '{"model": {{ model|tojson }}, "prompt": "{{ text }}", "stream": {{ stream|tojson }}, "max_tokens": {{ max_tokens }}}',
  },
  raw: {
    path: "/v1/completions",
    turn: { payload: { prompt: "any", stream: true, max_tokens: TOKENS, model: "m" } },
  },
};

let server: MockServer;
beforeAll(async () => {
  server = await startMock({ defaultOsl: TOKENS });
});
afterAll(() => server.stop());

/** Sends one turn and understands its reply as a run would. */
async function ask(kind: EndpointKind, streaming: boolean): Promise<RequestRecord> {
  const { turn: changes, path, template } = CASES[kind];
  const plan = endpointPlan({
    kind,
    streaming,
    path,
    template,
    urls: [server.url],
    contentType: endpointFacts(kind).contentTypes[0]!,
  });
  const row = await openEndpoint(plan);
  const turn = turnOf(['say "it"\nnow'], { maxTokens: TOKENS, ...changes });
  const made = turn.payload ?? row.body({ plan, session: sessionOf(turn), turn });
  const isForm = plan.contentType === "multipart/form-data";
  const body = encodeBody(kind === "raw" ? { ...(made as object), stream: streaming } : made, {
    ...row,
    isForm,
  });
  const headers = headerRows(plan).map(([name, value]): [string, string] => [
    name,
    value === REQUEST_ID || value === CORRELATION_ID ? "x" : (value as string),
  ]);
  const { url } = targetOf(server.url, endpointPath(plan));
  let reply = await fetch(url, { method: "POST", headers, body });
  if (row.job !== undefined) {
    const state = row.job.stateOf((await reply.json()) as { readonly [key: string]: unknown });
    if (state.kind !== "pending") throw new Error(`the film is ${state.kind}`);
    reply = await fetch(url + state.path);
  }
  const pieces = [Buffer.from(await reply.arrayBuffer())];
  const contentType = reply.headers.get("content-type") ?? "";
  return feeder({ row, streaming }).feed({ pieces, end: { contentType, status: reply.status } });
}

test("there is a case for every kind", () =>
  expect(Object.keys(CASES).sort()).toEqual([...ENDPOINT_KINDS].sort()));

describe.each(ENDPOINT_KINDS)("%s", (kind) => {
  const facts = endpointFacts(kind);
  const { contents = TOKENS, hasNoUsage } = CASES[kind];

  test("a whole reply", async () => {
    const record = await ask(kind, false);
    expect(record.error).toBeUndefined();
    expect([...record.contentNs]).toEqual([record.endNs]);
    expect(record.outputTokens !== undefined).toBe(facts.producesTokens);
    expect(record.inputTokens).toBe(facts.tokenizesInput ? 7 : undefined);
    if (facts.producesTokens) expect(record.outputTokens).toBeGreaterThan(2 * TOKENS);
    expect(record.usage === undefined).toBe(hasNoUsage === true);
    if (kind === "video-generation") expect(record.media?.videoPeakMemoryMb).toBe(1024);
  });

  test.if(facts.streams)("a stream", async () => {
    const record = await ask(kind, true);
    expect(record.error).toBeUndefined();
    expect(record.contentNs).toHaveLength(contents);
    const whole = await ask(kind, false);
    if (facts.producesTokens) {
      // Words differ from reply to reply in their letters, not in their number.
      expect(record.outputTokens).toBeGreaterThan(2 * TOKENS);
      // A body that is not the endpoint's own does not ask for usage.
      if (facts.path !== "")
        expect(record.usage?.completionTokens).toBe(whole.usage?.completionTokens);
    } else expect(record.outputTokens).toBeUndefined();
  });
});

test("a character is a token in these tests", () => expect(characters.count("abc")).toBe(3));
