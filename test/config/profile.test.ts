import { describe, expect, test } from "bun:test";
import { parseProfile } from "#config";
import { NS_PER_S } from "#core";
import { plan, planOf, refusal, SHELL, words } from "./context.ts";

test("the least command line has every default", () => {
  const { endpoint, dataset, tokenizer, phases, output, runtime, notes } = plan("--model m");
  expect(endpoint).toEqual({
    kind: "chat",
    urls: ["http://localhost:8000"],
    path: undefined,
    models: ["m"],
    modelStrategy: "round-robin",
    streaming: false,
    contentType: "application/json",
    apiKey: undefined,
    sessionHeader: "X-Correlation-ID",
    headers: [],
    extraInputs: {},
    useLegacyMaxTokens: false,
    useServerTokenCount: false,
    perChunkUsage: false,
    template: undefined,
    responseField: undefined,
    downloadVideo: false,
    stripsImages: false,
    requestTimeoutNs: 21_600 * NS_PER_S,
    transport: "socket",
    connectionReuse: "pooled",
    insecure: false,
    warmConnections: false,
    sources: [],
  });
  expect(dataset).toEqual({
    kind: "synthetic",
    entries: 100,
    isl: { mean: 550, stddev: 0 },
    osl: undefined,
    batchSize: 1,
    sampling: "sequential",
    turns: { mean: 1, stddev: 0 },
    turnDelayMs: { mean: 0, stddev: 0 },
    turnDelayRatio: 1,
    mixture: undefined,
    windows: undefined,
    prefixes: undefined,
    sharedSystemTokens: undefined,
    userContextTokens: undefined,
    images: undefined,
    audios: undefined,
    videos: undefined,
    rankings: undefined,
    systemPrompt: undefined,
    cacheBust: "none",
    corpus: "sonnet",
    warmupSessions: 0,
  });
  expect(tokenizer).toEqual({ name: undefined, revision: "main", applyChatTemplate: false });
  expect(phases).toEqual([
    {
      name: "profiling",
      kind: "profiling",
      load: { kind: "concurrency", concurrency: { limit: 1, rampNs: 0 } },
      prefill: undefined,
      cancellation: undefined,
      failedShareMax: undefined,
      requestCount: 10,
      sessionCount: undefined,
      durationNs: undefined,
      graceNs: Number.POSITIVE_INFINITY,
    },
  ]);
  expect(output).toEqual({
    artifactDir: "artifacts/m-openai-chat-concurrency1",
    prefix: undefined,
    exportLevel: "records",
    ...{ httpTrace: false, outputsJson: false, showsTrace: false },
    ...{ sliceNs: undefined, percentiles: [] },
  });
  expect(runtime).toEqual({
    pacing: "relaxed",
    seed: undefined,
    workersMax: undefined,
    recordProcessors: undefined,
    ui: "simple",
    requireValid: false,
    logLevel: "info",
  });
  expect(notes).toEqual([]);
});

test("a full command line", () => {
  const { endpoint, dataset, phases, tokenizer } = plan(
    "--model qwen3-0.6b --url localhost:8000 --endpoint-type chat --streaming --concurrency 100 " +
      "--request-count 1000 --isl 1000 --osl 500 --tokenizer Qwen/Qwen3-0.6B",
  );
  expect(endpoint.models).toEqual(["qwen3-0.6b"]);
  expect(endpoint.streaming).toBe(true);
  expect(dataset).toMatchObject({ isl: { mean: 1000, stddev: 0 } });
  expect(dataset.osl).toEqual({ mean: 500, stddev: 0 });
  expect(dataset.entries).toBe(1000);
  expect(tokenizer.name).toBe("Qwen/Qwen3-0.6B");
  expect(phases[0]).toMatchObject({ load: { concurrency: { limit: 100 } }, requestCount: 1000 });
});

describe("what ends the run", () => {
  const limits = (line: string) => {
    const { requestCount, sessionCount, durationNs, graceNs } = planOf(line).phases[0]!;
    const s = (ns: number | undefined) => (ns === undefined ? undefined : ns / NS_PER_S);
    return [requestCount, sessionCount, s(durationNs), s(graceNs)];
  };
  const inf = Number.POSITIVE_INFINITY;
  test.each([
    ["", [10, undefined, undefined, inf]],
    ["--num-requests 7", [7, undefined, undefined, inf]],
    ["--num-sessions 3", [undefined, 3, undefined, inf]],
    ["--num-sessions 3 --request-count 7", [7, 3, undefined, inf]],
    ["--benchmark-duration 2.5", [undefined, undefined, 2.5, 30]],
    ["--benchmark-duration 2 --request-count 7", [7, undefined, 2, 30]],
    ["--benchmark-duration 2 --benchmark-grace-period 0", [undefined, undefined, 2, 0]],
    ["--benchmark-duration 2 --benchmark-grace-period INF", [undefined, undefined, 2, inf]],
    ["--concurrency 50 --request-count 7", [7, undefined, undefined, inf]],
  ])("%s", (line, expected) => expect(limits(line)).toEqual(expected));

  test.each([
    ["", 100],
    ["--request-count 7", 7],
    ["--request-count 7 --num-sessions 3", 3],
    ["--request-count 7 --num-sessions 3 --num-prompts 5", 5],
    ["--benchmark-duration 2", 100],
  ])("%s makes %i conversations", (line, entries) =>
    expect(planOf(line).dataset.entries).toBe(entries),
  );
});

describe("values", () => {
  test("choices in any case, with hyphens or underscores", () => {
    const given = planOf("--connection-reuse-strategy Sticky_User_Sessions --ui NONE");
    expect(given.endpoint.connectionReuse).toBe("sticky-user-sessions");
    expect(given.runtime.ui).toBe("none");
  });

  test("aliases and short names", () => {
    const given = plan("-m a -u h:1 -H A:b -b 2 -vv --batch-size-audio 1".replace(/ --b.*/, ""));
    expect(given.endpoint.headers).toEqual([["A", "b"]]);
    expect(given.endpoint.urls).toEqual(["http://h:1"]);
    expect(given.dataset).toMatchObject({ batchSize: 2 });
    expect(given.runtime.logLevel).toBe("trace");
  });

  test("lists by comma, by space, and by repetition", () => {
    expect(plan("--model a,b c -m d --streaming").endpoint.models).toEqual(["a", "b", "c", "d"]);
    expect(planOf("--url=h:1,h:2 --url https://x/").endpoint.urls).toEqual([
      "http://h:1",
      "http://h:2",
      "https://x",
    ]);
  });

  test("booleans by being there, or with =true and =false", () => {
    expect(planOf("--streaming --streaming").endpoint.streaming).toBe(true);
    expect(planOf("--streaming=True").endpoint.streaming).toBe(true);
    expect(planOf("--streaming=false").endpoint.streaming).toBe(false);
  });

  test("numbers as Python writes them", () => {
    expect(planOf("--request-count 1_000").phases[0]!.requestCount).toBe(1000);
    expect(planOf("--isl 9 --isl-stddev 1e1").dataset).toMatchObject({
      isl: { mean: 9, stddev: 10 },
    });
    expect(planOf("--random-seed -0").runtime.seed).toBe(0);
  });

  test.each([
    ["http", "socket"],
    ["socket", "socket"],
    ["fetch", "fetch"],
  ] as const)("--transport %s is %s", (name, kind) =>
    expect(planOf(`--transport-type ${name}`).endpoint.transport).toBe(kind),
  );

  test.each([
    ["--log-level WARNING", "warning"],
    ["--log-level notice", "warning"],
    ["-v --log-level error", "debug"],
    ["-v -vv", "trace"],
  ] as const)("%s logs at %s", (line, level) => expect(planOf(line).runtime.logLevel).toBe(level));
});

describe("the live line", () => {
  const ui = (line: string, shell = SHELL) => planOf(line, [], shell).runtime.ui;
  test("is simple on a terminal and absent elsewhere, unless asked for", () => {
    expect(ui("")).toBe("simple");
    expect(ui("", { ...SHELL, isTerminal: false })).toBe("none");
    expect(ui("", { ...SHELL, env: { TERM: "dumb" } })).toBe("none");
    expect(ui("--ui simple", { ...SHELL, isTerminal: false })).toBe("simple");
  });

  test("is said to be simple when a dashboard was asked for", () => {
    expect(ui("--ui dashboard")).toBe("simple");
    expect(planOf("--ui dashboard").notes).toEqual(["--ui dashboard is shown as simple"]);
  });
});

test("code from the hub is never run, and the results say so", () => {
  expect(planOf("--tokenizer-trust-remote-code").notes[0]).toContain("never run");
});

test("limits, slices and what is written of each request", () => {
  const plan = planOf(
    "--slice-duration 2.5 --percentiles 75,99.9 --export-level raw --export-http-trace " +
      "--export-outputs-json --show-trace-timing --network-latency-mean 0.25",
  );
  expect(plan.output).toMatchObject({
    ...{ sliceNs: 2.5e9, percentiles: [75, 99.9], exportLevel: "raw" },
    ...{ httpTrace: true, outputsJson: true, showsTrace: true },
  });
  expect(plan.networkLatency).toEqual({ kind: "given", rttNs: 250_000 });
  expect(plan.inputConfig).toMatchObject({
    artifacts: { slice_duration: 2.5, records: ["jsonl"], raw: true, export_http_trace: true },
    network_latency: { enabled: true, mean: 0.25 },
  });
  expect(planOf("--network-latency-automatic").networkLatency).toEqual({
    kind: "measured",
    everyNs: 1e9,
  });
});

test("limits stand in one argument or in several, and the last one of a tag holds", () => {
  const slos = [
    { tag: "time_to_first_token", limit: 370 },
    { tag: "request_latency", limit: 648 },
  ];
  const typed = ["--model", "m", "--goodput", "time_to_first_token:370 request_latency:648"];
  const together = parseProfile(typed, SHELL);
  expect(together.slos).toEqual(slos);
  expect(together.inputConfig.slos).toEqual({ time_to_first_token: 370, request_latency: 648 });
  expect(
    planOf("--goodput time_to_first_token:1 time_to_first_token:370,request_latency:648").slos,
  ).toEqual(slos);
  expect(planOf("").slos).toEqual([]);
  const tokens = planOf("--goodput inter_token_latency:3.2");
  expect(tokens.cliCommand).toEndWith("--goodput 'inter_token_latency:3.2'");
  expect(tokens.inputConfig.slos).toEqual({ inter_token_latency: 3.2 });
});

test.each(["--no-gpu-telemetry", "--no-server-metrics", "--insecure"])("%s is accepted", (flag) => {
  expect(planOf(flag).cliCommand).toEndWith(flag);
});

describe("refused", () => {
  test.each([
    ["", "E_FLAG_MISSING", "--model is missing; add --model NAME"],
    ["--model m --goodput a", "E_FLAG_VALUE", '--goodput has "a"; write limits as TAG:VALUE'],
    ["--model m --goodput a:-1", "E_FLAG_VALUE", '--goodput has "a:-1"'],
    ["--model m --slice-duration 0", "E_FLAG_VALUE", "--slice-duration"],
    ["--model m --percentiles 101", "E_FLAG_VALUE", "--percentiles"],
    [
      "--model m --network-latency-automatic --network-latency-mean 1",
      "E_FLAG_CONFLICT",
      "both say how long the way to the server is",
    ],
    [
      "--model m --network-latency-ping-interval 2",
      "E_FLAG_CONFLICT",
      "add --network-latency-automatic",
    ],
    ["--model m -f x.yaml", "E_FLAG_UNSUPPORTED", "-f is not supported yet"],
    ["--model m --no-auto-plot", "E_FLAG_UNSUPPORTED", "--no-auto-plot is not supported yet"],
    ["--model m --model-selection-strategy weighted", "E_FLAG_UNSUPPORTED", "weighted is not"],
    ["--model m --concurrency 1,2", "E_FLAG_UNSUPPORTED", "a sweep, is not supported yet"],
    ["--model m --isl 1 2", "E_FLAG_UNSUPPORTED", "a sweep, is not supported yet"],
    ["--model m --concurency 1", "E_FLAG_UNKNOWN", "did you mean --concurrency?"],
    ["--model m --request_count 1", "E_FLAG_UNKNOWN", "did you mean --request-count?"],
    ["--model m --Streaming", "E_FLAG_UNKNOWN", "did you mean --streaming?"],
    ["--model m --xyzzy-plugh 1", "E_FLAG_UNKNOWN", "aiperf profile --help lists the flags"],
    ["--model m --no-streaming", "E_FLAG_UNKNOWN", "--streaming is off unless it is given"],
    ["--model m --isl", "E_FLAG_NO_VALUE", "--isl has no value"],
    ["--model --streaming", "E_FLAG_NO_VALUE", "--model has no value"],
    ["--model m --streaming true", "E_ARGUMENT", '--streaming takes no value, but "true" follows'],
    ["--model m --streaming=yes", "E_FLAG_VALUE", "--streaming takes no value"],
    ["m", "E_ARGUMENT", '"m" is not a flag'],
    [
      "--model m --osl 1 --tokenizer a b",
      "E_ARGUMENT",
      "--tokenizer takes one value, but a second",
    ],
    ["--model m --tokenizer a --tokenizer b", "E_FLAG_TWICE", "--tokenizer is given 2 times"],
    ["--model m --isl 0", "E_NOTHING_TO_SEND", "--isl 0 leaves nothing to send"],
    ["--model m --isl -5", "E_FLAG_VALUE", '--isl is "-5"'],
    ["--model m --isl=-5", "E_FLAG_VALUE", '--isl is "-5"'],
    ["--model m --isl 1.5", "E_FLAG_VALUE", "a whole number"],
    ["--model m --isl 0x10", "E_FLAG_VALUE", "a whole number"],
    ["--model m --isl 99999999999999999999", "E_FLAG_VALUE", "a whole number"],
    ["--model m --isl-stddev nan", "E_FLAG_VALUE", '--isl-stddev is "nan"'],
    ["--model m --isl-stddev -inf", "E_FLAG_VALUE", '--isl-stddev is "-inf"'],
    ["--model m --isl-stddev inf", "E_FLAG_VALUE", "a number of at least 0"],
    ["--model m --isl-stddev 1e999", "E_FLAG_VALUE", "a number of at least 0"],
    ["--model m --concurrency 0", "E_FLAG_VALUE", '--concurrency is "0"'],
    ["--model m --concurrency ,", "E_FLAG_VALUE", '--concurrency is ","'],
    ["--model m --request-count -1", "E_FLAG_VALUE", '--request-count is "-1"'],
    ["--model m --benchmark-duration 0", "E_FLAG_VALUE", "a number above 0 and at most"],
    ["--model m --request-timeout-seconds 0", "E_FLAG_VALUE", "--request-timeout-seconds"],
    ["--model m --random-seed -1", "E_FLAG_VALUE", "--random-seed"],
    ["--model m --ui web", "E_FLAG_VALUE", "give one of dashboard, simple, none"],
    ["--model m --workers-max 0", "E_FLAG_VALUE", "--workers-max"],
    ["--model a,,b", "E_FLAG_VALUE", "--model is empty"],
    ["--model m --benchmark-grace-period 5", "E_FLAG_CONFLICT", "add --benchmark-duration"],
    ["--model m --osl-stddev 5", "E_FLAG_CONFLICT", "add --osl"],
    ["--model m --endpoint v1", "E_ENDPOINT_PATH", "start it with /"],
    ["--model m --endpoint http://h/v1", "E_ENDPOINT_PATH", "go into --url"],
    ["--model m --profile-export-prefix ..", "E_FLAG_VALUE", "--profile-export-prefix"],
    ["--model m --profile-export-prefix a/.jsonl", "E_FLAG_VALUE", "--profile-export-prefix"],
  ])("%s", (line, code, text) => {
    const error = refusal(words(line));
    expect(error.code).toBe(code);
    expect(error.message).toContain(text);
    expect(error.exitCode).toBe(1);
  });

  test.each([
    [["--model", ""], "--model is empty"],
    [["--model", "  "], "--model is empty"],
    [["--model", "a\nb"], "--model has a line break, tab or other control character"],
    [["--model", "m", "--isl", ""], "--isl is empty"],
    [["--model", "m", "--header", ""], "--header is empty"],
    [["--model", "m", "--extra-inputs", ""], "--extra-inputs is empty"],
    [["--model", "m", "--artifact-dir", ""], "--artifact-dir is empty"],
    [["--model", "m", "--endpoint", "/a b"], "is not a path"],
    [["--model", "m", "--api-key", "a b"], "--api-key has a character that no key has"],
    [["--model", "m", "--api-key", ""], "--api-key is empty"],
    [["--model", "m", "--x\ny"], "is not a flag"],
  ])("%j", (argv, text) => expect(refusal(argv).message).toContain(text));

  test("a name is shown in the form that was typed", () => {
    expect(refusal(words("-m m -b 0")).message).toStartWith('-b is "0"');
    expect(refusal(words("-m m --num-requests 0")).message).toStartWith("--num-requests is");
  });
});

describe("the artifact folder", () => {
  const dir = (line: string) => planOf(line).output.artifactDir;
  test("is named after the model, the endpoint and the load", () => {
    expect(dir("--concurrency 8")).toBe("artifacts/m-openai-chat-concurrency8");
    expect(plan("-m Qwen/Qwen3 --endpoint-type completions").output.artifactDir).toBe(
      "artifacts/Qwen_Qwen3-openai-completions-concurrency1",
    );
    expect(plan("-m a/b,c").output.artifactDir).toBe(
      "artifacts/a_b_multi-openai-chat-concurrency1",
    );
  });

  test("is used as it is given", () => expect(dir("--artifact-dir ./x/y/")).toBe("./x/y/"));

  test.each([
    ["out", "/home/user/out", true],
    ["out/deeper/still", "/home/user/out", true],
    ["/tmp/f", "/tmp/f", true],
    ["../f", "/home/f", true],
    ["out", "/home/user/other", false],
  ])("%s with a file at %s is refused: %p", (given, file, refused) => {
    const shell = {
      ...SHELL,
      pathKind: (path: string) => (path === file ? "file" : path === "/" ? "directory" : "none"),
    } as const;
    const argv = ["--model", "m", "--artifact-dir", given];
    if (!refused) return expect(plan("", argv, shell).output.artifactDir).toBe(given);
    const error = refusal(argv, shell);
    expect(error.code).toBe("E_ARTIFACT_DIR");
    return expect(error.message).toContain(`"${file}" is a file`);
  });

  test.each([
    ["foo", "foo"],
    ["/a/b/foo.jsonl", "foo"],
    ["foo_raw.jsonl", "foo"],
    ["foo_timeslices.csv", "foo"],
    ["dir/foo/", "foo"],
    ["v1.2", "v1.2"],
  ])("prefix %s is %s", (given, prefix) =>
    expect(planOf(`--profile-export-file ${given}`).output.prefix).toBe(prefix),
  );
});
