// What a run will do, decided before anything is sent. Built once by the command line (or a file),
// deeply frozen, and read by every room; past this point there are no optional surprises.

import type { Json } from "#core";
import type { DatasetPlan } from "./dataset-plan.ts";
import type { ContentType, EndpointKind } from "./endpoint-kinds.ts";

export type * from "./dataset-plan.ts";
export type { ContentType, EndpointFacts, EndpointKind } from "./endpoint-kinds.ts";

export type { Json };

export type TransportKind = "socket" | "fetch";
export type ConnectionReuse = "pooled" | "never" | "sticky-user-sessions";
export type ModelStrategy = "round-robin" | "random";
export type SamplingStrategy = "sequential" | "random" | "shuffle";
export type ExportLevel = "summary" | "records" | "raw";
export type UiKind = "dashboard" | "simple" | "none";
/** How due times are waited for: at little cost, or as exactly as can be. */
export type Pacing = "relaxed" | "precise";
export type LogLevel = "trace" | "debug" | "info" | "warning" | "error" | "critical";

export interface EndpointPlan {
  readonly kind: EndpointKind;
  /** Absolute, scheme included, without a trailing slash. */
  readonly urls: readonly string[];
  /** Replaces the endpoint's default path; starts with `/`. */
  readonly path: string | undefined;
  readonly models: readonly string[];
  readonly modelStrategy: ModelStrategy;
  readonly streaming: boolean;
  /** How bodies are encoded. */
  readonly contentType: ContentType;
  readonly apiKey: string | undefined;
  /** The header that carries a session's id. */
  readonly sessionHeader: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly extraInputs: { readonly [key: string]: Json };
  readonly useLegacyMaxTokens: boolean;
  readonly useServerTokenCount: boolean;
  /** Ask for a count of tokens with every chunk. */
  readonly perChunkUsage: boolean;
  /** What the template endpoint fills in; undefined for all others. */
  readonly template: string | undefined;
  /** Where in a reply its content is, in JMESPath; undefined looks where it usually is. */
  readonly responseField: string | undefined;
  /** Fetch a film that was made, as a part of the request. */
  readonly downloadVideo: boolean;
  /** Send an image once a session, and its name afterwards. */
  readonly stripsImages: boolean;
  readonly requestTimeoutNs: number;
  readonly transport: TransportKind;
  readonly connectionReuse: ConnectionReuse;
  /** Accept any TLS certificate. */
  readonly insecure: boolean;
  /** Open the connections before the first phase begins. */
  readonly warmConnections: boolean;
  /** Local addresses that connections take in turn; empty leaves it to the system. */
  readonly sources: readonly string[];
}

export interface TokenizerPlan {
  /** What the user asked for; undefined means: try the model's name, then the built-in one. */
  readonly name: string | undefined;
  readonly revision: string;
  /** Count a conversation as its model gets it, with what the chat template puts around it. */
  readonly applyChatTemplate: boolean;
}

/** How the gaps between arrivals vary around their mean. Gamma of smoothness 1 is poisson. */
export type Arrival =
  | { readonly kind: "constant" }
  | { readonly kind: "poisson" }
  | { readonly kind: "gamma"; readonly smoothness: number };

/** A limit that grows from 1 to its value over a phase's first `rampNs`. */
export interface Cap {
  readonly limit: number;
  readonly rampNs: number;
}

/** The rate at a moment of a phase. */
export interface RatePoint {
  readonly atNs: number;
  readonly perS: number;
}

/**
 * Who decides when a request is sent. `concurrency` is the number of sessions that may be open at
 * a time; it is the load itself where replies drive it, and a cap elsewhere.
 */
export type LoadPlan =
  | { readonly kind: "concurrency"; readonly concurrency: Cap }
  | {
      readonly kind: "rate";
      readonly arrival: Arrival;
      /** Ascending; the rate is linear between points and constant before and after them. */
      readonly rate: readonly RatePoint[];
      readonly concurrency: Cap | undefined;
    }
  | {
      readonly kind: "schedule";
      /** The recorded moment at which the phase begins; `first` is that of the first turn kept. */
      readonly zeroNs: number | "first";
      /** Turns recorded outside of these bounds, themselves included, are left out. */
      readonly fromNs: number;
      readonly untilNs: number;
      readonly concurrency: Cap | undefined;
    }
  | {
      readonly kind: "users";
      readonly users: number;
      /** Requests of all users together; each sends one every `users / ratePerS` seconds. */
      readonly ratePerS: number;
      readonly concurrency: Cap | undefined;
    };

/** Requests that are abandoned on purpose. */
export interface CancellationPlan {
  /** 0 to 1. */
  readonly share: number;
  /** From the request's last byte to the end of its connection. */
  readonly delayNs: number;
}

export interface PhasePlan {
  readonly name: string;
  readonly kind: "warmup" | "profiling";
  readonly load: LoadPlan;
  /** Requests that may wait for their first content at a time. */
  readonly prefill: Cap | undefined;
  readonly cancellation: CancellationPlan | undefined;
  /** Share of failed requests above which the run is given up. */
  readonly failedShareMax: number | undefined;
  /** Limits on what is sent; the first one reached ends the sending. A schedule needs none. */
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
  /** What the socket saw of each request goes into its line. */
  readonly httpTrace: boolean;
  /** The generated texts go into a file of their own. */
  readonly outputsJson: boolean;
  /** Undefined gives no figures for stretches of the run. */
  readonly sliceNs: number | undefined;
  /** Percentiles beside the usual ones, 0 to 100. */
  readonly percentiles: readonly number[];
  /** The report has a table of what the sockets saw. */
  readonly showsTrace: boolean;
}

/** A limit that a request must keep to be good, in the unit in which the metric is shown. */
export interface SloPlan {
  readonly tag: string;
  readonly limit: number;
}

/** How the way to the server and back becomes known. */
export type NetworkLatencyPlan =
  | { readonly kind: "given"; readonly rttNs: number }
  | { readonly kind: "measured"; readonly everyNs: number };

export interface RuntimePlan {
  readonly pacing: Pacing;
  /** Undefined when none was given: each run then draws its own. */
  readonly seed: number | undefined;
  readonly workersMax: number | undefined;
  /** Most threads that read replies; undefined leaves it to the run. */
  readonly recordProcessors: number | undefined;
  readonly ui: UiKind;
  /** A run that the audit does not find valid has failed. */
  readonly requireValid: boolean;
  readonly logLevel: LogLevel;
}

/** How the server is asked, before the run, whether it is ready. */
export interface ReadinessPlan {
  readonly timeoutNs: number;
  /** A listing of the model, a reply from it, or the one after the other. */
  readonly mode: "models" | "inference" | "both";
  readonly intervalNs: number;
}

/** A request to the server that is none of the load. */
export interface ControlCall {
  /** Starts with `/`. */
  readonly path: string;
  readonly timeoutNs: number;
}

/** What the server is told around the load. */
export interface ServerControlPlan {
  /** Empties its cache, before the first phase. */
  readonly resetCache: ControlCall | undefined;
  /** Its own profiler, on for the profiling phases. */
  readonly profiler: { readonly start: ControlCall; readonly stop: ControlCall } | undefined;
}

export interface Plan {
  readonly endpoint: EndpointPlan;
  /** Undefined asks nothing. */
  readonly readiness: ReadinessPlan | undefined;
  readonly control: ServerControlPlan;
  readonly dataset: DatasetPlan;
  readonly tokenizer: TokenizerPlan;
  readonly phases: readonly PhasePlan[];
  readonly output: OutputPlan;
  readonly slos: readonly SloPlan[];
  /** Undefined takes nothing off the latencies. */
  readonly networkLatency: NetworkLatencyPlan | undefined;
  readonly runtime: RuntimePlan;
  /** The command line that led here, re-quoted, secrets replaced by `<redacted>`. */
  readonly cliCommand: string;
  /** Only what the user set, in AIPerf's `input_config` shape, secrets redacted. */
  readonly inputConfig: { readonly [key: string]: Json };
  /** What a reader of the results should know about flags that mean less here; one line each. */
  readonly notes: readonly string[];
}
