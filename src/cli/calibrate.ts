// `aiperf calibrate`: what this machine can measure, before anything is measured with it. Loads of
// growing size against the program's own mock, until the error reaches a millisecond.

import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { fail, messageOf } from "#core";
import { painter, wantsColor } from "#report";
import {
  type Calibration,
  calibrationAdvice,
  calibrationTable,
  holds,
} from "./calibrate/advice.ts";
import { type Load, type Probe, probe } from "./calibrate/probe.ts";
import { type Found, searchMost } from "./calibrate/search.ts";
import type { ThreadAddresses } from "./run.ts";
import { sayOnStderr, terminalOf } from "./surroundings.ts";

const HELP = `Usage: aiperf calibrate [flags]

Finds out how much load this machine can send and time with an error below 1 ms.
Takes about 30 s; nothing else should run meanwhile.

  --concurrency N    also look at a load of N streams,
  --itl-ms MS        with a token every MS ms [20]
  --osl N            and replies of N tokens [200]
  --quick            only a rough look, in about 10 s
`;

const BUDGET_MS = 30_000;
const QUICK_BUDGET_MS = 10_000;
/** What a try of about a second costs with its two processes. */
const TRY_MS = 2_500;
const TRY_LIMIT_MS = 12_000;

/** What is searched for: its first size, its greatest, and the load of a size. */
const SEARCHES = {
  chunks: { from: 50, max: 3200, load: (size: number) => streamsOf(size, 5, 50, 100, 4) },
  requests: { from: 1, max: 256, load: smallRequestsOf },
  streams: { from: 250, max: 16_000, load: (size: number) => streamsOf(size, 100, 8, 600, 1) },
} as const;

/** Replies of the given load are cut to this length: more of the same tells nothing more. */
const GIVEN_MS_MAX = 2_000;
const GIVEN_TTFT_MS = 300;
/** A p99 wants so many requests, as far as so many waves give them. */
const GIVEN_REQUESTS = 200;
const GIVEN_WAVES_MAX = 3;

export async function runCalibrate(argv: string[], threads: ThreadAddresses): Promise<number> {
  const flags = readFlags(argv);
  if (flags.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const self = threads.isCompiled ? [process.execPath] : [process.execPath, Bun.main];
  const budgetMs = flags.quick ? QUICK_BUDGET_MS : BUDGET_MS;
  const startedMs = performance.now();
  const attempt = (load: Load): Promise<Probe> => {
    sayOnStderr(`trying ${load.concurrency} at a time, ITL ${load.itlMs} ms, OSL ${load.osl}`);
    return probe(self, load, TRY_LIMIT_MS);
  };

  // The user's own load comes first, so that it is looked at whatever the rest takes.
  const given = flags.load === undefined ? undefined : await attempt(flags.load);
  const names = ["chunks", "requests", "streams"] as const;
  const found: { [name in (typeof names)[number]]?: Found<Probe> } = {};
  for (const [index, name] of names.entries()) {
    const leftMs = budgetMs - (performance.now() - startedMs);
    const untilMs = performance.now() + leftMs / (names.length - index);
    const { from, max, load } = SEARCHES[name];
    found[name] = await searchMost({
      ...{ from: flags.quick ? 2 * from : from, max, holds },
      attempt: (size) => attempt(load(size)),
      timeLeft: () => performance.now() + TRY_MS < untilMs,
    });
  }

  const calibration: Calibration = {
    cores: availableParallelism(),
    chunks: tried(found.chunks),
    requests: tried(found.requests),
    streams: tried(found.streams),
    given,
  };
  const color = wantsColor(process.env, terminalOf(process.stdout).isTerminal);
  const advice = calibrationAdvice(calibration).map((sentence) => `${sentence}\n`);
  process.stdout.write(`\n${calibrationTable(calibration, painter(color))}\n\n${advice.join("")}`);
  return given?.trouble === undefined ? 0 : 1;
}

/** Undefined when the time was over before the first try. */
function tried(found: Found<Probe> | undefined): Found<Probe> | undefined {
  return found?.best === undefined && found?.beyond === undefined ? undefined : found;
}

/** Streams of which each slot sends `waves`, one after the other. */
function streamsOf(
  concurrency: number,
  itlMs: number,
  osl: number,
  ttftMs: number,
  waves: number,
): Load {
  return { concurrency, itlMs, osl, ttftMs, requests: concurrency * waves, durationS: undefined };
}

function smallRequestsOf(concurrency: number): Load {
  return { concurrency, itlMs: 0, osl: 1, ttftMs: 0, requests: undefined, durationS: 1 };
}

interface Flags {
  readonly help: boolean;
  readonly quick: boolean;
  readonly load: Load | undefined;
}

function readFlags(argv: readonly string[]): Flags {
  const text = { type: "string" } as const;
  const boolean = { type: "boolean", default: false } as const;
  const options = {
    ...{ concurrency: text, "itl-ms": text, osl: text },
    ...{ quick: boolean, help: { ...boolean, short: "h" } },
  };
  const { values } = (() => {
    try {
      return parseArgs({ args: [...argv], options, strict: true });
    } catch (error) {
      return fail(
        "E_FLAG_UNKNOWN",
        messageOf(error).split("\n")[0]!,
        "see aiperf calibrate --help",
      );
    }
  })();
  const { concurrency, help, quick } = values;
  if (concurrency === undefined) {
    const lonely = values["itl-ms"] ?? values.osl;
    if (lonely !== undefined) {
      fail("E_FLAG_CONFLICT", "--itl-ms and --osl describe a load", "add --concurrency");
    }
    return { help, quick, load: undefined };
  }
  const itlMs = numberOf("--itl-ms", values["itl-ms"] ?? "20", 0.1);
  const osl = Math.round(numberOf("--osl", values.osl ?? "200", 2));
  const shown = Math.max(2, Math.min(osl, Math.round(GIVEN_MS_MAX / itlMs)));
  const streams = Math.round(numberOf("--concurrency", concurrency, 1));
  const waves = Math.min(GIVEN_WAVES_MAX, Math.ceil(GIVEN_REQUESTS / streams));
  return { help, quick, load: streamsOf(streams, itlMs, shown, GIVEN_TTFT_MS, waves) };
}

function numberOf(name: string, text: string, least: number): number {
  const value = Number(text);
  if (value >= least && Number.isFinite(value)) return value;
  return fail(
    "E_FLAG_VALUE",
    `${name} is ${JSON.stringify(text)}`,
    `give a number from ${least} on`,
  );
}
