import { expect, test } from "bun:test";
import { journalLine, openJournal } from "../../src/mock/journal.ts";

const EPOCH = { monotonicNs: 1000, wallNs: 1_795_527_182_000_000_001n };

const ENTRY = {
  requestId: 'a"b',
  connection: 3,
  kind: "chat",
  stream: true,
  status: 200,
  outcome: "left",
  arrivalNs: 2000,
  firstWriteNs: Number.NaN,
  lastWriteNs: Number.NaN,
  endNs: 5002,
  promptTokens: 7,
  requestedTokens: undefined,
  outputTokens: 0,
  reasoningTokens: 0,
  chunks: 0,
  lateNsMax: 0,
} as const;

test("times are exact integers of wall-clock nanoseconds, or null", () => {
  const line = journalLine(ENTRY, EPOCH);
  expect(line).toContain('"arrival_ns":1795527182000001001,"first_write_ns":null,');
  expect(line).toContain('"end_ns":1795527182000004003,"left_ns":1795527182000004003,');
  expect(JSON.parse(line)).toMatchObject({ x_request_id: 'a"b', requested_tokens: null });
});

test("only a client that left has a time of leaving", () => {
  expect(journalLine({ ...ENTRY, outcome: "stopped" }, EPOCH)).toContain('"left_ns":null');
});

test("a file that cannot be written is an error with a way out", () => {
  expect(() => openJournal("/nowhere/at/all.jsonl", EPOCH)).toThrow(
    /^--log \/nowhere\/at\/all.jsonl cannot be written: .*; name another file$/,
  );
});
