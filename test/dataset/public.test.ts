import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { hubDatasetFile } from "#tokenizer";
import { jsonItems } from "../../src/dataset/public/json-items.ts";
import { datasetOf, folderOf, planOf, refusalOf } from "./plans.ts";
import { familyTokenizer } from "./tokenizers.ts";

const tokenizer = await familyTokenizer("llama3_1");
const COMMIT = "0123456789abcdef0123456789abcdef01234567";

const human = (value: string) => ({ from: "human", value });
const gpt = (value: string) => ({ from: "gpt", value });
const long = (words: number) => "word ".repeat(words).trim();

const CONVERSATIONS = [
  { id: "good", conversations: [human(long(10)), gpt(long(20)), human(long(5)), gpt(long(6))] },
  { id: "short prompt", conversations: [human("hi"), gpt(long(20))] },
  { id: "short reply", conversations: [human(long(10)), gpt("ok")] },
  { id: "long prompt", conversations: [human(long(1100)), gpt(long(20))] },
  { id: "long together", conversations: [human(long(1000)), gpt(long(1100))] },
  { id: "one bad pair", conversations: [human(long(10)), gpt(long(9)), human("x"), gpt(long(9))] },
  { id: "nobody", conversations: [gpt(long(10)), human(long(10))] },
  { id: "odd", conversation: 5 },
  { id: "good too", conversations: [human(long(7)), gpt(long(8))] },
];

async function shareGpt(line: string, content: unknown = CONVERSATIONS) {
  const folder = await folderOf({ "share.json": JSON.stringify(content, null, 1) });
  const plan = planOf("--public-dataset", "sharegpt", "--random-seed", "7", ...line.split(" "));
  return datasetOf(plan, tokenizer, `${folder}/share.json`);
}

describe("ShareGPT", () => {
  test("the conversations of usual length, turn by turn", async () => {
    const { sessions, isListed } = await shareGpt("--num-prompts 100");
    expect(isListed).toBe(true);
    const turns = sessions.map(({ turns }) =>
      turns.map(({ inputTokens, maxTokens }) => [inputTokens, maxTokens]),
    );
    expect(turns).toEqual([
      [
        [10, 20],
        [5, 6],
      ],
      [[7, 8]],
    ]);
  });

  test("with --osl replies may be short, and no more is read than is used", async () => {
    const { sessions } = await shareGpt("--osl 33 --request-count 2");
    expect(sessions.map(({ turns }) => turns.map(({ maxTokens }) => maxTokens))).toEqual([
      [33, 33],
      [33],
    ]);
  });

  test("nothing of usual length, and no list", async () => {
    expect((await refusalOf(shareGpt("--osl 5", [CONVERSATIONS[1]]))).code).toBe("E_DATA_EMPTY");
    expect((await refusalOf(shareGpt("--osl 5", "text"))).code).toBe("E_DATA_JSON");
  });
});

describe("a list that is too long to be parsed as a whole", () => {
  async function itemsOf(text: string): Promise<unknown[]> {
    const folder = await folderOf({ "x.json": text });
    return Array.fromAsync(jsonItems(`${folder}/x.json`));
  }

  test("its items are those of a parser, however it is written", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.jsonValue()), fc.nat(2), async (list, indent) => {
        expect(await itemsOf(JSON.stringify(list, null, indent))).toEqual(
          JSON.parse(JSON.stringify(list)),
        );
      }),
      { numRuns: 150 },
    );
  });

  test("cut anywhere, by pieces of a megabyte", async () => {
    const list = Array.from({ length: 400 }, (_, id) => ({ id, text: '\\"[{é'.repeat(1500) }));
    expect(await itemsOf(JSON.stringify(list))).toEqual(list);
  });

  test.each(["[1, 2", '["a', "{}x", "[1,,2]", "hello", "[1]]x"])("%s is none", async (text) => {
    expect((await refusalOf(itemsOf(text))).code).toBe("E_DATA_JSON");
  });
});

describe("a hub", () => {
  const content = JSON.stringify(CONVERSATIONS);

  /** A hub that sends who asks on to its storage, as the real one does. */
  function startHub() {
    const asked: { readonly path: string; readonly token: string | null }[] = [];
    const note = (request: Request) =>
      asked.push({
        path: new URL(request.url).pathname,
        token: request.headers.get("authorization"),
      });
    const storage = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch(request) {
        note(request);
        return new Response(content);
      },
    });
    const hub = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch(request) {
        note(request);
        const { pathname } = new URL(request.url);
        if (pathname !== "/datasets/owner/set/resolve/main/folder/all.json")
          return new Response("", { status: 404 });
        return new Response(null, {
          status: 302,
          headers: {
            "x-repo-commit": COMMIT,
            "x-linked-etag": '"content"',
            location: `http://127.0.0.1:${storage.port}/blob`,
          },
        });
      },
    });
    return {
      asked,
      address: `http://127.0.0.1:${hub.port}`,
      stop: () => Promise.all([hub.stop(true), storage.stop(true)]),
    };
  }

  test("a file is downloaded once, into the cache that all tools share", async () => {
    const hub = startHub();
    const home = await folderOf({});
    const env = { HF_HOME: home, HF_ENDPOINT: hub.address, HF_TOKEN: "hf_secret" };
    const file = { repo: "owner/set", path: "folder/all.json", revision: "main" };
    try {
      let told = 0;
      const path = await hubDatasetFile({ ...file, env, onProgress: () => told++ });
      expect(readFileSync(path, "utf8")).toBe(content);
      expect(told).toBeGreaterThan(0);
      const cache = `${home}/hub/datasets--owner--set`;
      expect(path).toBe(`${cache}/snapshots/${COMMIT}/folder/all.json`);
      expect(readFileSync(`${cache}/blobs/content`, "utf8")).toBe(content);
      expect(readFileSync(`${cache}/refs/main`, "utf8")).toBe(COMMIT);
      expect(hub.asked.map(({ token }) => token)).toEqual(["Bearer hf_secret", null]);

      const offline = { ...env, HF_HUB_OFFLINE: "1" };
      expect(await hubDatasetFile({ ...file, env: offline, onProgress: () => {} })).toBe(path);
      expect(hub.asked.length).toBe(2);
    } finally {
      await hub.stop();
    }
  });

  test("what cannot be had is one clear error, without the token", async () => {
    const hub = startHub();
    const home = await folderOf({});
    const env = { HF_HOME: home, HF_ENDPOINT: hub.address, HF_TOKEN: "hf_secret" };
    const file = { repo: "owner/none", path: "x.json", revision: "main", onProgress: () => {} };
    try {
      const missing = await refusalOf(hubDatasetFile({ ...file, env }));
      expect(missing.what).toContain("status 404");
      expect(missing.message).not.toContain("hf_secret");
      const offline = { ...env, HF_HUB_OFFLINE: "1" };
      const forbidden = await refusalOf(hubDatasetFile({ ...file, env: offline }));
      expect(forbidden.what).toContain("HF_HUB_OFFLINE");
      expect(existsSync(`${home}/hub/datasets--owner--none/refs`)).toBe(false);
    } finally {
      await hub.stop();
    }
  });
});
