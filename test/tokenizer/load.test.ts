import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import type { AiperfError } from "#core";
import { type LoadRequest, loadTokenizer, openChatTemplate, type Progress } from "#tokenizer";
import { COMMIT, emptyFolder, type Hub, MODELS, startHub, TOKEN, TOKENIZER_JSON } from "./hub.ts";

let hub: Hub;
let home: string;

beforeAll(() => {
  hub = startHub();
});
afterAll(() => hub.stop());
beforeEach(() => {
  home = emptyFolder();
  hub.log.length = 0;
});

function load(name: string | undefined, more: Partial<LoadRequest> = {}) {
  return loadTokenizer({
    name,
    revision: "main",
    modelNames: ["some-model"],
    ...more,
    env: { HOME: home, HF_HOME: home, HF_ENDPOINT: hub.address, HF_TOKEN: TOKEN, ...more.env },
  });
}

async function refusal(loading: Promise<unknown>): Promise<AiperfError> {
  const error = await loading.then(
    () => undefined,
    (error: AiperfError) => error,
  );
  expect(error?.code).toStartWith("E_TOKENIZER_");
  expect(error?.message).not.toContain(TOKEN);
  expect(error?.message).not.toContain("signature");
  expect(error?.message).not.toContain("\n");
  return error!;
}

test("a hub id is downloaded into the shared cache, and then needs no hub", async () => {
  const told: Progress[] = [];
  const first = await load("owner/model", { onProgress: (progress) => told.push(progress) });
  expect(first.warning).toBeUndefined();
  expect(first.tokenizer.name).toBe("owner/model");
  expect([...first.tokenizer.encode("Hello world")]).toEqual([22557, 1526]);

  const bytes = readFileSync(TOKENIZER_JSON);
  const last = told.findLast(({ file }) => file === "tokenizer.json");
  expect(last).toEqual({
    file: "tokenizer.json",
    loadedBytes: bytes.length,
    totalBytes: bytes.length,
  });
  expect(told.some(({ file }) => file === "tokenizer_config.json")).toBe(true);

  const repo = join(home, "hub", "models--owner--model");
  expect(readFileSync(join(repo, "refs", "main"), "utf8")).toBe(COMMIT);
  const link = join(repo, "snapshots", COMMIT, "tokenizer.json");
  expect(readlinkSync(link)).toBe("../../blobs/bytes-of-the-tokenizer");
  expect(readFileSync(link).equals(bytes)).toBe(true);
  expect(existsSync(join(repo, "blobs", "config"))).toBe(true);

  hub.log.length = 0;
  for (const revision of ["main", COMMIT]) {
    const again = await load("owner/model", { revision, env: { HF_HUB_OFFLINE: "1" } });
    expect(again.tokenizer.count("Hello world")).toBe(2);
  }
  expect(hub.log).toEqual([]);
});

test("a chat template in a file of its own is downloaded, and found in the cache", async () => {
  for (const env of [{}, { HF_HUB_OFFLINE: "1" }]) {
    const { tokenizer } = await load("owner/model", { env });
    const template = (await openChatTemplate(tokenizer.share().config))!;
    expect(template([{ role: "user", content: "hi" }])).toBe("<s>hi");
  }
});

test("the token goes to the hub and not to where it redirects", async () => {
  await load("owner/model");
  const tokens = (host: string) =>
    new Set(hub.log.filter((request) => request.host === host).map(({ token }) => token));
  expect(tokens("hub")).toEqual(new Set([`Bearer ${TOKEN}`]));
  expect(tokens("storage")).toEqual(new Set([null]));
});

test("a login file serves where no variable does", async () => {
  await Bun.write(join(home, "token"), "hf_of_the_file\n");
  await load("owner/model", { env: { HF_TOKEN: undefined } });
  expect(hub.log[0]?.token).toBe("Bearer hf_of_the_file");
});

test("a token that no header can hold is not repeated in the message", async () => {
  const { message } = await refusal(load("owner/model", { env: { HF_TOKEN: `${TOKEN}\u0001` } }));
  expect(message).toContain("holds characters that cannot be sent");
  expect(hub.log).toEqual([]);
});

test("a file of chunked storage, in a model without tokenizer_config.json", async () => {
  const { tokenizer } = await load("owner/big");
  expect(tokenizer.count("Hello world")).toBe(2);
  const asked = new Set(hub.log.map(({ host, path }) => `${host} ${path.split("/").at(-1)}`));
  expect(asked).toEqual(
    new Set([
      "hub tokenizer.json",
      "storage blob",
      "hub tokenizer_config.json",
      "hub chat_template.jinja",
    ]),
  );
});

test("a cache that cannot be written does not stand in the way", async () => {
  const locked = join(home, "locked");
  await Bun.write(locked, "a file where the cache's folder should be");
  const { tokenizer } = await load("owner/model", { env: { HF_HUB_CACHE: locked } });
  expect(tokenizer.count("Hello world")).toBe(2);
});

test.each([
  ["owner/secret", "status 401 (it is private, gated or does not exist; HF_TOKEN says who asks)"],
  ["owner/gone", "status 404 (there is no such model or revision)"],
  ["owner/weights-only", "the model has no tokenizer.json"],
  ["owner/short", "tokenizer.json ended after 9 of 1000 bytes"],
  ["owner/round", "more than 8 redirects"],
])("%s: %s", async (name, reason) => {
  const { message } = await refusal(load(name));
  expect(message).toStartWith(
    `tokenizer ${name} could not be loaded: its revision main is not in the cache`,
  );
  expect(message).toContain(`; ${new URL(hub.address).host}: ${reason}; `);
  for (const way of ["--tokenizer builtin", "a folder", "--use-server-token-count"]) {
    expect(message).toContain(way);
  }
});

test("offline, the cache is all there is", async () => {
  const { message } = await refusal(load("owner/model", { env: { HF_HUB_OFFLINE: "1" } }));
  expect(message).toContain(`not in the cache ${join(home, "hub")}, and HF_HUB_OFFLINE forbids`);
  expect(hub.log).toEqual([]);
});

test("no hub at all", async () => {
  const nobody = "http://127.0.0.1:1";
  const { message } = await refusal(load("owner/model", { env: { HF_ENDPOINT: nobody } }));
  expect(message).toContain("; 127.0.0.1:1: no answer (");
  await refusal(load("owner/model", { env: { HF_ENDPOINT: "not an address" } }));
});

test("folders and files", async () => {
  const folder = `${MODELS}/tokenizer-llama2/models`;
  for (const name of [folder, `${folder}/tokenizer.json`]) {
    const { tokenizer } = await load(name);
    expect(tokenizer.name).toBe(name);
    expect(tokenizer.count("Hello world")).toBe(2);
  }
  expect((await refusal(load("./nothing/here"))).message).toContain("no such file or folder");
  expect((await refusal(load(home))).message).toContain("the folder has no tokenizer.json");
  expect((await refusal(load("./src"))).message).toContain("the folder has no tokenizer.json");
  expect((await refusal(load("what is this?"))).message).toContain("no file or folder here");
  expect((await refusal(load("owner/model", { revision: "../x" }))).code).toBe("E_TOKENIZER_LOAD");
  await Bun.write(join(home, "broken.json"), "{");
  const broken = await refusal(load(join(home, "broken.json")));
  expect(broken.code).toBe("E_TOKENIZER_FORMAT");
  mkdirSync(join(home, "closed"));
  await Bun.write(join(home, "closed", "tokenizer.json"), "{}");
  chmodSync(join(home, "closed", "tokenizer.json"), 0o000);
  await refusal(load(join(home, "closed")));
});

test("the built-in tokenizer is the published one", async () => {
  const { tokenizer, warning } = await load("builtin");
  expect(warning).toBeUndefined();
  const published = await load(`${MODELS}/tokenizer-gpt4o/models`);
  for (const text of ["Hello world", "Straße, 東京 and 12345 ≠ 💚\n\n  it's", " <|endoftext|>"]) {
    expect(tokenizer.encode(text)).toEqual(published.tokenizer.encode(text));
    expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
  }
});

test("not named, the model's own tokenizer is used", async () => {
  const { tokenizer, warning } = await load(undefined, { modelNames: ["owner/model", "x"] });
  expect([tokenizer.name, warning]).toEqual(["owner/model", undefined]);
});

test("not named and not found, the built-in one serves and says so", async () => {
  const { tokenizer, warning } = await load(undefined, { modelNames: ["qwen3-0.6b"] });
  expect(tokenizer.name).toBe("builtin");
  expect(warning).toContain("o200k_base");
  expect(warning).toContain("tokenizer qwen3-0.6b could not be loaded");
  expect(warning).not.toContain(TOKEN);
  const odd = await load(undefined, { modelNames: ["not: a hub id"] });
  expect(odd.warning).toContain("no file or folder here");
});

test("a hub that falls silent costs a guessed name 3 s at most", async () => {
  const silent = ["owner/silent", "owner/stuck"].map((name) =>
    load(undefined, { modelNames: [name] }),
  );
  for (const { warning } of await Promise.all(silent)) {
    expect(warning).toContain("it said nothing for 3 s");
  }
}, 20_000);
