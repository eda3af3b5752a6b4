// Which flags about prompts go together: what shapes made-up prompts has nothing to do with a file.

import { fail } from "#core";
import { TRACE_TYPES } from "./dataset-plan.ts";
import { endpointFacts } from "./endpoint-kinds.ts";
import type { FlagValues, ReadFlags } from "./values.ts";

type Name = keyof FlagValues;

/** Flags that only made-up sessions have a use for. */
const MADE_UP: readonly Name[] = [
  "--prompt-input-tokens-mean",
  "--prompt-input-tokens-stddev",
  "--seq-dist",
  "--random-range-ratio",
  "--prompt-prefix-pool-size",
  "--prompt-prefix-length",
  "--shared-system-prompt-length",
  "--user-context-prompt-length",
  "--conversation-turn-mean",
  "--conversation-turn-stddev",
  "--conversation-turn-delay-mean",
  "--conversation-turn-delay-stddev",
  "--image-width-mean",
  "--image-height-mean",
  "--image-source",
  "--audio-length-mean",
  "--video-width",
  "--video-height",
];

/** Flags that only requests with a text have a use for. */
const TEXT_ONLY: readonly Name[] = [
  "--prompt-input-tokens-mean",
  "--prompt-input-tokens-stddev",
  "--prompt-input-tokens-block-size",
  "--seq-dist",
  "--random-range-ratio",
  "--prompt-batch-size",
  "--prompt-corpus",
  "--prompt-prefix-pool-size",
  "--prompt-prefix-length",
  "--shared-system-prompt-length",
  "--user-context-prompt-length",
  "--system-prompt",
  "--system-prompt-file",
  "--tokenizer",
  "--tokenizer-revision",
  "--tokenizer-trust-remote-code",
];

/** Those that a pool of rows has a use for too. */
const BATCHES: readonly Name[] = [
  "--prompt-batch-size",
  "--image-batch-size",
  "--audio-batch-size",
  "--video-batch-size",
];

/** Flags that only a file has a use for. */
const FILE_ONLY: readonly Name[] = [
  "--custom-dataset-type",
  "--ignore-trace-delays",
  "--inter-turn-delay-cap-seconds",
  "--synthesis-speedup-ratio",
  "--synthesis-prefix-len-multiplier",
  "--synthesis-prefix-root-multiplier",
  "--synthesis-prompt-len-multiplier",
  "--synthesis-output-len-multiplier",
  "--synthesis-max-isl",
  "--synthesis-max-osl",
];

/** Pairs of which only one can hold. */
const EXCLUSIVE: readonly (readonly [Name, Name])[] = [
  ["--input-file", "--public-dataset"],
  ["--system-prompt", "--system-prompt-file"],
  ["--seq-dist", "--random-range-ratio"],
  ["--prompt-input-tokens-stddev", "--random-range-ratio"],
  ["--prompt-output-tokens-stddev", "--random-range-ratio"],
  ...(["--prompt-prefix-pool-size", "--prompt-prefix-length"] as const).flatMap((pool) =>
    (["--shared-system-prompt-length", "--user-context-prompt-length"] as const).map(
      (length) => [pool, length] as const,
    ),
  ),
  ...(["--system-prompt", "--system-prompt-file"] as const).flatMap((text) =>
    (
      [
        "--prompt-prefix-length",
        "--shared-system-prompt-length",
        "--user-context-prompt-length",
      ] as const
    ).map((length) => [text, length] as const),
  ),
];

/** Types whose rows may name blocks. */
const BLOCK_TYPES: readonly (string | undefined)[] = [undefined, "mooncake-trace", "bailian-trace"];

/** @throws E_FLAG_CONFLICT for flags that do not go together */
export function checkDatasetRules({ values, given }: ReadFlags): void {
  const name = (flag: Name) => given.get(flag) ?? flag;
  const conflict = (what: string, wayOut: string) => fail("E_FLAG_CONFLICT", what, wayOut);
  const clash = EXCLUSIVE.find(([one, other]) => given.has(one) && given.has(other));
  if (clash !== undefined) {
    const [one, other] = clash;
    conflict(`${name(one)} and ${name(other)} exclude each other`, "keep one of them");
  }

  const kind = values["--endpoint-type"];
  const wordy = TEXT_ONLY.find((flag) => given.has(flag));
  if (!endpointFacts(kind).tokenizesInput && wordy !== undefined) {
    const what = `${name(wordy)} is about texts, and --endpoint-type ${kind} sends none`;
    conflict(what, "leave one of them out");
  }

  const source = (["--input-file", "--public-dataset"] as const).find((flag) => given.has(flag));
  const type = values["--custom-dataset-type"];
  if (source === undefined) {
    const idle = FILE_ONLY.find((flag) => given.has(flag));
    if (idle !== undefined)
      conflict(`${name(idle)} is about a file, and none is read`, "add --input-file");
    if (values["--prompt-prefix-length"] > 0 && values["--prompt-prefix-pool-size"] === 0) {
      const what = `${name("--prompt-prefix-length")} has no prefixes to make`;
      conflict(what, "add --num-prefix-prompts");
    }
    return;
  }

  const idle = [...MADE_UP, ...(type === "random-pool" ? [] : BATCHES)].find((flag) =>
    given.has(flag),
  );
  if (idle !== undefined) {
    const what = `${name(idle)} shapes prompts that are made up, and ${name(source)} brings its own`;
    conflict(what, "leave one of them out");
  }
  if (given.has("--prompt-input-tokens-block-size") && !BLOCK_TYPES.includes(type)) {
    const what = `${name("--prompt-input-tokens-block-size")} is about traces with blocks`;
    conflict(`${what}, and the file is ${type}`, "leave it out");
  }
  const synthesis = [...given.keys()].find((flag) => flag.startsWith("--synthesis-"));
  const isTrace = type === undefined || TRACE_TYPES.includes(type);
  if (synthesis !== undefined && (source === "--public-dataset" || !isTrace)) {
    conflict(`${synthesis} changes traces, and this is none`, "leave it out");
  }
}
