import { describe, expect, test } from "bun:test";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { allLines, readLines, readTrace } from "#trace";
import { fileOf } from "./rows.ts";

test("lines are numbered, blank ones are left out, the last needs no end", async () => {
  const path = await fileOf("a.jsonl", "\ufeffone\r\n\n  \ntwo\n\u00e9\u{1f600}");
  expect(await allLines(path)).toEqual([
    { number: 1, text: "one\r" },
    { number: 4, text: "two" },
    { number: 5, text: "\u00e9\u{1f600}" },
  ]);
});

test("whatever the content and the packing, the same lines", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: "grapheme", maxLength: 200 }), { maxLength: 30 }),
      fc.constantFrom("none", "gzip", "zstd"),
      async (texts, packing) => {
        const lines = texts.map((text) => text.replace(/[\n\ufeff]/g, ""));
        const bytes = new TextEncoder().encode(lines.join("\n"));
        const packed = { none: bytes, gzip: gzipSync(bytes), zstd: Bun.zstdCompressSync(bytes) };
        const read = await allLines(await fileOf("x.jsonl", packed[packing]));
        expect(read.map(({ text }) => text)).toEqual(lines.filter((text) => /\S/.test(text)));
      },
    ),
    { numRuns: 40 },
  );
});

test("a line longer than what is read at once comes whole", async () => {
  const long = "x".repeat(3_000_000);
  const lines = await allLines(await fileOf("long.jsonl", `a\n${long}\nb\n`));
  expect(lines.map(({ text }) => text.length)).toEqual([1, 3_000_000, 1]);
});

test("a line that does not end is given up before it fills the memory", async () => {
  const path = await fileOf("x.jsonl", `{"a": 1}\n${"x".repeat(3_000_000)}\n`);
  await expect(Array.fromAsync(readLines(path, 100_000))).rejects.toThrow(
    /x.jsonl line 2 has no end in sight/,
  );
});

describe("what cannot be read is one clear error", () => {
  const latin = Buffer.from('{"text": "caf\xe9"}\n', "latin1");
  test.each([
    ["latin 1", Buffer.concat([Buffer.from('{"a":1}\n'), latin]), /line 2 is not UTF-8/],
    ["utf 16", Buffer.from('\ufeff{"a":1}\n', "utf16le"), /line 1 is not UTF-8/],
    ["cut gzip", gzipSync("hello\n".repeat(1000)).subarray(0, 30), /cannot be read/],
    ["no JSON", '{"input_length": 3}\n{oops\n', /x.jsonl line 2 is not valid JSON/],
    ["a list", "[1, 2]\n", /x.jsonl line 1 is no JSON object/],
    ["no length", '{"timestamp": 3}\n', /line 1: expected exactly one of input_length, text_input/],
    ["text", '{"text_input": "a"}\n', /line 1 has no input_length/],
    ["wrong type", '{"input_length": "3"}\n', /line 1: input_length: expected .*number/],
    ["negative", '{"input_length": -3}\n', /line 1: input_length: /],
    ["a fraction", '{"input_length": 3.5}\n', /line 1: input_length: /],
    [
      "bad ids",
      '{"input_length": 3, "hash_ids": [1, "2"]}\n',
      /hash_ids: expected a list of whole/,
    ],
    ["ids alone", '{"text_input": "a", "hash_ids": [1]}\n', /hash_ids need input_length/],
    ["empty", "\n \n", /has no rows/],
  ])("%s", async (_, content, message) => {
    const path = await fileOf("x.jsonl", content);
    await expect(readTrace(path)).rejects.toThrow(message);
  });

  test("no file", async () => {
    await expect(readTrace("/nowhere/x.jsonl")).rejects.toThrow(
      /\/nowhere\/x.jsonl cannot be read/,
    );
  });
});
