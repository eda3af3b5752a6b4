// The flags about the server: what each kind of endpoint makes of them, and what it refuses.

import { describe, expect, test } from "bun:test";
import { ENDPOINT_KINDS, endpointFacts } from "#config";
import { planOf, refusal, SHELL } from "./context.ts";

const COUNTED = "--streaming --use-server-token-count";

test("every kind has a plan, and its own folder", () => {
  for (const kind of ENDPOINT_KINDS) {
    const extra = kind === "template" ? ["--extra-inputs", "payload_template:{}"] : [];
    const { endpoint, output } = planOf(`--endpoint-type ${kind}`, extra);
    expect(endpoint.kind).toBe(kind);
    expect(endpoint.contentType).toBe(endpointFacts(kind).contentTypes[0]!);
    expect(output.artifactDir).toContain(`-openai-${kind}-`);
  }
});

test("kinds may be written with underscores and capitals", () =>
  expect(planOf("--endpoint-type HF_TEI_Rankings").endpoint.kind).toBe("hf-tei-rankings"));

test("a stream that a kind does not have is turned off, and that is said", () => {
  const plan = planOf("--endpoint-type embeddings --streaming");
  expect(plan.endpoint.streaming).toBe(false);
  expect(plan.notes).toEqual([expect.stringContaining("--streaming is turned off")]);
  expect(planOf("--endpoint-type responses --streaming").notes).toEqual([]);
  expect(planOf("--endpoint-type embeddings --osl 9").notes).toEqual([
    "--osl has no effect: --endpoint-type embeddings writes no text",
  ]);
});

describe("extra inputs", () => {
  const inputs = (...values: string[]) =>
    planOf(
      "",
      values.flatMap((value) => ["--extra-inputs", value]),
    ).endpoint.extraInputs;

  test("a dot leads into an object", () =>
    expect(inputs("a.b.c:1,a.b.d:true,x:y", "a.e:null")).toEqual({
      a: { b: { c: 1, d: true }, e: null },
      x: "y",
    }));

  test("an object that stands in the way of a value gives way, and the other way round", () => {
    expect(inputs("a.b:1", "a:2")).toEqual({ a: 2 });
    expect(inputs("a:2", "a.b:1")).toEqual({ a: { b: 1 } });
  });

  test("keys of a JSON object, and dots that lead nowhere, are taken as they are", () => {
    expect(inputs('{"a.b":1}')).toEqual({ "a.b": 1 });
    expect(inputs("a.:1", ".b:2")).toEqual({ "a.": 1, ".b": 2 });
  });

  test("names that objects have by themselves are keys like others", () =>
    expect(JSON.stringify(inputs("constructor.x:1"))).toBe('{"constructor":{"x":1}}'));
});

describe("templates", () => {
  const template = (text: string, shell = SHELL) =>
    planOf("--endpoint-type template", ["--extra-inputs", `payload_template:${text}`], shell)
      .endpoint;

  test("are a text, a name, or a file's text", () => {
    expect(template('{"a": {{ text|tojson }}}').template).toBe('{"a": {{ text|tojson }}}');
    expect(template("nv-embedqa").template).toBe('{"text": {{ texts|tojson }}}');
    const shell = {
      ...SHELL,
      pathKind: (path: string) => (path === "/home/user/t.j2" ? "file" : "none") as "file" | "none",
      readText: (path: string) => `text of ${path}`,
    };
    expect(template("t.j2", shell).template).toBe("text of /home/user/t.j2");
  });

  test("are not sent, nor is the place of the content", () => {
    const line = "--endpoint-type template";
    const flags = ["--extra-inputs", "payload_template:{},response_field:a.b,top_k:3"];
    expect(planOf(line, flags).endpoint).toMatchObject({
      template: "{}",
      responseField: "a.b",
      extraInputs: { top_k: 3 },
    });
    const chat = planOf("", ["--extra-inputs", "response_field:a"]).endpoint;
    expect(chat).toMatchObject({ responseField: undefined, extraInputs: { response_field: "a" } });
  });

  test("have to be there", () =>
    expect(refusal(["--model", "m", "--endpoint-type", "template"]).code).toBe("E_TEMPLATE"));
});

test("films may be asked for by a form, chats may not", () => {
  const form = "--request-content-type multipart/form-data";
  expect(planOf(`--endpoint-type video-generation ${form}`).endpoint.contentType).toBe(
    "multipart/form-data",
  );
  expect(refusal(["--model", "m", ...form.split(" ")]).message).toContain("application/json");
});

test("a session's id has a header of the user's choice", () => {
  expect(planOf("").endpoint.sessionHeader).toBe("X-Correlation-ID");
  expect(planOf("--session-header X-Session").endpoint.sessionHeader).toBe("X-Session");
  expect(refusal(["--model", "m", "--session-header", "a b"]).code).toBe("E_HEADER");
});

test("counts with every chunk are the server's, of a chat that is streamed", () => {
  expect(planOf(`--per-chunk-usage ${COUNTED}`).endpoint.perChunkUsage).toBe(true);
  for (const line of [
    "--per-chunk-usage",
    "--per-chunk-usage --streaming",
    `--per-chunk-usage ${COUNTED} --endpoint-type completions`,
  ])
    expect(refusal(["--model", "m", ...line.split(" ")]).code).toBe("E_FLAG_CONFLICT");
});

test("replies that the server keeps are counted by it", () => {
  const store = ["--endpoint-type", "responses", "--extra-inputs", "store:true"];
  expect(refusal(["--model", "m", ...store]).message).toContain("--use-server-token-count");
  expect(planOf("--use-server-token-count", store).endpoint.extraInputs).toEqual({ store: true });
});

test("what the server is told around the load", () => {
  expect(planOf("").control).toEqual({ resetCache: undefined, profiler: undefined });
  const plan = planOf("--reset-kv-cache --server-profiler --server-profiler-timeout-seconds 2");
  expect(plan.control).toEqual({
    resetCache: { path: "/reset_prefix_cache", timeoutNs: 60e9 },
    profiler: {
      start: { path: "/start_profile", timeoutNs: 2e9 },
      stop: { path: "/stop_profile", timeoutNs: 2e9 },
    },
  });
  for (const flags of [
    ["--reset-kv-cache", "--reset-kv-cache-path", "x"],
    ["--reset-kv-cache-path", "/x"],
    ["--server-profiler-stop-path", "/x"],
    ["--download-video-content"],
    ["--uuid-and-strip"],
    ["--uuid-and-strip", "--input-file", import.meta.path, "--custom-dataset-type", "multi_turn"],
    ["--uuid-and-strip", "--input-file", import.meta.path, "--endpoint-type", "responses"],
    ["--apply-chat-template", "--use-server-token-count"],
  ])
    expect(refusal(["--model", "m", ...flags]).code).toMatch(/^E_(?:FLAG_CONFLICT|ENDPOINT_PATH)$/);
});
