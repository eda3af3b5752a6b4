import { expect, test } from "bun:test";
import { AiperfError } from "#core";
import {
  completeMockOptions,
  MOCK_FLAGS,
  type MockOptions,
  readMockFlag,
} from "../../src/mock/options.ts";

const row = (name: string) => MOCK_FLAGS.find((row) => row.name === name)!;

test("a key is its flag's name in camel case, and is there once", () => {
  const camel = (name: string) =>
    name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
  expect(MOCK_FLAGS.map((row) => row.key as string)).toEqual(
    MOCK_FLAGS.map((row) => camel(row.name)),
  );
  expect(new Set(MOCK_FLAGS.map((row) => row.name)).size).toBe(MOCK_FLAGS.length);
});

test("what is left out has its flag's default", () => {
  const options = completeMockOptions({ itlMs: 3 });
  expect(options.itlMs).toBe(3);
  for (const { key, default: value } of MOCK_FLAGS)
    if (key !== "itlMs") expect(options[key]).toEqual(value as never);
});

test.each([
  ["port", "8000", 8000],
  ["itl-ms", "3.5", 3.5],
  ["jitter", "lognormal", "lognormal"],
  ["log", "a b.jsonl", "a b.jsonl"],
])("--%s %s", (name, text, value) => {
  expect(readMockFlag(row(name), text)).toBe(value);
});

test.each([
  ["port", "65536"],
  ["port", "1.5"],
  ["itl-ms", "-1"],
  ["itl-ms", "fast"],
  ["itl-ms", " "],
  ["ttft-ms", "Infinity"],
  ["jitter", "wild"],
  ["error-rate", "1.1"],
])("--%s %j is refused by name", (name, text) => {
  expect(() => readMockFlag(row(name), text)).toThrow(`--${name} is ${text}`);
});

test.each<Partial<MockOptions>>([
  { jitter: "uniform", jitterRatio: 2 },
  { tlsCert: "a" },
  { tokensPerChunk: 0 },
])("%j together are refused", (given) => {
  expect(() => completeMockOptions(given)).toThrow(AiperfError);
});
