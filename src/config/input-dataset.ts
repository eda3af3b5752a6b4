// The data set's part of AIPerf's `input_config`: what was asked for, under its keys.

import type { DatasetPlan } from "./dataset-plan.ts";
import { object } from "./input-phases.ts";
import type { Json } from "./plan.ts";
import type { ReadFlags } from "./values.ts";

type Name = keyof ReadFlags["values"];
type Fields = { readonly [key: string]: Json };

/** What was left to its default is left out. */
export function datasetConfig({ values, given }: ReadFlags, plan: DatasetPlan): Fields {
  const set = (name: Name): Json | undefined =>
    given.has(name) ? asJson(values[name]) : undefined;
  const spread = (mean: Name, stddev: Name): Json | undefined =>
    object({ mean: set(mean), stddev: set(stddev) });
  /** A mean with its spread, even when that was left to 0. */
  const bothOf = (mean: Name, stddev: Name): Json | undefined =>
    given.has(mean) ? { mean: asJson(values[mean])!, stddev: asJson(values[stddev])! } : undefined;

  const source = {
    synthetic: () => ({
      entries:
        values["--num-dataset-entries"] ??
        values["--conversation-num"] ??
        values["--request-count"],
    }),
    file: () => ({
      path: values["--input-file"],
      format: values["--custom-dataset-type"]?.replaceAll("-", "_"),
      entries: values["--num-dataset-entries"],
    }),
    public: () => ({ dataset: values["--public-dataset"] }),
  }[plan.kind]();

  return (
    object({
      name: "main",
      type: plan.kind,
      ...source,
      random_seed: values["--random-seed"],
      prompts: object({
        isl: spread("--prompt-input-tokens-mean", "--prompt-input-tokens-stddev"),
        osl: spread("--prompt-output-tokens-mean", "--prompt-output-tokens-stddev"),
        block_size: set("--prompt-input-tokens-block-size"),
        batch_size: set("--prompt-batch-size"),
        sequence_distribution: set("--seq-dist"),
        random_range_ratio: set("--random-range-ratio"),
        corpus: set("--prompt-corpus"),
      }),
      prefix_prompts: object({
        pool_size: set("--prompt-prefix-pool-size"),
        length: set("--prompt-prefix-length"),
        shared_system_length: set("--shared-system-prompt-length"),
        user_context_length: set("--user-context-prompt-length"),
      }),
      system_prompt: set("--system-prompt"),
      system_prompt_file: set("--system-prompt-file"),
      cache_bust: set("--cache-bust"),
      sampling: set("--dataset-sampling-strategy"),
      turns: bothOf("--conversation-turn-mean", "--conversation-turn-stddev"),
      turn_delay: bothOf("--conversation-turn-delay-mean", "--conversation-turn-delay-stddev"),
      turn_delay_ratio: set("--conversation-turn-delay-ratio"),
      inter_turn_delay_cap_seconds: set("--inter-turn-delay-cap-seconds"),
      ignore_trace_delays: set("--ignore-trace-delays"),
      synthesis: object({
        speedup_ratio: set("--synthesis-speedup-ratio"),
        prefix_len_multiplier: set("--synthesis-prefix-len-multiplier"),
        prefix_root_multiplier: set("--synthesis-prefix-root-multiplier"),
        prompt_len_multiplier: set("--synthesis-prompt-len-multiplier"),
        output_len_multiplier: set("--synthesis-output-len-multiplier"),
        max_isl: set("--synthesis-max-isl"),
        max_osl: set("--synthesis-max-osl"),
      }),
      images: object({
        batch_size: set("--image-batch-size"),
        width: spread("--image-width-mean", "--image-width-stddev"),
        height: spread("--image-height-mean", "--image-height-stddev"),
        format: set("--image-format"),
        source: set("--image-source"),
      }),
      audio: object({
        batch_size: set("--audio-batch-size"),
        length: spread("--audio-length-mean", "--audio-length-stddev"),
        format: set("--audio-format"),
        depths: set("--audio-depths"),
        sample_rates: set("--audio-sample-rates"),
        channels: set("--audio-num-channels"),
      }),
      video: object({
        batch_size: set("--video-batch-size"),
        duration: set("--video-duration"),
        fps: set("--video-fps"),
        width: set("--video-width"),
        height: set("--video-height"),
        synth_type: set("--video-synth-type"),
        format: set("--video-format"),
        codec: set("--video-codec"),
      }),
    }) ?? {}
  );
}

function asJson(value: ReadFlags["values"][Name]): Json | undefined {
  return value as Json | undefined;
}
