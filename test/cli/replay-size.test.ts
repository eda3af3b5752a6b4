import { expect, test } from "bun:test";
import { parseProfile } from "#config";
import { withReplaySize } from "../../src/cli/replay-size.ts";

const SHELL = { env: {}, cwd: "/", isTerminal: false };
const phasesOf = (line: string) => {
  const plan = parseProfile(["--model", "m", ...line.split(" ")], SHELL);
  return withReplaySize(plan, 12).inputConfig.phases;
};
const REPLAY = "--input-file t.jsonl --custom-dataset-type mooncake_trace --fixed-schedule";

test("a replay says how many requests it has, where other loads say their count", () => {
  expect(JSON.stringify(phasesOf(REPLAY))).toStartWith(
    '[{"name":"profiling","kind":"profiling","type":"fixed_schedule","requests":12',
  );
});

test("a limit is told as it was given, and so is every other load", () => {
  expect(phasesOf(`${REPLAY} --request-count 3`)).toMatchObject([{ requests: 3 }]);
  expect(JSON.stringify(phasesOf(`${REPLAY} --num-sessions 3`))).not.toContain('"requests"');
  expect(phasesOf(`${REPLAY} --warmup-request-count 5`)).toMatchObject([
    { name: "warmup", requests: 5 },
    { name: "profiling", requests: 12 },
  ]);
  expect(phasesOf("--concurrency 2 --request-count 7")).toMatchObject([{ requests: 7 }]);
});
