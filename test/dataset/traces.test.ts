import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Session } from "#core";
import { pieceReader } from "#dataset";
import { writeBlocks } from "../../src/dataset/blocks.ts";
import { datasetOf, fileOf, folderOf, planOf } from "./plans.ts";
import { FAMILIES, familyTokenizer } from "./tokenizers.ts";

const GOLDEN = `${import.meta.dir}/../golden/trace`;
const tokenizer = await familyTokenizer("llama3_1");

async function load(path: string, ...flags: readonly string[]) {
  return datasetOf(planOf("--input-file", path, "--random-seed", "7", ...flags), tokenizer);
}

describe.each(FAMILIES)("%s", (family) => {
  test("every row of a real trace has its length, and equal blocks are equal text", async () => {
    const own = await familyTokenizer(family);
    const plan = planOf("--input-file", `${GOLDEN}/conversation-60.jsonl`);
    const { sessions, pieces, notes } = await datasetOf(plan, own);
    expect(notes).toEqual([]);
    const text = pieceReader(pieces!);
    const rows = (await Bun.file(`${GOLDEN}/conversation-60.jsonl`).text()).trim().split("\n");
    expect(sessions.length).toBe(rows.length);
    for (const [index, row] of rows.entries()) {
      const { input_length, output_length, timestamp } = JSON.parse(row);
      expect(own.count(text(index))).toBe(input_length);
      expect(sessions[index]!.turns[0]).toMatchObject({
        inputTokens: input_length,
        maxTokens: output_length,
        timestampNs: timestamp * 1e6,
      });
    }
  });

  test("every length from 1 to 4,000", async () => {
    const own = await familyTokenizer(family);
    const shapes = Array.from({ length: 4_000 }, (_, at) => ({
      tokens: at + 1,
      hashIds: [],
      line: at,
    }));
    const { pieces, deviation } = writeBlocks(shapes, 512, own, 3, "x");
    expect(deviation).toBe(0);
    const text = pieceReader(pieces);
    // Every length with few tokens; of the long ones each seventh, for the sake of time.
    for (let at = 0; at < shapes.length; at += at < 600 ? 1 : 7)
      expect(own.count(text(at))).toBe(at + 1);
  });
});

test("equal ids share their text exactly, unequal ones do not", () => {
  const shape = fc.record({
    ids: fc.uniqueArray(fc.nat(40), { maxLength: 6 }),
    more: fc.nat(3000),
  });
  fc.assert(
    fc.property(fc.array(shape, { minLength: 1, maxLength: 12 }), fc.nat(), (rows, seed) => {
      const size = 64;
      const shapes = rows.map(({ ids, more }, line) => ({
        tokens: ids.length * size + more + (ids.length === 0 ? 1 : 0),
        hashIds: ids,
        line,
      }));
      const text = pieceReader(writeBlocks(shapes, size, tokenizer, seed, "x").pieces);
      const blocks = new Map<number, string>();
      for (const [row, { hashIds, tokens }] of shapes.entries()) {
        const ids = tokenizer.encode(text(row));
        expect(ids.length).toBe(tokens);
        for (const [at, id] of hashIds.entries()) {
          // A prompt's first word has no space before it, and so another token.
          const block = ids.subarray(at * size + 1, (at + 1) * size).join();
          const known = blocks.get(id);
          if (known === undefined) blocks.set(id, block);
          else expect(block).toBe(known);
        }
      }
      expect(new Set(blocks.values()).size).toBe(blocks.size);
    }),
    { numRuns: 15 },
  );
});

test("a seed writes the same, another another", () => {
  const shapes = [{ tokens: 700, hashIds: [4], line: 1 }];
  const text = (seed: number) =>
    pieceReader(writeBlocks(shapes, 512, tokenizer, seed, "x").pieces)(0);
  expect(text(1)).toBe(text(1));
  expect(text(1)).not.toBe(text(2));
});

test("a tokenizer that joins words is off by a stated number", async () => {
  const joining = {
    ...tokenizer,
    name: "joiner",
    count: (text: string) => Math.ceil(text.length / 7),
    countBatch: (texts: readonly string[]) =>
      Uint32Array.from(texts, (text) => Math.ceil(text.length / 7)),
  };
  const plan = planOf("--input-file", `${GOLDEN}/small.jsonl`);
  const { notes } = await datasetOf(plan, joining);
  expect(notes.join()).toMatch(/joiner joins words into tokens: .* up to \d+ tokens off/);
});

describe("Mooncake", () => {
  test("texts, messages and bodies that the rows bring", async () => {
    const messages = [{ role: "user", content: "hi" }];
    const path = await fileOf(
      { text_input: "one two", output_length: 0 },
      { messages, tools: [{ type: "function" }], extra: { a: 1 } },
      { payload: { messages, model: "own" } },
    );
    const { sessions, pieces, isListed } = await load(path, "--osl", "9");
    expect(isListed).toBe(false);
    expect(pieces).toBeUndefined();
    const [text, chat, body] = sessions.map(({ turns }) => turns[0]!);
    expect(text).toMatchObject({ maxTokens: 1, inputTokens: tokenizer.count("one two") });
    expect(chat).toMatchObject({ messages, tools: [{ type: "function" }], extra: { a: 1 } });
    expect(chat!.maxTokens).toBe(9);
    expect(body).toMatchObject({ payload: { messages, model: "own" }, model: "own" });
    expect(sessions.map(({ context }) => context)).toEqual(["live-replies", "none", "none"]);
  });

  test("rows of one session are its turns", async () => {
    const path = await fileOf(
      { session_id: "a", input_length: 20, timestamp: 5 },
      { session_id: "b", input_length: 30, timestamp: 6 },
      { session_id: "a", input_length: 40, delay: 250 },
    );
    const { sessions, hasTimestamps } = await load(path);
    expect(hasTimestamps).toBe(true);
    const inputs = ({ turns }: Session) => turns.map(({ inputTokens }) => inputTokens);
    expect(sessions.map(inputs)).toEqual([[20, 40], [30]]);
    expect(sessions[0]!.turns[1]).toMatchObject({ delayNs: 250e6, timestampNs: undefined });
  });

  test("blocks of another size, and a trace that is changed first", async () => {
    const path = await fileOf(
      { input_length: 20, output_length: 8, hash_ids: [1, 2, 3] },
      { input_length: 18, output_length: 8, hash_ids: [1, 2, 9] },
    );
    const { sessions } = await load(
      path,
      ...["--isl-block-size", "8", "--synthesis-prefix-len-multiplier", "2"],
      ...["--synthesis-max-osl", "5"],
    );
    const turns = sessions.map(({ turns }) => turns[0]!);
    expect(turns.map(({ inputTokens }) => inputTokens)).toEqual([36, 34]);
    expect(turns.map(({ maxTokens }) => maxTokens)).toEqual([5, 5]);
  });
});

test("Bailian's chats are sessions, in order of their turns", async () => {
  const row = { timestamp: 1.5, output_length: 6 };
  const path = await fileOf(
    { ...row, chat_id: 1, parent_chat_id: -1, input_length: 40, hash_ids: [1, 2, 3] },
    { ...row, chat_id: 2, parent_chat_id: -1, input_length: 41 },
    { ...row, chat_id: 4, parent_chat_id: 1, turn: 3, input_length: 43 },
    { ...row, chat_id: 3, parent_chat_id: 1, turn: 2, input_length: 42, hash_ids: [1, 2, 4] },
  );
  const { sessions } = await load(path);
  const lengths = sessions.map(({ turns }) => turns.map(({ inputTokens }) => inputTokens));
  expect(lengths).toEqual([[40, 42, 43], [41]]);
  expect(sessions[0]).toMatchObject({ context: "none", turns: [{ timestampNs: 1.5e9 }, {}, {}] });
});

test("BurstGPT's rows that are no requests are left out", async () => {
  const table = [
    "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type",
    "5,ChatGPT,472,18,490,Conversation log",
    "6,ChatGPT,0,0,0,Conversation log",
    '7,"a, b",100,20,120,x',
    "8,ChatGPT,,5,5,x",
    "x,ChatGPT,5,5,10,x",
  ];
  const folder = await folderOf({ "burst.csv": table.join("\r\n") });
  const { sessions } = await load(`${folder}/burst.csv`);
  expect(sessions.map(({ turns }) => turns[0])).toMatchObject([
    { inputTokens: 472, maxTokens: 18, timestampNs: 5e9 },
    { inputTokens: 100, maxTokens: 20, timestampNs: 7e9 },
  ]);
});
