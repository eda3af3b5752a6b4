import { describe, expect, test } from "bun:test";
import type { FilePlan, SyntheticPlan } from "#config";
import { planOf, refusal, SHELL, words } from "./context.ts";

const synthetic = (line: string) => planOf(line).dataset as SyntheticPlan;
const file = (line: string) => planOf(`--input-file x.jsonl ${line}`).dataset as FilePlan;
const wrong = (line: string) => refusal(["--model", "m", ...words(line)]);

describe("mixtures of lengths", () => {
  const shares = (value: string) =>
    synthetic(`--seq-dist ${value}`).mixture!.map(
      ({ isl, osl, share }) => `${isl.mean}|${isl.stddev} ${osl.mean}|${osl.stddev} ${share}`,
    );
  const expected = ["128|0 64|0 0.6", "512|10 128|2.5 0.4"];
  test.each([
    "128,64:60;512|10,128|2.5:40",
    "[(128,64):60,(512|10,128|2.5):40]",
    '{"pairs":[{"isl":128,"osl":64,"prob":60},{"isl":512,"isl_stddev":10,"osl":128,"osl_stddev":2.5,"prob":40}]}',
  ])("%s", (value) => expect(shares(value)).toEqual(expected));

  test.each([
    ["128,64:50", "add up to 50, not 100"],
    ["128:100", '"128:100" is no pair'],
    ["0,64:100", "is no pair"],
    ["a,b:100", "is no pair"],
    ["{}", "pairs"],
    ['{"pairs":[{"isl":1.5,"osl":1,"prob":100}]}', "pairs[0].isl"],
  ])("%s is none", (value, text) => {
    const error = wrong(`--seq-dist ${value}`);
    expect(error.code).toBe("E_FLAG_VALUE");
    expect(error.what).toContain(text);
  });
});

describe("windows of lengths", () => {
  const windows = (line: string) => {
    const { isl, osl } = synthetic(`--isl 100 --osl 50 ${line}`).windows!;
    return [isl.from, isl.to, osl.from, osl.to];
  };
  test.each([
    ["--random-range-ratio 0.5", [50, 150, 25, 75]],
    ["--random-range-ratio 0", [100, 100, 50, 50]],
    ['--random-range-ratio {"input":0.1,"output":0.99}', [90, 111, 1, 100]],
    ["--random-range-ratio 0.5 --random-corpus-style sglang", [50, 100, 25, 50]],
    ["--random-range-ratio 1 --random-corpus-style sglang", [100, 100, 50, 50]],
  ])("%s", (line, expected) => expect(windows(line)).toEqual(expected));

  test.each([
    ["--isl 9 --osl 9 --random-range-ratio 1", "from 0 and below 1"],
    ["--isl 9 --osl 9 --random-range-ratio -0.1", "from 0"],
    ["--isl 9 --osl 9 --random-range-ratio half", "0.5"],
    ["--isl 9 --random-range-ratio 0.5", "add --osl"],
    ["--isl 9 --osl 9 --isl-stddev 2 --random-range-ratio 0.5", "keep one"],
    [
      '--isl 9 --osl 9 --random-corpus-style sglang --random-range-ratio {"input":0,"output":0}',
      "one number",
    ],
  ])("%s", (line, text) => expect(wrong(line).message).toContain(text));
});

describe("what goes with what", () => {
  test.each([
    ["--input-file x --isl 5", "--isl shapes prompts that are made up, and --input-file"],
    ["--input-file x --session-turns-mean 3", "--session-turns-mean shapes"],
    ["--public-dataset sharegpt --shared-system-prompt-length 5", "--shared-system-prompt-length"],
    ["--input-file x -b 2", "-b shapes"],
    ["--input-file x --public-dataset sharegpt", "exclude each other"],
    ["--custom-dataset-type single_turn", "is about a file, and none is read"],
    ["--synthesis-max-isl 5", "is about a file"],
    ["--input-file x --custom-dataset-type multi_turn --synthesis-max-isl 5", "changes traces"],
    ["--public-dataset sharegpt --synthesis-max-isl 5", "is about a file|changes traces"],
    ["--input-file x --custom-dataset-type raw_payload --isl-block-size 5", "traces with blocks"],
    ["--system-prompt a --system-prompt-file b", "exclude each other"],
    ["--system-prompt a --shared-system-prompt-length 3", "exclude each other"],
    ["--num-prefix-prompts 2 --user-context-prompt-length 3", "exclude each other"],
    ["--prefix-prompt-length 20", "has no prefixes to make"],
    ["--seq-dist 1,1:100 --random-range-ratio 0.1", "exclude each other"],
    ["--video-width 5", "--video-width needs --video-height"],
  ])("%s", (line, text) => {
    const error = wrong(line);
    expect(error.code).toBe("E_FLAG_CONFLICT");
    expect(error.what).toMatch(new RegExp(text.replace(/[[\]()]/g, "\\$&")));
  });

  test.each([
    ["--audio-length-mean 0.001", "at least 0.01"],
    ["--audio-length-mean 1 --audio-depths 16,12", "choose from 8, 16, 24, 32"],
    ["--audio-length-mean 1 --audio-format mp3 --audio-sample-rates 96", "MP3 does not know"],
    ["--public-dataset aimo", "not supported yet"],
    ["--input-file x --custom-dataset-type weka_trace", "not supported yet"],
  ])("%s", (line, text) => expect(wrong(line).message).toContain(text));

  test("a pool may have batches", () => {
    const { batchSizes } = file("--custom-dataset-type random_pool -b 3 --batch-size-image 2");
    expect(batchSizes).toEqual({ texts: 3, images: 2, audios: 1, videos: 1 });
  });

  test("a file that is not there", () => {
    const shell = { ...SHELL, pathKind: () => "none" as const };
    const error = refusal(["--model", "m", "--input-file", "/x/y.jsonl"], shell);
    expect(error.code).toBe("E_INPUT_FILE");
    expect(error.what).toContain("/x/y.jsonl");
  });
});

describe("a trace is replayed at its times", () => {
  const row = '{"timestamp": 5, "input_length": 3}';
  const loadOf = (line: string, first = row) => {
    const shell = { ...SHELL, firstLine: () => first };
    const named = planOf(`--input-file x ${line}`, [], shell);
    return [named.phases.at(-1)!.load.kind, named.phases.at(-1)!.requestCount];
  };
  const mooncake = "--custom-dataset-type mooncake_trace";
  test.each([
    [mooncake, ["schedule", undefined]],
    [`${mooncake} --concurrency 5`, ["schedule", undefined]],
    [`${mooncake} --fixed-schedule`, ["schedule", undefined]],
    [`${mooncake} --no-fixed-schedule`, ["concurrency", 10]],
    [`${mooncake} --ignore-trace-delays`, ["concurrency", 10]],
    ["", ["concurrency", 10]],
    ["--custom-dataset-type single_turn", ["concurrency", 10]],
  ])("%s", (line, expected) => expect(loadOf(line)).toEqual(expected as never));

  test("only when there are some", () => {
    expect(loadOf(mooncake, '{"input_length": 3}')[0]).toBe("concurrency");
    expect(loadOf(mooncake, "{oops")[0]).toBe("concurrency");
    expect(loadOf("--custom-dataset-type burst_gpt_trace", "Timestamp,…")[0]).toBe("schedule");
  });

  test("a pace of another kind stands against them", () => {
    const shell = { ...SHELL, firstLine: () => row };
    const line = `--model m --input-file x ${mooncake} --request-rate 5`;
    expect(refusal(words(line), shell).wayOut).toContain("--no-fixed-schedule");
    const free = planOf(
      `--input-file x ${mooncake} --request-rate 5 --no-fixed-schedule`,
      [],
      shell,
    );
    expect(free.phases[0]!.load.kind).toBe("rate");
  });
});

test("the results say what was asked for, under AIPerf's keys", () => {
  const [made] = planOf(
    "--isl 32 --osl 10 --shared-system-prompt-length 32 --user-context-prompt-length 16 --num-sessions 4",
  ).inputConfig.datasets as readonly object[];
  expect(made).toEqual({
    name: "main",
    type: "synthetic",
    entries: 4,
    prompts: { isl: { mean: 32 }, osl: { mean: 10 } },
    prefix_prompts: { shared_system_length: 32, user_context_length: 16 },
  });
  const [read] = planOf(
    "--input-file a/b.jsonl --custom-dataset-type mooncake_trace --random-seed 7",
  ).inputConfig.datasets as readonly object[];
  expect(read).toEqual({
    name: "main",
    type: "file",
    path: "a/b.jsonl",
    format: "mooncake_trace",
    random_seed: 7,
  });
});
