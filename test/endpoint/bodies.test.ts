// The bodies of every kind, byte for byte, and a recorded conversation sent again.

import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { type EndpointKind, type EndpointPlan, endpointFacts } from "#config";
import type { Turn } from "#core";
import { type Body, encodeBody, endpointRow, openEndpoint, type PastTurn } from "#endpoint";
import { endpointPlan, sessionOf, turnOf } from "./make.ts";

const PNG = "data:image/png;base64,AAEC";
const WEB = "https://a/b.png";
const group = (name: string, ...contents: string[]) => [{ name, contents }];

interface Asked {
  readonly plan?: Partial<EndpointPlan>;
  readonly turn?: Partial<Turn>;
  readonly texts?: readonly string[];
  readonly system?: string;
  readonly context?: string;
}

function bodyOf(kind: EndpointKind, asked: Asked = {}): string {
  const turn = turnOf(asked.texts ?? ["hi"], { maxTokens: 4, ...asked.turn });
  const session = sessionOf(turn, { systemText: asked.system, userContextText: asked.context });
  const plan = endpointPlan({ kind, ...asked.plan });
  return JSON.stringify(endpointRow(kind).body({ plan, session, turn }));
}

const STILL = { plan: { streaming: false } };
const ranking = {
  texts: [...group("passages", "p", "q"), ...group("query", "what")],
};
const lead = { system: "be brief", context: "I am Ann" };
const TOOL = { type: "function", function: { name: "f" } };

const BODIES: [kind: EndpointKind, what: string, asked: Asked, body: string][] = [
  [
    "chat",
    "images by their names, and one that has nothing but its name",
    {
      ...STILL,
      turn: {
        images: [{ name: "image_url", contents: [WEB, "", WEB, ""], uuids: ["a", "b"] }],
      },
    },
    `{"messages":[{"role":"user","content":[{"type":"text","text":"hi"},{"type":"image_url","image_url":{"url":"${WEB}"},"uuid":"a"},{"type":"image_url","image_url":{"url":""},"uuid":"b"},{"type":"image_url","image_url":{"url":"${WEB}"}}]}],"model":"m","stream":false,"max_completion_tokens":4}`,
  ],
  [
    "chat",
    "media after the texts, in the order of their kinds",
    {
      ...STILL,
      turn: {
        images: group("image_url", PNG, "", WEB),
        audios: group("input_audio", "wav,AAEC"),
        videos: group("video_url", "https://a/b.mp4"),
      },
    },
    `{"messages":[{"role":"user","content":[{"type":"text","text":"hi"},{"type":"image_url","image_url":{"url":"${PNG}"}},{"type":"image_url","image_url":{"url":"${WEB}"}},{"type":"input_audio","input_audio":{"data":"AAEC","format":"wav"}},{"type":"video_url","video_url":{"url":"https://a/b.mp4"}}]}],"model":"m","stream":false,"max_completion_tokens":4}`,
  ],
  [
    "chat",
    "tools before the limit, the turn's fields over the user's, and usage with each chunk",
    {
      plan: { extraInputs: { a: 1, b: 1 }, perChunkUsage: true },
      turn: { tools: [TOOL], extra: { b: 2 } },
    },
    '{"messages":[{"role":"user","content":"hi"}],"model":"m","stream":true,"tools":[{"type":"function","function":{"name":"f"}}],"max_completion_tokens":4,"a":1,"b":2,"stream_options":{"include_usage":true,"continuous_usage_stats":true}}',
  ],
  [
    "responses",
    "the system text as instructions",
    lead,
    '{"input":[{"type":"message","role":"user","content":"I am Ann"},{"type":"message","role":"user","content":"hi"}],"model":"m","stream":true,"instructions":"be brief","max_output_tokens":4}',
  ],
  [
    "responses",
    "an image",
    { ...STILL, turn: { images: group("image_url", WEB) } },
    `{"input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"hi"},{"type":"input_image","image_url":"${WEB}"}]}],"model":"m","stream":false,"max_output_tokens":4}`,
  ],
  [
    "messages",
    "stream only when there is one",
    lead,
    '{"model":"m","messages":[{"role":"user","content":"I am Ann"},{"role":"user","content":"hi"}],"max_tokens":4,"stream":true,"system":"be brief"}',
  ],
  [
    "messages",
    "a limit where nobody set one, and images by their bytes or their address",
    { ...STILL, turn: { maxTokens: undefined, images: group("image_url", PNG, WEB) } },
    `{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"hi"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAEC"}},{"type":"image","source":{"type":"url","url":"${WEB}"}}]}],"max_tokens":1024}`,
  ],
  ["embeddings", "always a list", {}, '{"model":"m","input":["hi"]}'],
  [
    "embeddings",
    "fields of the user",
    { texts: ["a", "", "b"], plan: { extraInputs: { encoding_format: "base64" } } },
    '{"model":"m","input":["a","b"],"encoding_format":"base64"}',
  ],
  ["chat-embeddings", "messages", {}, '{"model":"m","messages":[{"role":"user","content":"hi"}]}'],
  [
    "nim-embeddings",
    "a text and its image in one",
    { texts: ["a", "b"], turn: { images: group("image_url", PNG) } },
    `{"model":"m","input":["a ${PNG}","b"]}`,
  ],
  [
    "nim-rankings",
    "objects",
    { turn: ranking },
    '{"model":"m","query":{"text":"what"},"passages":[{"text":"p"},{"text":"q"}]}',
  ],
  [
    "cohere-rankings",
    "texts",
    { turn: ranking },
    '{"model":"m","query":"what","documents":["p","q"]}',
  ],
  ["hf-tei-rankings", "no model", { turn: ranking }, '{"query":"what","texts":["p","q"]}'],
  [
    "huggingface-generate",
    "what the user adds is a parameter",
    { texts: ["a", "b"], plan: { extraInputs: { top_k: 3 } } },
    '{"inputs":"a b","parameters":{"max_new_tokens":4,"top_k":3}}',
  ],
  [
    "image-generation",
    "one image in base64",
    STILL,
    '{"prompt":"hi","model":"m","response_format":"b64_json","n":1}',
  ],
  [
    "image-generation",
    "a stream",
    { plan: { extraInputs: { size: "64x64" } } },
    '{"prompt":"hi","model":"m","response_format":"b64_json","n":1,"stream":true,"size":"64x64"}',
  ],
  [
    "image-edit",
    "files and addresses",
    { turn: { images: group("image_url", PNG, WEB) } },
    `{"prompt":"hi","model":"m","image":["${PNG}"],"url":"${WEB}"}`,
  ],
  ["video-generation", "a prompt", {}, '{"prompt":"hi","model":"m"}'],
  [
    "image-retrieval",
    "images alone",
    { texts: [], turn: { images: group("image_url", WEB) } },
    `{"input":[{"type":"image_url","url":"${WEB}"}]}`,
  ],
  [
    "audio-transcription",
    "a file",
    { texts: [], turn: { audios: group("input_audio", "mp3,AAEC") } },
    '{"file":["mp3,AAEC"],"model":"m"}',
  ],
  [
    "solido-rag",
    "its filters",
    {},
    '{"query":["hi"],"filters":{"family":"Solido","tool":"SDE"},"inference_model":"m"}',
  ],
];

test.each(BODIES)("%s: %s", (kind, _what, asked, body) => expect(bodyOf(kind, asked)).toBe(body));

test("a turn that ranks needs a query, and passages may be missing", () => {
  expect(() => bodyOf("cohere-rankings")).toThrow("no text group named query");
  expect(bodyOf("cohere-rankings", { turn: { texts: group("queries", "a", "b") } })).toBe(
    '{"model":"m","query":"a","documents":[]}',
  );
});

test("raw sends what the data says, and nothing of its own", () =>
  expect(() => bodyOf("raw")).toThrow("has no payload"));

test("fields that an edit's data fills in are not the user's", () =>
  expect(() => bodyOf("image-edit", { plan: { extraInputs: { mask: "x" } } })).toThrow("mask"));

describe("the conversation that AIPerf had", () => {
  interface Recorded {
    readonly messages: readonly { readonly role: string; readonly content: string }[];
    readonly model: string;
    readonly max_completion_tokens: number;
  }
  const texts = [1, 2, 3].map((number) =>
    readFileSync(`${import.meta.dir}/../golden/bodies/multiturn-${number}.json`, "utf8"),
  );
  test.each([0, 1, 2])("turn %p", (at) => {
    const { messages, model, max_completion_tokens }: Recorded = JSON.parse(texts[at]!);
    const [system, context, ...said] = messages;
    const turns = said.filter(({ role }) => role === "user");
    const replies = said.filter(({ role }) => role === "assistant");
    const history: PastTurn[] = replies.map((reply, index) => ({
      turn: turnOf([turns[index]!.content]),
      reply: { ...reply },
    }));
    expect(history).toHaveLength(at);
    const turn = turnOf([turns.at(-1)!.content], { model, maxTokens: max_completion_tokens });
    const session = sessionOf(turn, {
      systemText: system!.content,
      userContextText: context!.content,
    });
    const body = endpointRow("chat").body({ plan: endpointPlan(), session, turn, history });
    expect(JSON.stringify(body)).toBe(texts[at]!.trim());
  });
});

describe("conversations in other words", () => {
  const call = { id: "c1", type: "function", function: { name: "f", arguments: '{"a":1}' } };
  const history: PastTurn[] = [
    { turn: turnOf(["u0"], { tools: [TOOL] }), reply: { role: "assistant", content: "a0" } },
    {
      turn: turnOf(["u1"]),
      reply: { role: "assistant", content: null, tool_calls: [call] },
      replyId: "resp_1",
    },
  ];
  function said(kind: EndpointKind, extraInputs: EndpointPlan["extraInputs"] = {}): Body {
    const turn = turnOf(["now"]);
    const plan = endpointPlan({ kind, streaming: false, extraInputs });
    return endpointRow(kind).body({ plan, session: sessionOf(turn), turn, history });
  }

  test("responses: items, calls among them", () => {
    const body = said("responses");
    expect(body.input).toEqual([
      { type: "message", role: "user", content: "u0" },
      { type: "message", role: "assistant", content: "a0" },
      { type: "message", role: "user", content: "u1" },
      { type: "function_call", call_id: "c1", name: "f", arguments: '{"a":1}' },
      { type: "message", role: "user", content: "now" },
    ]);
    expect(body.tools).toEqual([TOOL]);
  });

  test("responses: a server that keeps replies is sent what is new", () =>
    expect(said("responses", { store: true })).toMatchObject({
      input: [{ type: "message", role: "user", content: "now" }],
      previous_response_id: "resp_1",
      store: true,
    }));

  test("messages: calls are blocks", () =>
    expect(said("messages").messages).toEqual([
      { role: "user", content: "u0" },
      { role: "assistant", content: "a0" },
      { role: "user", content: "u1" },
      {
        role: "assistant",
        content: [{ type: "tool_use", id: "c1", name: "f", input: { a: 1 } }],
      },
      { role: "user", content: "now" },
    ]));
});

describe("forms", () => {
  test("are what a reader of forms finds in them", async () => {
    const { files } = endpointRow("image-edit");
    const body = { prompt: 'a "b"\r\nc', image: [PNG, PNG], n: 2, nested: { a: [1] } };
    const encoded = encodeBody(body, { files, isForm: true });
    const boundary = /^--(\S+)\r\n/.exec(encoded.toString("latin1"))![1]!;
    const type = `multipart/form-data; boundary=${boundary}`;
    const form = await new Response(encoded, { headers: { "content-type": type } }).formData();
    expect(form.get("prompt")).toBe(body.prompt);
    expect(form.get("n")).toBe("2");
    expect(form.get("nested")).toBe('{"a":[1]}');
    const images = form.getAll("image") as File[];
    expect(images.map(({ name, type: kind }) => [name, kind])).toEqual([
      ["image.png", "image/png"],
      ["image.png", "image/png"],
    ]);
    expect(new Uint8Array(await images[0]!.arrayBuffer())).toEqual(new Uint8Array([0, 1, 2]));
  });

  test("are the only way for some kinds, and one of two for films", () => {
    expect(endpointFacts("image-edit").contentTypes).toEqual(["multipart/form-data"]);
    expect(endpointFacts("video-generation").contentTypes).toHaveLength(2);
  });
});

describe("templates", () => {
  async function filled(template: string, asked: Asked = {}): Promise<Body> {
    const plan = endpointPlan({ kind: "template", template, ...asked.plan });
    const turn = turnOf(asked.texts ?? ["hi"], { maxTokens: 4, ...asked.turn });
    return (await openEndpoint(plan)).body({ plan, session: sessionOf(turn), turn });
  }

  test("print values as JSON has them, between quotes or by themselves", async () => {
    const odd = 'it\'s <b> & "c"\n\\ é';
    const template =
      '{"a":"{{ text }}","b":{{ text|tojson }},"c":"<{{ text }}>","d":{{ texts|tojson }}}';
    expect(await filled(template, { texts: [odd] })).toEqual({
      a: odd,
      b: odd,
      c: `<${odd}>`,
      d: [odd],
    });
  });

  test("know the turn, its groups and its media", async () => {
    const template =
      '{"q":{{ query|tojson }},"n":{{ passages|length }},"i":"{{ image }}","m":"{{ model }}","t":{{ max_tokens }},"s":{{ stream|tojson }},"l":[{% for p in passages %}"{{ p }}"{% if not loop.last %},{% endif %}{% endfor %}]}';
    const turn = { ...ranking, images: group("image_url", WEB) };
    expect(await filled(template, { turn })).toEqual({
      ...{ q: "what", n: 2, i: WEB, m: "m", t: 4, s: true },
      l: ["p", "q"],
    });
  });

  test("are followed by what the user adds", async () =>
    expect(await filled('{"a":1}', { plan: { extraInputs: { b: { c: 2 } } } })).toEqual({
      a: 1,
      b: { c: 2 },
    }));

  test.each([
    ["no Jinja", "{{ text"],
    ["no JSON", '{"a": {{ text }}}'],
    ["no object", "[1]"],
  ])("are refused when they are %s", async (_what, template) => {
    const error = await filled(template).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "E_TEMPLATE" });
  });
});
