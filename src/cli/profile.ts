// `aiperf profile`: plan, prompts, run, figures, files. What is slow to come up is started first,
// and whatever was measured is written even when something on the way fails.

import { rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { limitsFrom } from "#audit";
import { endpointFacts, type Plan, parseProfile, profileHelp, wantsHelp } from "#config";
import { freshSeed, VERSION } from "#core";
import { type EndpointRow, endpointPath, openEndpoint, targetOf } from "#endpoint";
import type { BodyStore } from "#engine";
import { artifactNames, dropBrokenEnd, inputsJson, prepareArtifactDir, writeWhole } from "#export";
import { clockFailure, epochNow, nativeState, releaseCode } from "#ffi";
import type { EntryFacts } from "#records";
import { scheduleExcerpt } from "#schedule";
import { loadTokenizer, type Tokenizer } from "#tokenizer";
import { attend } from "./attend.ts";
import { datasetFor } from "./dataset.ts";
import { firstLine } from "./first-line.ts";
import { checkDescriptors, checkPorts, liftFetchLimit } from "./limits.ts";
import { createLog, type Log } from "./log.ts";
import { startProbing } from "./network.ts";
import { renderSessions } from "./prepare.ts";
import { waitUntilReady } from "./ready.ts";
import { checkLimits, pathsOf, startRecordFiles, startRunFile } from "./record-start.ts";
import { withReplaySize } from "./replay-size.ts";
import { resolveTarget } from "./resolve.ts";
import { concludeRun } from "./results.ts";
import { reuseNotes } from "./reuse.ts";
import { crewSize, startCrew, startRun, type ThreadAddresses } from "./run.ts";
import { resetCaches, startProfilers, stopProfilers } from "./server-control.ts";
import { pathKind, readText, sayOnStderr, terminalOf } from "./surroundings.ts";

import { templatingOf, withRoomForTemplate } from "./templating.ts";

/** Runs one benchmark; answers with the process's exit status. */
export async function runProfile(argv: string[], addresses: ThreadAddresses): Promise<number> {
  if (wantsHelp(argv)) {
    console.log(profileHelp());
    return 0;
  }
  const plan = parseProfile(argv, {
    env: process.env,
    cwd: process.cwd(),
    isTerminal: terminalOf(process.stderr).isTerminal,
    pathKind,
    readText,
    firstLine,
  });
  checkLimits(plan);
  const limits = limitsFrom(process.env);
  liftFetchLimit(plan, process.env, addresses.isCompiled);
  checkDescriptors(plan);
  checkPorts(plan);

  const dir = plan.output.artifactDir;
  const names = artifactNames(plan.output.prefix);
  prepareArtifactDir(dir);
  const log = createLog(plan.runtime.logLevel, sayOnStderr, () => new Date());
  log.toFile(join(dir, names.log));
  logSurroundings(plan, log);

  // Threads and names come up while the prompts are made.
  const crew = startCrew(addresses, crewSize(plan, availableParallelism()), plan.endpoint);
  const path = endpointPath(plan.endpoint);
  const targets = Promise.all(plan.endpoint.urls.map((url) => resolveTarget(targetOf(url, path))));
  const seed = plan.runtime.seed ?? freshSeed();
  const { tokenizer, notes } = await tokenizerFor(plan, log);
  const row = await openEndpoint(plan.endpoint);
  // Most of what has run so far runs no more; so it is after each step that is large.
  releaseCode();
  const load = await prepareLoad(plan, row, tokenizer, seed, log);
  // The prompts' strings are in shared memory now; what they took is given back before the load.
  Bun.gc(true);
  const files = startRecordFiles(plan);
  const runFile = startRunFile(withReplaySize(plan, load.entries.length), seed);

  const control = {
    fetch,
    nowMs: () => performance.now(),
    sleep: Bun.sleep,
    onTrouble: (message: string) => log.warn(message),
  };
  await waitUntilReady(plan, {
    fetch,
    nowMs: () => performance.now(),
    sleep: Bun.sleep,
    onWaiting: (reason) => log.info(`waiting for the model: ${reason}`),
    row,
  });
  await resetCaches(plan, control);
  const epoch = epochNow();
  const troubles: string[] = [];
  const run = startRun(crew, {
    plan,
    targets: await targets,
    store: load.store,
    entries: load.entries,
    tokenizer: plan.endpoint.useServerTokenCount ? undefined : tokenizer.share(),
    seed,
    epoch,
    files,
    aroundProfiling: {
      before: () => startProfilers(plan, control),
      after: () => stopProfilers(plan, control),
    },
    onTrouble: (message) => {
      troubles.push(`Records are missing from the file: ${message}`);
      log.error(message);
    },
  });
  releaseCode();
  const probing = startProbing(plan.networkLatency, await targets);
  const attended = await attend(run, plan, log, terminalOf(process.stderr));
  // The figures that follow want as much memory as the prompts did.
  Bun.gc(true);
  releaseCode();
  const opened = attended.outcome.counters.map((counts) => counts.sessions);
  if (troubles.length > 0) for (const path of pathsOf(files)) dropBrokenEnd(path);
  return await concludeRun({
    plan,
    attended,
    epoch,
    seed,
    notes: [...plan.notes, ...notes, ...load.notes, ...reuseNotes(plan, opened, load.sessions)],
    troubles,
    hasPauses: load.hasPauses,
    runFile,
    probes: probing?.stop() ?? [],
    limits,
    log,
    terminal: terminalOf(process.stdout),
  });
}

interface Load {
  readonly store: BodyStore;
  readonly entries: readonly EntryFacts[];
  readonly sessions: number;
  /** Some turn waits after the reply to the one before it. */
  readonly hasPauses: boolean;
  readonly notes: readonly string[];
}

/** Makes what is sent, and lists it in inputs.json. */
async function prepareLoad(
  plan: Plan,
  row: EndpointRow,
  tokenizer: Tokenizer,
  seed: number,
  log: Log,
): Promise<Load> {
  const sinceMs = performance.now();
  const dir = plan.output.artifactDir;
  const names = artifactNames(plan.output.prefix);
  const templating = await templatingOf(plan, tokenizer);
  const shaped = templating === undefined ? plan : withRoomForTemplate(plan, templating);
  const dataset = await datasetFor(shaped, tokenizer, seed, log);
  Bun.gc(true);
  releaseCode();
  const { sessions: all, pieces, isListed, notes } = dataset;
  const schedule = plan.phases.map(({ load }) => load).find(({ kind }) => kind === "schedule");
  const sessions = schedule?.kind === "schedule" ? scheduleExcerpt(schedule, all) : all;
  const { store, entries, inputs } = renderSessions(plan, sessions, pieces, row, templating);
  // A run that is killed must not leave an older one's figures beside its own records.
  for (const name of [names.summaryJson, names.summaryCsv, names.console, names.records])
    rmSync(join(dir, name), { force: true });
  if (isListed) writeWhole(join(dir, names.inputs), inputsJson(inputs));
  else rmSync(join(dir, names.inputs), { force: true });
  const tookS = ((performance.now() - sinceMs) / 1000).toFixed(2);
  log.info(`${sessions.length} prompts are ready (${tookS} s)`);
  return {
    store,
    entries,
    sessions: sessions.length,
    hasPauses: sessions.some(({ turns }) => turns.some(({ delayNs }) => delayNs > 0)),
    notes,
  };
}

function logSurroundings(plan: Plan, log: Log): void {
  log.info(`aiperf ${VERSION}: ${plan.cliCommand}`);
  const native = nativeState();
  if (!native.loaded) log.warn(`JavaScript does the native core's work: ${native.reason}`);
  const clock = clockFailure();
  if (clock !== undefined)
    log.warn(`times of different threads agree only to about 1 ms: ${clock}`);
}

async function tokenizerFor(
  plan: Plan,
  log: Log,
): Promise<{ readonly tokenizer: Tokenizer; readonly notes: readonly string[] }> {
  const { endpoint } = plan;
  const { tokenizesInput, producesTokens } = endpointFacts(endpoint.kind);
  // Where nothing is counted here, the tokenizer at most shapes the prompts: any will do.
  const counts = !endpoint.useServerTokenCount && (tokenizesInput || producesTokens);
  const { name = counts ? undefined : "builtin", revision } = plan.tokenizer;
  let announced = "";
  const { tokenizer, warning } = await loadTokenizer({
    name,
    revision,
    modelNames: endpoint.models,
    env: process.env,
    onProgress: ({ file, totalBytes }) => {
      if (file === announced) return;
      announced = file;
      const size = totalBytes === undefined ? "" : ` (${(totalBytes / 1e6).toFixed(1)} MB)`;
      log.info(`downloading ${file}${size}`);
    },
  });
  log.info(`tokenizer ${tokenizer.name} (${tokenizer.engine})`);
  if (warning !== undefined) log.warn(warning);
  return { tokenizer, notes: warning === undefined ? [] : [warning] };
}
