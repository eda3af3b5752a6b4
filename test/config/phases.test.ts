import { describe, expect, test } from "bun:test";
import type { LoadPlan } from "#config";
import { NS_PER_S } from "#core";
import { planOf, refusal, SHELL, words } from "./context.ts";

const S = NS_PER_S;

/** A shell in which one file can be read. */
const withFile = (text: string) => ({ ...SHELL, readText: () => text });
const SERIES = withFile('[{"time_s": 0, "qps": 2}, {"time_s": 20, "qps": 4}]');

function phases(line: string, shell = SHELL) {
  return planOf(line, [], shell).phases;
}

function load(line: string, shell = SHELL): LoadPlan {
  return phases(line, shell).at(-1)!.load;
}

describe("the load", () => {
  const limit = (limit: number, rampS = 0) => ({ limit, rampNs: rampS * S });
  const steady = (perS: number) => [{ atNs: 0, perS }];
  const poisson = { kind: "poisson" } as const;
  test.each<[string, LoadPlan]>([
    ["", { kind: "concurrency", concurrency: limit(1) }],
    [
      "--concurrency 5 --concurrency-ramp-duration 4",
      { kind: "concurrency", concurrency: limit(5, 4) },
    ],
    ["--arrival-pattern concurrency_burst", { kind: "concurrency", concurrency: limit(1) }],
    [
      "--request-rate 5",
      { kind: "rate", arrival: poisson, rate: steady(5), concurrency: undefined },
    ],
    [
      "--request-rate 5 --concurrency 3",
      { kind: "rate", arrival: poisson, rate: steady(5), concurrency: limit(3) },
    ],
    [
      "--request-rate 5 --request-rate-mode constant",
      { kind: "rate", arrival: { kind: "constant" }, rate: steady(5), concurrency: undefined },
    ],
    [
      "--request-rate 5 --vllm-burstiness 0.5",
      {
        kind: "rate",
        arrival: { kind: "gamma", smoothness: 0.5 },
        rate: steady(5),
        concurrency: undefined,
      },
    ],
    [
      "--request-rate 5 --arrival-pattern gamma",
      {
        kind: "rate",
        arrival: { kind: "gamma", smoothness: 1 },
        rate: steady(5),
        concurrency: undefined,
      },
    ],
    [
      "--request-rate 5 --request-rate-ramp-duration 10",
      {
        kind: "rate",
        arrival: poisson,
        rate: [
          { atNs: 0, perS: 0.05 },
          { atNs: 10 * S, perS: 5 },
        ],
        concurrency: undefined,
      },
    ],
    [
      "--user-centric-rate 2 --num-users 4 --session-turns-mean 3",
      { kind: "users", users: 4, ratePerS: 2, concurrency: undefined },
    ],
  ])("%s", (line, expected) => expect(load(line)).toEqual(expected));

  test("of a series begins when a ramp has reached its first rate", () => {
    expect(load("--request-rate-series s.json", SERIES)).toMatchObject({
      rate: [
        { atNs: 0, perS: 2 },
        { atNs: 20 * S, perS: 4 },
      ],
    });
    const ramped = "--request-rate-series s.json --request-rate-ramp-duration 5";
    expect(load(ramped, SERIES)).toMatchObject({
      rate: [
        { atNs: 0, perS: 0.04 },
        { atNs: 5 * S, perS: 2 },
        { atNs: 25 * S, perS: 4 },
      ],
    });
  });

  test.each([
    ["{", "is not valid JSON"],
    ["{}", "is no list of points"],
    ['[{"time_s": 0, "qps": 1}]', "has fewer than 2 points"],
    ['[{"time_s": 0, "qps": 1}, {"time_s": 1, "qps": 0}]', "has a point 1 that is not"],
    ['[{"time_s": 0, "qps": 1, "x": 1}, {"time_s": 1, "qps": 1}]', "has a point 0 that is not"],
    [
      '[{"time_s": 3, "qps": 1}, {"time_s": 3, "qps": 2}]',
      "has point 1 at 3 s, which is not after",
    ],
    ['{"points": [{"time_s": 0, "qps": 1}, {"time_s": 1, "qps": 1}], "a": 1}', "has keys beside"],
  ])("no series is %s", (text, said) => {
    const error = refusal(words("--model m --request-rate-series s.json"), withFile(text));
    expect(error.code).toBe("E_RATE_SERIES");
    expect(error.message).toContain(`--request-rate-series "s.json" ${said}`);
  });

  test("a series may stand under points", () => {
    const text = '{"points": [{"time_s": 1, "qps": 1}, {"time_s": 2.5, "qps": 9}]}';
    expect(load("--request-rate-series s.json", withFile(text))).toMatchObject({
      rate: [
        { atNs: S, perS: 1 },
        { atNs: 2.5 * S, perS: 9 },
      ],
    });
  });
});

describe("limits of the measured phase", () => {
  test("prefill, cancellation and threshold", () => {
    const [phase] = phases(
      "--streaming --concurrency 4 --prefill-concurrency 2 --prefill-concurrency-ramp-duration 3 " +
        "--request-cancellation-rate 30 --request-cancellation-delay 0.05 " +
        "--failed-request-threshold 0.2",
    );
    expect(phase).toMatchObject({
      prefill: { limit: 2, rampNs: 3 * S },
      cancellation: { share: 0.3, delayNs: 0.05 * S },
      failedShareMax: 0.2,
    });
  });

  test.each([
    ["--request-rate 5", 10],
    ["--user-centric-rate 2 --num-users 4 --session-turns-mean 3", 12],
    ["--user-centric-rate 2 --num-users 2 --session-turns-mean 3", 10],
    [
      "--user-centric-rate 2 --num-users 40 --session-turns-mean 3 --benchmark-duration 1",
      undefined,
    ],
  ])("%s without any other sends %p requests", (line, count) =>
    expect(phases(line)[0]!.requestCount).toBe(count),
  );
});

describe("a warm-up", () => {
  const warmup = (line: string, shell = SHELL) => {
    const [first, second] = phases(line, shell);
    return second === undefined ? undefined : first;
  };

  test("is there when one of its limits is", () => {
    expect(warmup("--warmup-concurrency 3")).toBeUndefined();
    expect(warmup("--num-warmup-requests 3")).toMatchObject({
      name: "warmup",
      kind: "warmup",
      requestCount: 3,
      sessionCount: undefined,
      durationNs: undefined,
      graceNs: Number.POSITIVE_INFINITY,
      cancellation: undefined,
      failedShareMax: undefined,
    });
    expect(
      warmup("--num-warmup-sessions 2 --warmup-duration 5 --warmup-grace-period 1"),
    ).toMatchObject({ sessionCount: 2, durationNs: 5 * S, graceNs: S });
    expect(warmup("--warmup-duration 5")!.graceNs).toBe(Number.POSITIVE_INFINITY);
  });

  test("takes over the load of what it warms up for", () => {
    expect(
      warmup(
        "--warmup-request-count 1 --request-rate 4 --concurrency 8 --vllm-burstiness 2 " +
          "--request-rate-ramp-duration 2 --concurrency-ramp-duration 3 --streaming " +
          "--prefill-concurrency 2 --prefill-concurrency-ramp-duration 1",
      ),
    ).toMatchObject({
      load: {
        kind: "rate",
        arrival: { kind: "gamma", smoothness: 2 },
        rate: [
          { atNs: 0, perS: 0.2 },
          { atNs: 2 * S, perS: 4 },
        ],
        concurrency: { limit: 8, rampNs: 3 * S },
      },
      prefill: { limit: 2, rampNs: S },
    });
  });

  test("has flags of its own for all of it", () => {
    expect(
      warmup(
        "--warmup-request-count 1 --concurrency 8 --warmup-request-rate 9 --warmup-concurrency 4 " +
          "--warmup-arrival-pattern constant --warmup-request-rate-ramp-duration 1 --streaming " +
          "--warmup-concurrency-ramp-duration 6 --warmup-prefill-concurrency 3 " +
          "--warmup-prefill-concurrency-ramp-duration 7",
      ),
    ).toMatchObject({
      load: {
        kind: "rate",
        arrival: { kind: "constant" },
        rate: [
          { atNs: 0, perS: 0.9 },
          { atNs: S, perS: 9 },
        ],
        concurrency: { limit: 4, rampNs: 6 * S },
      },
      prefill: { limit: 3, rampNs: 7 * S },
    });
  });

  test("runs neither users nor a series: it keeps a concurrency", () => {
    const users = "--user-centric-rate 2 --num-users 4 --session-turns-mean 3";
    expect(warmup(`--warmup-request-count 1 ${users}`)!.load).toEqual({
      kind: "concurrency",
      concurrency: { limit: 1, rampNs: 0 },
    });
    const series = "--request-rate-series s.json --concurrency 6";
    expect(warmup(`--warmup-request-count 1 ${series}`, SERIES)!.load).toEqual({
      kind: "concurrency",
      concurrency: { limit: 6, rampNs: 0 },
    });
  });

  test.each([
    ["--request-count 7 --warmup-request-count 3", 10],
    ["--request-count 7 --num-warmup-sessions 2 --warmup-request-count 3", 9],
    ["--request-count 7 --warmup-duration 3", 7],
    ["--request-count 7 --warmup-request-count 3 --num-prompts 4", 4],
  ])("%s: its prompts come on top of the others, %i in all", (line, entries) =>
    expect(planOf(line).dataset.entries).toBe(entries),
  );
});

describe("readiness", () => {
  test("is asked for only when there is time for it", () => {
    expect(planOf("").readiness).toBeUndefined();
    expect(planOf("--wait-for-model-timeout 0").readiness).toBeUndefined();
    expect(planOf("--wait-for-model-timeout 60 --wait-for-model-mode both").readiness).toEqual({
      timeoutNs: 60 * S,
      mode: "both",
      intervalNs: 5 * S,
    });
  });
});

describe("the artifact folder", () => {
  const users = "--user-centric-rate 2 --num-users 4 --session-turns-mean 3";
  test.each([
    ["--concurrency 8", "concurrency8"],
    ["--request-rate 5", "request_rate5.0"],
    ["--request-rate 2.5 --concurrency 8", "concurrency8-request_rate2.5"],
    [users, "user_centric-users4-qps2.0"],
    ["--request-rate 5 --warmup-request-rate 9 --warmup-request-count 1", "request_rate5.0"],
  ])("of %s ends in %s", (line, stimulus) =>
    expect(planOf(line).output.artifactDir).toBe(`artifacts/m-openai-chat-${stimulus}`),
  );
});

describe("the configuration of the results", () => {
  const configs = (line: string, shell = SHELL) => planOf(line, [], shell).inputConfig.phases;
  test("of a warm-up and a rate", () => {
    expect(
      JSON.stringify(configs("--warmup-request-count 5 --request-rate 20 --benchmark-duration 3")),
    ).toBe(
      JSON.stringify([
        {
          name: "warmup",
          kind: "warmup",
          type: "poisson",
          exclude_from_results: true,
          requests: 5,
          rate: 20,
        },
        {
          name: "profiling",
          kind: "profiling",
          type: "poisson",
          duration: 3,
          grace_period: 30,
          rate: 20,
        },
      ]),
    );
  });

  test("of cancelled requests", () => {
    const line =
      "--concurrency 4 --request-count 20 --request-cancellation-rate 30 --request-cancellation-delay 0.05";
    expect(JSON.stringify(configs(line))).toBe(
      JSON.stringify([
        {
          name: "profiling",
          kind: "profiling",
          type: "concurrency",
          requests: 20,
          concurrency: 4,
          cancellation: { rate: 30, delay: 0.05 },
        },
      ]),
    );
  });

  test("of sessions with several turns", () => {
    const { datasets, phases } = planOf(
      "--concurrency 2 --num-sessions 4 --session-turns-mean 3 --session-turn-delay-mean 50",
    ).inputConfig;
    expect(datasets).toMatchObject([
      { entries: 4, turns: { mean: 3, stddev: 0 }, turn_delay: { mean: 50, stddev: 0 } },
    ]);
    expect(phases).toMatchObject([{ sessions: 4, concurrency: 2 }]);
  });

  test.each([
    [
      "--request-rate 4 --vllm-burstiness 2 --request-rate-ramp-duration 3",
      { type: "gamma", rate: 4, smoothness: 2, rate_ramp: { duration: 3 } },
    ],
    [
      "--user-centric-rate 2 --num-users 4 --session-turns-mean 3",
      { type: "user_centric", rate: 2, users: 4 },
    ],
    [
      "--concurrency 4 --concurrency-ramp-duration 2 --streaming --prefill-concurrency 3",
      { concurrency: 4, concurrency_ramp: { duration: 2 }, prefill_concurrency: 3 },
    ],
    ["--failed-request-threshold 0.5", { failed_request_threshold: 0.5 }],
  ])("of %s", (line, expected) => expect(configs(line)).toMatchObject([expected]));

  test("of a series", () =>
    expect(configs("--request-rate-series s.json", SERIES)).toMatchObject([
      {
        type: "poisson",
        rate_series: {
          points: [
            { time_s: 0, qps: 2 },
            { time_s: 20, qps: 4 },
          ],
        },
      },
    ]));
});

const USERS = "--user-centric-rate 2 --num-users 4 --session-turns-mean 3";

describe("flags that do not go together", () => {
  test.each([
    ["--fixed-schedule", "--fixed-schedule has no recorded times to replay; add --input-file"],
    ["--fixed-schedule --no-fixed-schedule", "contradict each other"],
    ["--request-rate 1 --request-rate-series s", "both say how fast to send"],
    [`--request-rate-series s ${USERS}`, "both say how fast to send"],
    ["--fixed-schedule --request-rate 1", "both say when to send"],
    ["--fixed-schedule --request-rate-series s", "both say when to send"],
    [`--fixed-schedule ${USERS}`, "both say when to send"],
    [
      "--request-rate 1 --vllm-burstiness 2 --arrival-pattern constant",
      "--vllm-burstiness shapes gamma arrivals, but --arrival-pattern is constant",
    ],
    [
      "--request-rate 1 --arrival-smoothness 2 --request-rate-mode poisson",
      "--request-rate-mode is",
    ],
    ["--request-rate-ramp-duration 3", "--request-rate-ramp-duration has no rate to grow"],
    ["--concurrency 4 --prefill-concurrency 2", "only a stream shows; add --streaming"],
    ["--streaming --prefill-concurrency 2", "2 is more than the concurrency, 1; raise"],
    ["--streaming --concurrency 2 --prefill-concurrency 3", "3 is more than the concurrency, 2"],
    ["--request-rate 1 --concurrency-ramp-duration 3", "has no concurrency to grow"],
    ["--prefill-concurrency-ramp-duration 3", "has nothing to grow; add --prefill-concurrency"],
    ["--benchmark-grace-period 3", "has no duration to follow; add --benchmark-duration"],
    ["--warmup-request-count 3 --warmup-grace-period 3", "add --warmup-duration"],
    [
      "--warmup-request-count 3 --warmup-request-rate-ramp-duration 3",
      "--warmup-request-rate-ramp-duration has no rate to grow",
    ],
    ["--warmup-request-count 3 --warmup-prefill-concurrency 3", "add --streaming"],
    [
      "--streaming --warmup-request-count 3 --warmup-concurrency 2 --warmup-prefill-concurrency 3",
      "3 is more than the warm-up's concurrency, 2",
    ],
    ["--fixed-schedule-start-offset 3", "has no schedule to cut; add --fixed-schedule"],
    ["--fixed-schedule-end-offset 3", "has no schedule to cut; add --fixed-schedule"],
    ["--fixed-schedule-auto-offset", "has no schedule to move; add --fixed-schedule"],
    ["--user-centric-rate 2 --session-turns-mean 3", "add --num-users"],
    ["--num-users 2", "add --user-centric-rate"],
    ["--user-centric-rate 2 --num-users 4", "add --session-turns-mean with 2 or more"],
    ["--user-centric-rate 2 --num-users 4 --session-turns-mean 1.5", "which have only one"],
    [`${USERS} --num-sessions 3`, "--num-users 4 is more than --num-sessions 3"],
    [`${USERS} --request-count 3`, "--num-users 4 is more than --request-count 3"],
    ["--request-cancellation-delay 1", "add --request-cancellation-rate"],
    ["--session-turns-stddev 1", "add --conversation-turn-mean"],
    ["--session-turn-delay-stddev 1", "add --conversation-turn-delay-mean"],
    ["--wait-for-model-mode both", "--wait-for-model-mode says how to wait, but nothing waits"],
    ["--wait-for-model-interval 1", "add --wait-for-model-timeout"],
  ])("%s", (line, said) => {
    const error = refusal(words(`--model m ${line}`));
    expect(error.code).toBe("E_FLAG_CONFLICT");
    expect(error.message).toContain(said);
  });

  test.each([
    "--concurrency 50 --request-count 7",
    "--concurrency 50 --num-sessions 7",
    "--request-count 7 --num-sessions 9",
    "--request-count 7 --benchmark-duration 9",
    "--streaming --request-rate 5 --prefill-concurrency 3",
    "--warmup-request-rate-ramp-duration 3 --request-rate 1",
    `${USERS} --request-rate-ramp-duration 4`,
  ])("%s do", (line) => expect(() => planOf(line)).not.toThrow());
});

describe("what means less than it says is noted", () => {
  test.each([
    ["--request-rate 1 --arrival-pattern concurrency-burst", "arrivals are poisson"],
    ["--arrival-pattern constant", "--arrival-pattern has no effect without --request-rate"],
    [`${USERS} --request-rate-ramp-duration 4`, "has no effect with users"],
    [`${USERS} --request-rate 4`, "--request-rate has no effect with users: --user-centric-rate"],
    [USERS, "early prompts are shorter"],
    ["--warmup-concurrency 4", "there is no warm-up without --warmup-request-count"],
  ])("%s", (line, said) => expect(planOf(line).notes.join("\n")).toContain(said));

  test("and nothing else is", () => {
    expect(planOf("--request-rate 1 --arrival-pattern constant").notes).toEqual([]);
    expect(planOf("--arrival-pattern concurrency-burst --concurrency 3").notes).toEqual([]);
  });
});
