// One run of one program against the mock: what it cost, and how right it was. The truth is the
// mock's own account, the same for every program.

import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Program, Workload } from "./workloads.ts";

/** Figures of a run; undefined where the program does not tell. */
export interface Run {
  readonly cpuS: number;
  readonly rssMib: number;
  /** From the first request's arrival to the last byte of all, by the mock's clock. */
  readonly requestsPerS: number;
  /** Before the first request and after the last reply. */
  readonly aroundS: number;
  /** p99 of how far the program's latency is from what the mock did. */
  readonly errorMs: number | undefined;
}

/** Runs a workload; a text when it failed. */
export async function measure(
  program: Program,
  workload: Workload,
  mockPath: string,
): Promise<Run | string | undefined> {
  const dir = mkdtempSync(join(tmpdir(), "bench-"));
  const log = join(dir, "seen.jsonl");
  const mock = Bun.spawn([mockPath, "mock", "--port", "0", "--log", log, ...workload.timing], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  try {
    const url = await addressOf(mock.stdout);
    const args = program.args(workload, url, join(dir, "out"));
    if (args === undefined) return undefined;
    const started = performance.now();
    const child = Bun.spawn([program.path, ...args], {
      cwd: dir,
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, HF_HUB_OFFLINE: "1" },
    });
    const [status, complaint] = await Promise.all([child.exited, child.stderr.text()]);
    const wallS = (performance.now() - started) / 1000;
    mock.kill("SIGTERM");
    await mock.exited;
    if (status !== 0) return complaint.trimEnd().split("\n").at(-1) || `exit status ${status}`;
    const usage = child.resourceUsage()!;
    const seen = jsonLines<Seen>(log).filter((entry) => entry.outcome === "completed");
    const tookS = spanS(seen);
    return {
      cpuS: Number(usage.cpuTime.total) / 1e6,
      rssMib: usage.maxRSS / 2 ** 20,
      requestsPerS: seen.length / tookS,
      aroundS: wallS - tookS,
      errorMs: errorMs(seen, join(dir, "out/profile_export.jsonl")),
    };
  } finally {
    mock.kill("SIGKILL");
    rmSync(dir, { recursive: true, force: true });
  }
}

interface Seen {
  readonly x_request_id: string | null;
  readonly outcome: string;
  readonly arrival_ns: number;
  readonly first_write_ns: number;
  readonly last_write_ns: number;
}

interface Said {
  readonly metadata: { readonly x_request_id: string };
  readonly metrics?: {
    readonly time_to_first_token?: { readonly value: number };
    readonly request_latency?: { readonly value: number };
  };
}

function spanS(seen: readonly Seen[]): number {
  const first = seen.reduce((least, { arrival_ns }) => Math.min(least, arrival_ns), Infinity);
  const last = seen.reduce((most, { last_write_ns }) => Math.max(most, last_write_ns), 0);
  return (last - first) / 1e9;
}

/** Of TTFT where there is one, else of the latency; undefined without a record a request. */
function errorMs(seen: readonly Seen[], records: string): number | undefined {
  if (!existsSync(records)) return undefined;
  const truth = new Map(seen.map((entry) => [entry.x_request_id, entry]));
  const errors = jsonLines<Said>(records).flatMap(({ metadata, metrics = {} }) => {
    const entry = truth.get(metadata.x_request_id);
    if (entry === undefined) return [];
    const { time_to_first_token: ttft, request_latency: latency } = metrics;
    const until = ttft === undefined ? entry.last_write_ns : entry.first_write_ns;
    const said = (ttft ?? latency)?.value;
    return said === undefined ? [] : [Math.abs(said - (until - entry.arrival_ns) / 1e6)];
  });
  return errors.sort((a, b) => a - b)[Math.ceil(0.99 * errors.length) - 1];
}

function jsonLines<Line>(path: string): Line[] {
  const lines = readFileSync(path, "utf8").trimEnd().split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Line);
}

async function addressOf(output: ReadableStream<Uint8Array>): Promise<string> {
  let said = "";
  const decoder = new TextDecoder();
  for await (const piece of output) {
    said += decoder.decode(piece, { stream: true });
    const address = /http:\/\/\S+/.exec(said)?.[0];
    if (address !== undefined) return address;
  }
  throw new Error(`the mock did not start: ${said}`);
}
