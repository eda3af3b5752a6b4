// What a run will do, decided before anything is sent. Built once by the command line (or a file),
// deeply frozen, and read by every room; past this point there are no optional surprises.

import type { Json } from "#core";

export type { Json };

export type EndpointKind = "chat" | "completions";
export type TransportKind = "socket" | "fetch";
export type ConnectionReuse = "pooled" | "never" | "sticky-user-sessions";
export type ModelStrategy = "round-robin" | "random";
export type ExportLevel = "summary" | "records" | "raw";
export type UiKind = "dashboard" | "simple" | "none";
export type LogLevel = "trace" | "debug" | "info" | "warning" | "error" | "critical";

/** A length that is drawn anew for every request. */
export interface Spread {
  readonly mean: number;
  readonly stddev: number;
}

export interface EndpointPlan {
  readonly kind: EndpointKind;
  /** Absolute, scheme included, without a trailing slash. */
  readonly urls: readonly string[];
  /** Replaces the endpoint's default path; starts with `/`. */
  readonly path: string | undefined;
  readonly models: readonly string[];
  readonly modelStrategy: ModelStrategy;
  readonly streaming: boolean;
  readonly apiKey: string | undefined;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly extraInputs: { readonly [key: string]: Json };
  readonly useLegacyMaxTokens: boolean;
  readonly useServerTokenCount: boolean;
  readonly requestTimeoutNs: number;
  readonly transport: TransportKind;
  readonly connectionReuse: ConnectionReuse;
  /** Accept any TLS certificate. */
  readonly insecure: boolean;
}

export interface DatasetPlan {
  readonly kind: "synthetic";
  /** Sessions to generate; the run reuses them when it needs more. */
  readonly entries: number;
  readonly isl: Spread;
  /** Undefined sends no limit. */
  readonly osl: Spread | undefined;
  /** Texts in one request. */
  readonly batchSize: number;
}

export interface TokenizerPlan {
  /** What the user asked for; undefined means: try the model's name, then the built-in one. */
  readonly name: string | undefined;
  readonly revision: string;
}

export interface PhasePlan {
  readonly name: string;
  readonly kind: "warmup" | "profiling";
  readonly load: { readonly kind: "concurrency"; readonly concurrency: number };
  /** Limits on what is sent; the first one reached ends the sending. At least one is set. */
  readonly requestCount: number | undefined;
  readonly sessionCount: number | undefined;
  readonly durationNs: number | undefined;
  /** How long replies are awaited after `durationNs`; may be infinite. */
  readonly graceNs: number;
}

export interface OutputPlan {
  readonly artifactDir: string;
  /** Replaces `profile_export` and its relatives in file names; undefined keeps the defaults. */
  readonly prefix: string | undefined;
  readonly exportLevel: ExportLevel;
}

export interface RuntimePlan {
  /** Undefined when none was given: each run then draws its own. */
  readonly seed: number | undefined;
  readonly workersMax: number | undefined;
  /** Most threads that read replies; undefined leaves it to the run. */
  readonly recordProcessors: number | undefined;
  readonly ui: UiKind;
  readonly logLevel: LogLevel;
}

export interface Plan {
  readonly endpoint: EndpointPlan;
  readonly dataset: DatasetPlan;
  readonly tokenizer: TokenizerPlan;
  readonly phases: readonly PhasePlan[];
  readonly output: OutputPlan;
  readonly runtime: RuntimePlan;
  /** The command line that led here, re-quoted, secrets replaced by `<redacted>`. */
  readonly cliCommand: string;
  /** Only what the user set, in AIPerf's `input_config` shape, secrets redacted. */
  readonly inputConfig: { readonly [key: string]: Json };
  /** What a reader of the results should know about flags that mean less here; one line each. */
  readonly notes: readonly string[];
}
