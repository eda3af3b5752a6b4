// What a run sends, as it was asked for: made up from nothing, read from a file, or published.

import type { SamplingStrategy } from "./plan.ts";

/** A length that is drawn anew for every request. */
export interface Spread {
  readonly mean: number;
  readonly stddev: number;
}

/** A length drawn evenly from whole numbers, both ends included. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/** One kind of request of a mixture. */
export interface SequencePair {
  readonly isl: Spread;
  readonly osl: Spread;
  /** 0 to 1; those of a mixture add up to 1. */
  readonly share: number;
}

export type Corpus = "sonnet" | "coding" | "random";

/** Where a marker stands that keeps a prompt out of the server's prefix cache. */
export type CacheBust =
  | "none"
  | "system-prefix"
  | "system-suffix"
  | "first-turn-prefix"
  | "first-turn-suffix"
  | "warmup-isolation-system"
  | "warmup-isolation-first-turn";

export type ImageFormat = "png" | "jpeg" | "random";
export type PictureOrder = "random-with-replacement" | "shuffle-cycle" | "sequential-cycle";

export interface ImagePlan {
  readonly batchSize: number;
  readonly width: Spread;
  readonly height: Spread;
  readonly format: ImageFormat;
  /** `noise`, `assets` for the pictures that the program draws, or a folder. */
  readonly source: string;
  readonly order: PictureOrder;
}

export interface AudioPlan {
  readonly batchSize: number;
  readonly lengthS: Spread;
  readonly format: "wav" | "mp3";
  readonly depthsBits: readonly number[];
  readonly ratesHz: readonly number[];
  readonly channels: number;
}

export interface VideoPlan {
  readonly batchSize: number;
  readonly durationS: number;
  readonly framesPerS: number;
  readonly width: number;
  readonly height: number;
  readonly picture: "moving-shapes" | "grid-clock" | "noise";
  readonly format: "webm" | "mp4";
  readonly codec: string;
  /** Undefined makes a silent film. */
  readonly sound:
    | {
        readonly rateHz: number;
        readonly channels: number;
        readonly codec: "aac" | "libvorbis" | "libopus";
        readonly depthBits: number;
      }
    | undefined;
}

export interface RankingsPlan {
  readonly passages: Spread;
  readonly passageTokens: Spread;
  readonly queryTokens: Spread;
}

/** What all data sets have in common. */
interface AnyDataset {
  /** In which order sessions are taken. */
  readonly sampling: SamplingStrategy;
  /** Replies' limit; undefined sends none but what the data says. */
  readonly osl: Spread | undefined;
  /** System message of every session, before any that the data has. */
  readonly systemPrompt: string | undefined;
  readonly cacheBust: CacheBust;
  /** What is made up is made of this. */
  readonly corpus: Corpus;
  /** Sessions that the warm-up will take; undefined when only time ends it. */
  readonly warmupSessions: number | undefined;
}

export interface SyntheticPlan extends AnyDataset {
  readonly kind: "synthetic";
  /** Sessions to generate; the run reuses them when it needs more. */
  readonly entries: number;
  /** Undefined sends no text. */
  readonly isl: Spread | undefined;
  /** Replaces `isl` and `osl`. */
  readonly mixture: readonly SequencePair[] | undefined;
  /** Replaces `isl` and `osl`. */
  readonly windows: { readonly isl: Window; readonly osl: Window } | undefined;
  /** Texts in one request. */
  readonly batchSize: number;
  /** Requests of one session. */
  readonly turns: Spread;
  /** Pause before each turn but the first, in ms, to be multiplied by `turnDelayRatio`. */
  readonly turnDelayMs: Spread;
  readonly turnDelayRatio: number;
  /** Prefixes of which each session's first turn gets one. */
  readonly prefixes: { readonly count: number; readonly tokens: number } | undefined;
  readonly sharedSystemTokens: number | undefined;
  readonly userContextTokens: number | undefined;
  readonly images: ImagePlan | undefined;
  readonly audios: AudioPlan | undefined;
  readonly videos: VideoPlan | undefined;
  /** What an endpoint that ranks is sent instead of prompts. */
  readonly rankings: RankingsPlan | undefined;
}

/** How a file is laid out. */
export const FILE_TYPES = [
  "single-turn",
  "multi-turn",
  "random-pool",
  "mooncake-trace",
  "bailian-trace",
  "burst-gpt-trace",
  "raw-payload",
  "inputs-json",
] as const;
export type FileType = (typeof FILE_TYPES)[number];

/** Types whose rows are requests that were recorded with their lengths. */
export const TRACE_TYPES: readonly FileType[] = [
  "mooncake-trace",
  "bailian-trace",
  "burst-gpt-trace",
];

/** How a trace is changed before it is replayed. */
export interface SynthesisPlan {
  readonly speedup: number;
  readonly prefixLength: number;
  readonly prefixRoots: number;
  readonly promptLength: number;
  readonly outputLength: number;
  readonly inputTokensMax: number | undefined;
  readonly outputTokensMax: number | undefined;
}

export interface FilePlan extends AnyDataset {
  readonly kind: "file";
  /** A file or a folder. */
  readonly path: string;
  /** Undefined: told from its content. */
  readonly type: FileType | undefined;
  /** Sessions to draw from a pool; other files say themselves how many there are. */
  readonly entries: number;
  /** Texts, images, sounds and films that a session draws from a pool. */
  readonly batchSizes: {
    readonly texts: number;
    readonly images: number;
    readonly audios: number;
    readonly videos: number;
  };
  /** Tokens of one block; undefined takes the type's own. */
  readonly blockTokens: number | undefined;
  /** Undefined leaves a trace as it is. */
  readonly synthesis: SynthesisPlan | undefined;
  readonly ignoreDelays: boolean;
  /** May be infinite. */
  readonly delayMaxNs: number;
}

export type PublicName = "sharegpt";

export interface PublicPlan extends AnyDataset {
  readonly kind: "public";
  readonly name: PublicName;
  /** Sessions to take from its beginning; undefined takes all. */
  readonly entries: number | undefined;
}

export type DatasetPlan = SyntheticPlan | FilePlan | PublicPlan;
