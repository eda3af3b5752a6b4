import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { AiperfError } from "#core";
import { nativeState } from "#ffi";
import { loadTokenizer, openShared, type Tokenizer } from "#tokenizer";
import { emptyFolder, MODELS } from "./hub.ts";

const env = { HOME: emptyFolder() };

async function load(name: string): Promise<Tokenizer> {
  const { tokenizer } = await loadTokenizer({ name, revision: "main", modelNames: [], env });
  return tokenizer;
}

const family = (name: string) => `${MODELS}/tokenizer-${name}/models`;

/** The same tokenizer on the other engine. */
async function javascript(name: string): Promise<Tokenizer> {
  return openShared({
    name,
    engine: "javascript",
    bytes: await Bun.file(`${family(name)}/tokenizer.json`).bytes(),
    config: await Bun.file(`${family(name)}/tokenizer_config.json`).text(),
  });
}

const TEXTS = [
  "",
  "Hello world",
  "The reply: 12,345 tokens, it's done.\n\n  Next line\twith tabs",
  "Größe, naïve, 東京タワー, привет, 🙂👍🏽",
  " leading and trailing  ",
  "function add(a: number, b = 1e-9) { return a + b; }",
];

describe.if(nativeState().loaded)("with the native core", () => {
  test.each(["qwen3", "llama3_1", "gpt4o"])("%s is native and agrees", async (name) => {
    const [native, other] = [await load(family(name)), await javascript(name)];
    expect(native.engine).toBe("native");
    for (const text of TEXTS) {
      expect([text, [...native.encode(text)]]).toEqual([text, [...other.encode(text)]]);
      expect(native.decode(native.encode(text))).toBe(text);
    }
    expect([...native.countBatch(TEXTS)]).toEqual([...other.countBatch(TEXTS)]);
    expect(native.count(TEXTS[3]!)).toBe(other.count(TEXTS[3]!));
  });

  test("the second time, the prepared form serves", async () => {
    await load(family("llama2"));
    const again = await load(family("llama2"));
    expect([...again.encode("Hello world")]).toEqual([22557, 1526]);
    // The prepared form is what travels: shared memory, not a copy of the vocabulary.
    const { bytes } = again.share();
    expect(bytes.buffer).toBeInstanceOf(SharedArrayBuffer);
  });
});

test("a tokenizer that the native core does not cover falls to the other engine", async () => {
  const folder = emptyFolder();
  const tokenizer = {
    added_tokens: [],
    normalizer: { type: "BertNormalizer", lowercase: true },
    pre_tokenizer: { type: "BertPreTokenizer" },
    post_processor: null,
    decoder: { type: "WordPiece", prefix: "##", cleanup: false },
    model: {
      type: "WordPiece",
      unk_token: "[UNK]",
      continuing_subword_prefix: "##",
      max_input_chars_per_word: 100,
      vocab: { "[UNK]": 0, play: 1, "##ing": 2, cards: 3 },
    },
  };
  await Bun.write(join(folder, "tokenizer.json"), JSON.stringify(tokenizer));
  const opened = await load(folder);
  expect(opened.engine).toBe("javascript");
  expect([...opened.encode("Playing cards xyz")]).toEqual([1, 2, 3, 0]);
});

describe.if(nativeState().loaded)("a damaged tokenizer is refused", async () => {
  const whole = await Bun.file(`${family("qwen3")}/tokenizer.json`).json();
  const vocab: [string, number][] = Object.entries(whole.model.vocab);
  const bytes = Object.fromEntries(vocab.filter(([, id]) => id < 256));
  const model = { type: "BPE", vocab: bytes, merges: [] as unknown };

  test.each([
    ["an id beyond all", { ...model, vocab: { ...bytes, ab: 2 ** 40 }, merges: ["a b"] }],
    ["merges of each other", { ...model, merges: ["a b", "ab c", "c ab", "ab ab"] }],
    ["merges that are numbers", { ...model, merges: [1, 2, 3] }],
    ["a list for a vocabulary", { ...model, vocab: ["a"] }],
    ["a number for a model", { ...model, type: 7 }],
  ])("with %s", async (_, damaged) => {
    const folder = emptyFolder();
    const json = (model: object) => JSON.stringify({ ...whole, added_tokens: [], model });
    await Bun.write(join(folder, "tokenizer.json"), json(model));
    expect((await load(folder)).engine).toBe("native");

    await Bun.write(join(folder, "tokenizer.json"), json(damaged));
    const error = await load(folder).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(AiperfError);
    expect(error).toMatchObject({ code: "E_TOKENIZER_FORMAT" });
  });
});

test.each(["llama2", "builtin"])("%s crosses to another thread and counts there", async (name) => {
  const tokenizer = await load(name === "builtin" ? name : family(name));
  const worker = new Worker(join(import.meta.dir, "counter.worker.ts"));
  try {
    const counts = await new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = (event) => reject(new Error(event.message));
      worker.postMessage({ shared: tokenizer.share(), texts: TEXTS });
    });
    expect(counts).toEqual([...tokenizer.countBatch(TEXTS)]);
  } finally {
    worker.terminate();
  }
});
