// `aiperf profile`'s command line becomes the frozen Plan, or one clear error. Everything that the
// outcome depends on is an argument, so that a test can be any shell in any folder.

import { fail, secondsToNs } from "#core";
import { readArgv } from "./argv.ts";
import { artifactDirOf, checkArtifactDir, type PathKind, prefixOf } from "./artifacts.ts";
import { echoCommand } from "./echo.ts";
import { deepFreeze } from "./freeze.ts";
import { inputConfigOf } from "./input-config.ts";
import type { EndpointPlan, LogLevel, OutputPlan, PhasePlan, Plan, RuntimePlan } from "./plan.ts";
import { secretsOf } from "./secrets.ts";
import { endpointOf } from "./server.ts";
import { type FlagValues, type ReadFlags, readValues } from "./values.ts";

/** Where the command was typed. */
export interface ProfileContext {
  readonly env: { readonly [name: string]: string | undefined };
  readonly cwd: string;
  readonly isTerminal: boolean;
  /** What is at an absolute path; without it, nothing is looked up. */
  readonly pathKind?: PathKind;
}

const REQUESTS_DEFAULT = 10;
const ENTRIES_DEFAULT = 100;

/**
 * The plan that `aiperf profile` with these arguments asks for.
 * @param argv what follows `profile`
 * @throws AiperfError, with no secret in it, when they are no valid plan
 */
export function parseProfile(argv: readonly string[], context: ProfileContext): Plan {
  const occurrences = readArgv(argv);
  const flags = readValues(occurrences);
  const endpoint = endpointOf(flags);
  const phases = [phaseOf(flags)];
  const output = outputOf(flags, endpoint, phases[0]!, context);
  const secrets = secretsOf(endpoint);
  return deepFreeze({
    endpoint,
    dataset: {
      kind: "synthetic",
      entries: entriesOf(flags.values),
      isl: {
        mean: flags.values["--prompt-input-tokens-mean"],
        stddev: flags.values["--prompt-input-tokens-stddev"],
      },
      osl: oslOf(flags),
      batchSize: flags.values["--prompt-batch-size"],
      sampling: "sequential",
      turns: { mean: 1, stddev: 0 },
      turnDelayMs: { mean: 0, stddev: 0 },
      turnDelayRatio: 1,
    },
    tokenizer: {
      name: flags.values["--tokenizer"],
      revision: flags.values["--tokenizer-revision"],
    },
    phases,
    output,
    runtime: runtimeOf(flags.values, context),
    cliCommand: echoCommand(occurrences, secrets),
    inputConfig: inputConfigOf(flags, { endpoint, phases, output }, secrets),
    notes: notesOf(flags.values),
  });
}

function phaseOf({ values, given }: ReadFlags): PhasePlan {
  const durationS = values["--benchmark-duration"];
  if (given.has("--benchmark-grace-period") && durationS === undefined) {
    const what = "--benchmark-grace-period has no duration to follow";
    fail("E_FLAG_CONFLICT", what, "add --benchmark-duration, or leave it out");
  }
  const sessionCount = values["--conversation-num"];
  const limited = sessionCount !== undefined || durationS !== undefined;
  return {
    name: "profiling",
    kind: "profiling",
    load: { kind: "concurrency", concurrency: { limit: values["--concurrency"], rampNs: 0 } },
    prefill: undefined,
    cancellation: undefined,
    failedShareMax: undefined,
    requestCount: values["--request-count"] ?? (limited ? undefined : REQUESTS_DEFAULT),
    sessionCount,
    durationNs: durationS === undefined ? undefined : secondsToNs(durationS),
    graceNs:
      durationS === undefined
        ? Number.POSITIVE_INFINITY
        : secondsToNs(values["--benchmark-grace-period"]),
  };
}

function entriesOf(values: FlagValues): number {
  return (
    values["--num-dataset-entries"] ??
    values["--conversation-num"] ??
    values["--request-count"] ??
    ENTRIES_DEFAULT
  );
}

function oslOf({ values, given }: ReadFlags): Plan["dataset"]["osl"] {
  const mean = values["--prompt-output-tokens-mean"];
  const stddevName = given.get("--prompt-output-tokens-stddev");
  if (mean !== undefined) return { mean, stddev: values["--prompt-output-tokens-stddev"] };
  if (stddevName === undefined) return undefined;
  return fail("E_FLAG_CONFLICT", `${stddevName} has no mean to spread around`, "add --osl");
}

function outputOf(
  { values, given }: ReadFlags,
  endpoint: EndpointPlan,
  phase: PhasePlan,
  context: ProfileContext,
): OutputPlan {
  const artifactDir =
    values["--output-artifact-dir"] ?? artifactDirOf(endpoint.models, endpoint.kind, phase.load);
  if (context.pathKind !== undefined) {
    const name = given.get("--output-artifact-dir") ?? "the default --artifact-dir";
    checkArtifactDir(name, artifactDir, context.cwd, context.pathKind);
  }
  const prefix = values["--profile-export-prefix"];
  const prefixName = given.get("--profile-export-prefix") ?? "--profile-export-prefix";
  return {
    artifactDir,
    prefix: prefix === undefined ? undefined : prefixOf(prefixName, prefix),
    exportLevel: values["--export-level"],
  };
}

function runtimeOf(values: FlagValues, { env, isTerminal }: ProfileContext): RuntimePlan {
  const ui = values["--ui-type"];
  return {
    seed: values["--random-seed"],
    workersMax: values["--workers-max"],
    recordProcessors: values["--record-processor-service-count"],
    // A dumb terminal cannot redraw a line.
    ui: ui === undefined ? (isTerminal && env.TERM !== "dumb" ? "simple" : "none") : shownAs(ui),
    logLevel: levelOf(values),
  };
}

function shownAs(ui: NonNullable<FlagValues["--ui-type"]>): RuntimePlan["ui"] {
  return ui === "dashboard" ? "simple" : ui;
}

function levelOf(values: FlagValues): LogLevel {
  if (values["--extra-verbose"]) return "trace";
  if (values["--verbose"]) return "debug";
  const level = values["--log-level"];
  // Two levels of AIPerf's that nothing is logged at here stand just below the next one.
  if (level === "notice") return "warning";
  return level === "success" ? "error" : level;
}

function notesOf(values: FlagValues): readonly string[] {
  const notes: string[] = [];
  if (values["--tokenizer-trust-remote-code"]) {
    notes.push("--tokenizer-trust-remote-code has no effect: code from the hub is never run");
  }
  if (values["--ui-type"] === "dashboard") notes.push("--ui dashboard is shown as simple");
  return notes;
}
