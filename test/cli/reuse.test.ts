import { expect, test } from "bun:test";
import { parseProfile } from "#config";
import { reuseNotes } from "../../src/cli/reuse.ts";

const SHELL = { env: {}, cwd: "/", isTerminal: false };

function repeated(line: string, sessions: readonly number[], conversations: number): number {
  const plan = parseProfile(["--model", "m", ...line.split(" ")], SHELL);
  const notes = reuseNotes(plan, sessions, conversations);
  return notes.length === 0 ? 0 : Number(/^\d+/.exec(notes[0]!)?.[0]);
}

test.each([
  ["--concurrency 1", [10], 10, 0],
  ["--concurrency 1", [11], 10, 1],
  ["--warmup-request-count 3", [3, 7], 10, 0],
  ["--warmup-request-count 3", [3, 9], 10, 2],
  ["--warmup-request-count 3", [12, 5], 10, 5],
  ["--warmup-request-count 3 --cache-bust first_turn_prefix", [12, 5], 10, 0],
])("%s: of %j sessions over %i prompts %i repeat one", (line, sessions, conversations, expected) =>
  expect(repeated(line, sessions, conversations)).toBe(expected),
);
