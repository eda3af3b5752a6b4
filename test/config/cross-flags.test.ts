// What flags do together: a case for each situation that AIPerf's command line knows, and what it
// makes of it. A refusal names the flags that clash.

import { describe, expect, test } from "bun:test";
import { NS_PER_S } from "#core";
import { planOf, refusal, SHELL, words } from "./context.ts";

const USERS = "--user-centric-rate 2 --num-users 4 --session-turns-mean 3";
const FILE = "--input-file x.jsonl";

const ALLOWED: readonly (readonly [situation: string, line: string, limits: object])[] = [
  ["nothing limits a concurrency", "--concurrency 50", { requestCount: 10 }],
  ["nothing limits a rate", "--request-rate 5", { requestCount: 10 }],
  [
    "nothing limits a schedule but its file",
    `${FILE} --fixed-schedule`,
    { requestCount: undefined, sessionCount: undefined, durationNs: undefined },
  ],
  ["more slots than requests", "--concurrency 50 --request-count 7", { requestCount: 7 }],
  ["more slots than sessions", "--concurrency 50 --num-sessions 7", { sessionCount: 7 }],
  [
    "requests and sessions",
    "--request-count 7 --num-sessions 9",
    { requestCount: 7, sessionCount: 9 },
  ],
  [
    "requests and a duration",
    "--request-count 7 --benchmark-duration 9",
    { requestCount: 7, durationNs: 9 * NS_PER_S },
  ],
  ["a duration without grace", "--benchmark-duration 9", { graceNs: 30 * NS_PER_S }],
  [
    "users for a duration without grace",
    `${USERS} --benchmark-duration 9`,
    { graceNs: 30 * NS_PER_S },
  ],
  ["users and a rate", `${USERS} --request-rate 9`, { load: { kind: "users", ratePerS: 2 } }],
  ["a file and an output length", `${FILE} --osl 5`, { requestCount: 10 }],
];

test.each(ALLOWED)("%s: %s", (_, line, limits) => {
  expect(planOf(line).phases.at(-1)).toMatchObject(limits);
});

test("an output length stands in where a row of the file has none", () => {
  expect(planOf(`${FILE} --osl 5`).dataset.osl).toEqual({ mean: 5, stddev: 0 });
});

const REFUSED: readonly (readonly [line: string, ...flags: string[]])[] = [
  ["--benchmark-grace-period 5", "--benchmark-grace-period", "--benchmark-duration"],
  ["--user-centric-rate 2 --session-turns-mean 3", "--user-centric-rate", "--num-users"],
  ["--user-centric-rate 2 --num-users 4", "--user-centric-rate", "--session-turns-mean"],
  [`${USERS} --num-sessions 3`, "--num-users", "--num-sessions"],
  [`${USERS} --request-count 3`, "--num-users", "--request-count"],
  ["--streaming --concurrency 2 --prefill-concurrency 3", "--prefill-concurrency", "--concurrency"],
  ["--streaming --prefill-concurrency 3", "--prefill-concurrency", "--concurrency"],
  ["--concurrency 4 --prefill-concurrency 3", "--prefill-concurrency", "--streaming"],
  [
    `${FILE} --fixed-schedule --dataset-sampling-strategy random`,
    "--fixed-schedule",
    "--dataset-sampling-strategy",
  ],
  [`${FILE} --fixed-schedule --concurrency 1,2`, "--concurrency"],
  ["--fixed-schedule", "--fixed-schedule", "--input-file"],
  [
    "--endpoint-type responses --extra-inputs store:true",
    "--extra-inputs",
    "--use-server-token-count",
  ],
  ["--endpoint-type template", "--extra-inputs", "payload_template"],
];

test.each(REFUSED)("refused: %s", (line, ...flags) => {
  const { message } = refusal(words(`--model m ${line}`));
  for (const flag of flags) expect(message).toContain(flag);
});

describe("what shapes made-up prompts has no place beside prompts that are given", () => {
  const MADE_UP = [
    "--prefix-prompt-length 5 --num-prefix-prompts 2",
    "--num-prefix-prompts 2",
    "--shared-system-prompt-length 5",
    "--user-context-prompt-length 5",
    "--isl 5",
    "--isl-stddev 5",
    "--seq-dist 128,64:100",
    "--random-range-ratio 0.5",
    "--prompt-batch-size 2",
    "--image-batch-size 2",
    "--audio-batch-size 2",
    "--video-batch-size 2",
    "--image-source noise",
    "--session-turns-mean 3",
    "--session-turns-stddev 1 --session-turns-mean 3",
    "--session-turn-delay-mean 5",
    "--session-turn-delay-stddev 5 --session-turn-delay-mean 5",
  ];
  const GIVEN = [FILE, "--public-dataset sharegpt"];
  const cases = GIVEN.flatMap((given) => MADE_UP.map((line) => [given, line] as const));
  test.each(cases)("%s %s", (given, line) => {
    const { code, message } = refusal(words(`--model m ${given} ${line}`));
    expect(code).toBe("E_FLAG_CONFLICT");
    expect(message).toContain(given.split(" ")[0]!);
    const named = words(line).filter((word) => word.startsWith("--"));
    expect(named.some((flag) => message.includes(flag))).toBe(true);
  });

  test("but a pool is batched", () => {
    const pool = `${FILE} --custom-dataset-type random_pool --prompt-batch-size 2`;
    expect(() => planOf(pool)).not.toThrow();
  });
});

test.each(["mooncake_trace", "bailian_trace", undefined])("blocks have a size in %s", (type) => {
  const named = type === undefined ? "" : `--custom-dataset-type ${type}`;
  expect(() => planOf(`${FILE} ${named} --isl-block-size 5`)).not.toThrow();
});

test.each(["single_turn", "multi_turn", "random_pool", "burst_gpt_trace", "raw_payload"])(
  "%s has no blocks",
  (type) => {
    const line = `--model m ${FILE} --custom-dataset-type ${type} --isl-block-size 5`;
    expect(refusal(words(line)).message).toContain("--isl-block-size");
  },
);

test.each([
  ["--request-rate 5", "--no-fixed-schedule"],
  ["--request-rate-series s.json", "--no-fixed-schedule"],
  ["--user-centric-rate 2 --num-users 4", "--input-file"],
])("a trace that brings its times stands against %s", (line, wayOut) => {
  const shell = { ...SHELL, firstLine: () => '{"timestamp": 5, "input_length": 3}' };
  const given = `--model m ${FILE} --custom-dataset-type mooncake_trace`;
  const { message } = refusal(words(`${given} ${line}`), shell);
  expect(message).toContain(wayOut);
  expect(message).toContain(words(line)[0]!);
});

describe("endpoints that send no text have no use for what shapes it", () => {
  const KINDS = ["image-retrieval", "audio-transcription"];
  const TEXT = ["--isl 5", "--isl-stddev 5", "--num-prefix-prompts 2", "--tokenizer builtin"];
  const cases = KINDS.flatMap((kind) => TEXT.map((line) => [kind, line] as const));
  test.each(cases)("%s %s", (kind, line) => {
    const { code, message } = refusal(words(`--model m --endpoint-type ${kind} ${line}`));
    expect(code).toBe("E_FLAG_CONFLICT");
    expect(message).toContain(words(line)[0]!);
    expect(message).toContain(kind);
  });
});
