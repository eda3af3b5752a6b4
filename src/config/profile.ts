// `aiperf profile`'s command line becomes the frozen Plan, or one clear error. Everything that the
// outcome depends on is an argument, so that a test can be any shell in any folder.

import { secondsToNs } from "#core";
import { readArgv } from "./argv.ts";
import { artifactDirOf, checkArtifactDir, type PathKind, prefixOf } from "./artifacts.ts";
import { datasetOf } from "./dataset.ts";
import { echoCommand } from "./echo.ts";
import { deepFreeze } from "./freeze.ts";
import { inputConfigOf } from "./input-config.ts";
import { notesOf } from "./notes.ts";
import { phasesOf } from "./phases.ts";
import type {
  EndpointPlan,
  LoadPlan,
  LogLevel,
  OutputPlan,
  Plan,
  RatePoint,
  ReadinessPlan,
  RuntimePlan,
} from "./plan.ts";
import { readRateSeries } from "./rate.ts";
import { withReplay } from "./replay.ts";
import { checkRules } from "./rules.ts";
import { secretsOf } from "./secrets.ts";
import { controlOf, endpointOf } from "./server.ts";
import { networkLatencyOf, slosOf } from "./slo.ts";
import { type FlagValues, type ReadFlags, readValues } from "./values.ts";

/** Where the command was typed. */
export interface ProfileContext {
  readonly env: { readonly [name: string]: string | undefined };
  readonly cwd: string;
  readonly isTerminal: boolean;
  /** What is at an absolute path; without it, nothing is looked up. */
  readonly pathKind?: PathKind;
  /** The text of a file that a flag names; raises an AiperfError when it cannot be read. */
  readonly readText?: (path: string) => string;
  /** The first line of a data file, unpacked; undefined when it cannot be had. */
  readonly firstLine?: (path: string) => string | undefined;
}

/**
 * The plan that `aiperf profile` with these arguments asks for.
 * @param argv what follows `profile`
 * @throws AiperfError, with no secret in it, when they are no valid plan
 */
export function parseProfile(argv: readonly string[], context: ProfileContext): Plan {
  const occurrences = readArgv(argv);
  const typed = readValues(occurrences);
  checkRules(typed);
  const flags = withReplay(typed, context);
  const endpoint = endpointOf(flags, context);
  const phases = phasesOf({ ...flags, series: seriesOf(flags, context) });
  const dataset = datasetOf(flags, { endpoint, phases }, context);
  const output = outputOf(flags, endpoint, phases.at(-1)!.load, context);
  const secrets = secretsOf(endpoint);
  const slos = slosOf(flags);
  const networkLatency = networkLatencyOf(flags.values);
  return deepFreeze({
    endpoint,
    readiness: readinessOf(flags.values),
    control: controlOf(flags),
    dataset,
    tokenizer: {
      name: flags.values["--tokenizer"],
      revision: flags.values["--tokenizer-revision"],
      applyChatTemplate: flags.values["--apply-chat-template"],
    },
    phases,
    output,
    slos,
    networkLatency,
    runtime: runtimeOf(flags.values, context),
    cliCommand: echoCommand(occurrences, secrets),
    inputConfig: inputConfigOf(
      flags,
      { endpoint, phases, output, dataset, slos, networkLatency },
      secrets,
    ),
    notes: notesOf(flags),
  });
}

function seriesOf(
  { values, given }: ReadFlags,
  { readText }: ProfileContext,
): readonly RatePoint[] | undefined {
  const path = values["--request-rate-series"];
  if (path === undefined || readText === undefined) return undefined;
  const name = given.get("--request-rate-series") ?? "--request-rate-series";
  return readRateSeries(name, path, readText(path));
}

function readinessOf(values: FlagValues): ReadinessPlan | undefined {
  const timeoutS = values["--wait-for-model-timeout"];
  if (timeoutS === 0) return undefined;
  return {
    timeoutNs: secondsToNs(timeoutS),
    mode: values["--wait-for-model-mode"],
    intervalNs: secondsToNs(values["--wait-for-model-interval"]),
  };
}

function outputOf(
  { values, given }: ReadFlags,
  endpoint: EndpointPlan,
  load: LoadPlan,
  context: ProfileContext,
): OutputPlan {
  const artifactDir =
    values["--output-artifact-dir"] ?? artifactDirOf(endpoint.models, endpoint.kind, load);
  if (context.pathKind !== undefined) {
    const name = given.get("--output-artifact-dir") ?? "the default --artifact-dir";
    checkArtifactDir(name, artifactDir, context.cwd, context.pathKind);
  }
  const sliceS = values["--slice-duration"];
  const prefix = values["--profile-export-prefix"];
  const prefixName = given.get("--profile-export-prefix") ?? "--profile-export-prefix";
  return {
    artifactDir,
    prefix: prefix === undefined ? undefined : prefixOf(prefixName, prefix),
    exportLevel: values["--export-level"],
    httpTrace: values["--export-http-trace"] ?? false,
    outputsJson: values["--export-outputs-json"] ?? false,
    sliceNs: sliceS === undefined ? undefined : secondsToNs(sliceS),
    percentiles: values["--percentiles"],
    showsTrace: values["--show-trace-timing"] ?? false,
  };
}

function runtimeOf(values: FlagValues, { env, isTerminal }: ProfileContext): RuntimePlan {
  const ui = values["--ui-type"];
  return {
    pacing: values["--pacing"],
    seed: values["--random-seed"],
    workersMax: values["--workers-max"],
    recordProcessors: values["--record-processor-service-count"],
    // A dumb terminal cannot redraw a line.
    ui: ui === undefined ? (isTerminal && env.TERM !== "dumb" ? "simple" : "none") : shownAs(ui),
    requireValid: values["--require-valid"] ?? false,
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
