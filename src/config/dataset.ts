// What is sent, from the flags: prompts made up, a file, or a published data set.

import { fail, secondsToNs } from "#core";
import type { DatasetPlan, FilePlan, SynthesisPlan, SyntheticPlan } from "./dataset-plan.ts";
import { checkDatasetRules } from "./dataset-rules.ts";
import { audiosOf, imagesOf, rankingsOf, videosOf } from "./media.ts";
import type { EndpointPlan, PhasePlan } from "./plan.ts";
import type { ProfileContext } from "./profile.ts";
import { readMixture, readWindows } from "./sequences.ts";
import type { FlagValues, ReadFlags } from "./values.ts";

const ENTRIES_DEFAULT = 100;

/** The settled parts of a plan that its data set depends on. */
interface Settled {
  readonly endpoint: EndpointPlan;
  readonly phases: readonly PhasePlan[];
}

/**
 * The data set that the flags ask for.
 * @throws E_FLAG_CONFLICT, E_FLAG_VALUE, E_INPUT_FILE
 */
export function datasetOf(
  flags: ReadFlags,
  { endpoint, phases }: Settled,
  context: ProfileContext,
): DatasetPlan {
  checkDatasetRules(flags);
  const { values } = flags;
  const warmup = phases.find((phase) => phase.kind === "warmup");
  const common = {
    sampling: values["--dataset-sampling-strategy"],
    osl: oslOf(flags),
    systemPrompt: systemPromptOf(flags, context),
    cacheBust: values["--cache-bust"],
    corpus: values["--prompt-corpus"],
    warmupSessions:
      warmup === undefined ? 0 : (warmup.sessionCount ?? warmup.requestCount ?? undefined),
  };
  const name = values["--public-dataset"];
  if (name !== undefined)
    return { ...common, kind: "public", name, entries: publicEntries(values, phases) };
  const path = values["--input-file"];
  if (path !== undefined) return { ...common, ...fileOf(flags, path, context) };
  return { ...common, ...syntheticOf(flags, endpoint, entriesOf(values, phases)) };
}

type Own<Plan extends DatasetPlan> = Omit<
  Plan,
  "sampling" | "osl" | "systemPrompt" | "cacheBust" | "corpus" | "warmupSessions"
>;

function syntheticOf(
  flags: ReadFlags,
  endpoint: EndpointPlan,
  entries: number,
): Own<SyntheticPlan> & Pick<SyntheticPlan, "kind"> {
  const { values, given } = flags;
  const mean = values["--prompt-input-tokens-mean"];
  const isl = { mean, stddev: values["--prompt-input-tokens-stddev"] };
  const mixture = values["--seq-dist"];
  const prefixTokens = values["--prompt-prefix-length"];
  const ranks = endpoint.kind.endsWith("rankings");
  const plan: Own<SyntheticPlan> & Pick<SyntheticPlan, "kind"> = {
    kind: "synthetic",
    entries,
    isl: mean === 0 ? undefined : isl,
    mixture:
      mixture === undefined
        ? undefined
        : readMixture(given.get("--seq-dist") ?? "--seq-dist", mixture),
    windows: windowsOf(flags),
    batchSize: values["--prompt-batch-size"],
    turns: {
      mean: values["--conversation-turn-mean"],
      stddev: values["--conversation-turn-stddev"],
    },
    turnDelayMs: {
      mean: values["--conversation-turn-delay-mean"],
      stddev: values["--conversation-turn-delay-stddev"],
    },
    turnDelayRatio: values["--conversation-turn-delay-ratio"],
    prefixes:
      prefixTokens === 0
        ? undefined
        : { count: values["--prompt-prefix-pool-size"], tokens: prefixTokens },
    sharedSystemTokens: values["--shared-system-prompt-length"],
    userContextTokens: values["--user-context-prompt-length"],
    images: imagesOf(flags),
    audios: audiosOf(flags),
    videos: videosOf(flags),
    rankings: ranks ? rankingsOf(flags) : undefined,
  };
  const sendsText = plan.isl !== undefined || plan.mixture !== undefined || ranks;
  if (!sendsText && !plan.images && !plan.audios && !plan.videos) {
    fail("E_NOTHING_TO_SEND", "--isl 0 leaves nothing to send", "give a length, or images");
  }
  return plan;
}

function windowsOf({ values, given }: ReadFlags): SyntheticPlan["windows"] {
  const ratio = values["--random-range-ratio"];
  if (ratio === undefined) return undefined;
  const flag = given.get("--random-range-ratio") ?? "--random-range-ratio";
  const isl = { mean: values["--prompt-input-tokens-mean"], stddev: 0 };
  const osl = { mean: values["--prompt-output-tokens-mean"] ?? 0, stddev: 0 };
  if (isl.mean < 1 || osl.mean < 1) {
    fail("E_FLAG_CONFLICT", `${flag} draws around an input and an output length`, "add --osl");
  }
  return readWindows(flag, ratio, values["--random-corpus-style"], isl, osl);
}

function fileOf(
  flags: ReadFlags,
  path: string,
  { pathKind }: ProfileContext,
): Own<FilePlan> & Pick<FilePlan, "kind"> {
  const { values, given } = flags;
  if (pathKind?.(path) === "none") {
    const flag = given.get("--input-file") ?? "--input-file";
    fail("E_INPUT_FILE", `${flag} ${path}: there is no such file or folder`, "check the path");
  }
  const capS = values["--inter-turn-delay-cap-seconds"];
  return {
    kind: "file",
    path,
    type: values["--custom-dataset-type"],
    entries:
      values["--num-dataset-entries"] ??
      values["--conversation-num"] ??
      values["--request-count"] ??
      ENTRIES_DEFAULT,
    batchSizes: {
      texts: values["--prompt-batch-size"],
      images: values["--image-batch-size"],
      audios: values["--audio-batch-size"],
      videos: values["--video-batch-size"],
    },
    blockTokens: values["--prompt-input-tokens-block-size"],
    synthesis: synthesisOf(flags),
    ignoreDelays: values["--ignore-trace-delays"],
    delayMaxNs: capS === undefined ? Number.POSITIVE_INFINITY : secondsToNs(capS),
  };
}

function synthesisOf({ values, given }: ReadFlags): SynthesisPlan | undefined {
  if (![...given.keys()].some((name) => name.startsWith("--synthesis-"))) return undefined;
  return {
    speedup: values["--synthesis-speedup-ratio"],
    prefixLength: values["--synthesis-prefix-len-multiplier"],
    prefixRoots: values["--synthesis-prefix-root-multiplier"],
    promptLength: values["--synthesis-prompt-len-multiplier"],
    outputLength: values["--synthesis-output-len-multiplier"],
    inputTokensMax: values["--synthesis-max-isl"],
    outputTokensMax: values["--synthesis-max-osl"],
  };
}

function systemPromptOf(
  { values, given }: ReadFlags,
  { readText }: ProfileContext,
): string | undefined {
  const path = values["--system-prompt-file"];
  const text = path === undefined ? values["--system-prompt"] : readText?.(path);
  if (path !== undefined && text !== undefined && text.trim() === "") {
    const flag = given.get("--system-prompt-file") ?? "--system-prompt-file";
    fail("E_FLAG_VALUE", `${flag} ${path} is empty`, "write the system message into it");
  }
  return text;
}

/**
 * Sessions to make. Those that a warm-up of known length takes come on top, so that what is
 * measured was not sent before and no prefix cache flatters the server.
 */
function entriesOf(values: FlagValues, phases: readonly PhasePlan[]): number {
  const asked = values["--num-dataset-entries"];
  if (asked !== undefined) return asked;
  const measured = values["--conversation-num"] ?? values["--request-count"] ?? ENTRIES_DEFAULT;
  const warmup = phases.find((phase) => phase.kind === "warmup");
  return measured + (warmup?.sessionCount ?? warmup?.requestCount ?? 0);
}

/** No more than a run in the data set's order can use; a run by lot has all to choose from. */
function publicEntries(values: FlagValues, phases: readonly PhasePlan[]): number | undefined {
  const asked = values["--num-dataset-entries"];
  if (asked !== undefined) return asked;
  const isBounded = phases.every(
    ({ sessionCount, requestCount }) => (sessionCount ?? requestCount) !== undefined,
  );
  if (values["--dataset-sampling-strategy"] !== "sequential" || !isBounded) return undefined;
  return phases.reduce((sum, phase) => sum + (phase.sessionCount ?? phase.requestCount ?? 0), 0);
}

function oslOf({ values, given }: ReadFlags): DatasetPlan["osl"] {
  const mean = values["--prompt-output-tokens-mean"];
  const stddevName = given.get("--prompt-output-tokens-stddev");
  if (mean !== undefined) return { mean, stddev: values["--prompt-output-tokens-stddev"] };
  if (stddevName === undefined) return undefined;
  return fail("E_FLAG_CONFLICT", `${stddevName} has no mean to spread around`, "add --osl");
}
