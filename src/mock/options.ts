// What the mock can be told, one row a flag. The verb's parser, its help, the checks and the type
// of the options are all made from these rows.

import { fail } from "#core";

/** One flag. A row with `choices` takes one of them; others are read by `type`. */
interface FlagRow {
  readonly name: string;
  readonly key: string;
  readonly group: string;
  readonly type: "number" | "integer" | "text";
  readonly default: number | string | undefined;
  readonly choices?: readonly string[];
  readonly min?: number;
  readonly max?: number;
  readonly help: string;
}

export const MOCK_FLAGS = [
  {
    name: "host",
    key: "host",
    group: "Address",
    type: "text",
    default: "127.0.0.1",
    help: "Address to listen on; 0.0.0.0 is every IPv4 address of the machine.",
  },
  {
    name: "port",
    key: "port",
    group: "Address",
    type: "integer",
    default: 8000,
    min: 0,
    max: 65_535,
    help: "Port to listen on; 0 takes a free one, which is printed.",
  },
  {
    name: "tls-cert",
    key: "tlsCert",
    group: "Address",
    type: "text",
    default: undefined,
    help: "PEM file with a certificate; speaks HTTPS. Needs --tls-key.",
  },
  {
    name: "tls-key",
    key: "tlsKey",
    group: "Address",
    type: "text",
    default: undefined,
    help: "PEM file with the key of --tls-cert.",
  },
  {
    name: "model",
    key: "model",
    group: "Address",
    type: "text",
    default: "mock",
    help: "Name in /v1/models and /metrics. Requests may name any model.",
  },
  {
    name: "ttft-ms",
    key: "ttftMs",
    group: "Timing",
    type: "number",
    default: 0,
    min: 0,
    max: 86_400_000,
    help: "From the request's last byte to the first content.",
  },
  {
    name: "itl-ms",
    key: "itlMs",
    group: "Timing",
    type: "number",
    default: 0,
    min: 0,
    max: 86_400_000,
    help: "Time a token takes after the first; a chunk takes this times its tokens.",
  },
  {
    name: "jitter",
    key: "jitter",
    group: "Timing",
    type: "text",
    default: "none",
    choices: ["none", "uniform", "normal", "lognormal", "exponential"],
    help: "Law of the TTFT and of every gap; their means stay. See --jitter-ratio.",
  },
  {
    name: "jitter-ratio",
    key: "jitterRatio",
    group: "Timing",
    type: "number",
    default: 0.2,
    min: 0,
    max: 10,
    help:
      "uniform: within mean ± ratio × mean (at most 1). normal, lognormal: standard deviation " +
      "÷ mean (a normal draw below 0 counts as 0). exponential has none.",
  },
  {
    name: "default-osl",
    key: "defaultOsl",
    group: "Replies",
    type: "integer",
    default: 16,
    min: 1,
    max: 1_000_000,
    help: "Tokens of a reply whose request sets no limit; otherwise the limit is met.",
  },
  {
    name: "tokens-per-chunk",
    key: "tokensPerChunk",
    group: "Replies",
    type: "integer",
    default: 1,
    min: 1,
    max: 256,
    help: "Tokens in one streamed chunk.",
  },
  {
    name: "reasoning-tokens",
    key: "reasoningTokens",
    group: "Replies",
    type: "integer",
    default: 0,
    min: 0,
    max: 1_000_000,
    help: "That many of a chat reply's tokens come first, as reasoning_content.",
  },
  {
    name: "role-chunk",
    key: "roleChunk",
    group: "Replies",
    type: "text",
    default: "none",
    choices: ["none", "separate", "early"],
    help:
      "A chunk with the role and empty content: separate, just before the first content; " +
      "early, on arrival.",
  },
  {
    name: "error-rate",
    key: "errorRate",
    group: "Faults",
    type: "number",
    default: 0,
    min: 0,
    max: 1,
    help: "Share of requests answered at once with --error-code.",
  },
  {
    name: "error-code",
    key: "errorCode",
    group: "Faults",
    type: "integer",
    default: 500,
    min: 400,
    max: 599,
    help: "HTTP status of those errors.",
  },
  {
    name: "drop-rate",
    key: "dropRate",
    group: "Faults",
    type: "number",
    default: 0,
    min: 0,
    max: 1,
    help: "Share of replies whose connection is reset in their midst.",
  },
  {
    name: "context-limit",
    key: "contextLimit",
    group: "Faults",
    type: "integer",
    default: 0,
    min: 0,
    max: 1_000_000_000,
    help: "Prompt and reply tokens beyond it are refused with 400; 0 is no limit.",
  },
  {
    name: "seed",
    key: "seed",
    group: "Run",
    type: "integer",
    default: 1,
    min: 0,
    max: 4_294_967_295,
    help: "Seed of jitter, faults and words.",
  },
  {
    name: "log",
    key: "log",
    group: "Run",
    type: "text",
    default: undefined,
    help: "JSONL file with a line a request: id, arrival, first and last write, tokens.",
  },
] as const satisfies readonly FlagRow[];

type Row = (typeof MOCK_FLAGS)[number];
type ValueOf<R extends Row> = R extends { choices: readonly (infer Choice)[] }
  ? Choice
  : R extends { type: "text"; default: undefined }
    ? string | undefined
    : R extends { type: "text" }
      ? string
      : number;

/** Every flag's value under its key; times are milliseconds, as their names say. */
export type MockOptions = { readonly [R in Row as R["key"]]: ValueOf<R> };

/** Reads a flag's text. Raises E_MOCK_FLAG when it is not of the row's kind or range. */
export function readMockFlag(row: FlagRow, text: string): number | string {
  if (row.choices !== undefined && !row.choices.includes(text))
    fail("E_MOCK_FLAG", `--${row.name} is ${text}`, `give one of ${row.choices.join(", ")}`);
  if (row.type === "text") return text;
  return checked(row, text.trim() === "" ? Number.NaN : Number(text), text);
}

/** The options with every gap filled by the rows' defaults, checked by the rows' ranges. */
export function completeMockOptions(given: Partial<MockOptions>): MockOptions {
  const values: Record<string, unknown> = { ...given };
  for (const row of MOCK_FLAGS) {
    const value = (values[row.key] ??= row.default);
    if (typeof value === "number") checked(row, value, String(value));
  }
  const options = values as MockOptions;
  if (options.jitter === "uniform" && options.jitterRatio > 1)
    fail("E_MOCK_FLAG", `--jitter-ratio is ${options.jitterRatio}`, "uniform takes at most 1");
  if ((options.tlsCert === undefined) !== (options.tlsKey === undefined))
    fail("E_MOCK_FLAG", "TLS has one of --tls-cert and --tls-key", "give both");
  return options;
}

function checked(row: FlagRow, value: number, text: string): number {
  const { min = -Infinity, max = Infinity } = row;
  const fits = row.type === "integer" ? Number.isSafeInteger(value) : Number.isFinite(value);
  if (!fits || value < min || value > max)
    fail(
      "E_MOCK_FLAG",
      `--${row.name} is ${text}`,
      `give ${row.type === "integer" ? "an integer" : "a number"} from ${min} to ${max}`,
    );
  return value;
}
