// One load against a mock of known timing, both as processes of their own: what a user would run,
// held against the mock's account of when it wrote.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { auditSchema } from "#audit";
import { fail } from "#core";
import { type Exchanged, receiveErrorMs } from "./receive-error.ts";

export interface Load {
  readonly concurrency: number;
  readonly ttftMs: number;
  readonly itlMs: number;
  readonly osl: number;
  /** Either so many requests, or as many as fit into so long. */
  readonly requests: number | undefined;
  readonly durationS: number | undefined;
}

export interface Probe {
  readonly load: Load;
  readonly requestsPerS: number;
  readonly tokensPerS: number;
  /** p99 of how much later than the mock's write a token was stamped. */
  readonly errorMs: number;
  /** How late the mock was itself: p99 over requests of their latest chunk. */
  readonly mockLateMs: number;
  /** Why the run cannot stand for the load; undefined when it can. */
  readonly trouble: string | undefined;
}

const metric = z.object({ avg: z.number() });
const summaryShape = z.object({
  audit: auditSchema,
  request_throughput: metric.optional(),
  output_token_throughput: metric.optional(),
  incomplete_reason: z.string().optional(),
});
const recordShape = z.object({
  metadata: z.object({ x_request_id: z.string(), request_start_ns: z.number() }),
  metrics: z.object({
    time_to_first_token: z.object({ value: z.number() }).optional(),
    request_latency: z.object({ value: z.number() }).optional(),
  }),
});
const seenShape = z.object({
  x_request_id: z.string().nullable(),
  arrival_ns: z.number().nullable(),
  first_write_ns: z.number().nullable(),
  last_write_ns: z.number().nullable(),
  late_ns_max: z.number(),
});

/**
 * Runs a load.
 * @param self the command that starts this program
 * @param limitMs after which the run is ended
 */
export async function probe(self: readonly string[], load: Load, limitMs: number): Promise<Probe> {
  const dir = mkdtempSync(join(tmpdir(), "aiperf-calibrate-"));
  const mock = Bun.spawn([...self, "mock", ...mockFlags(load, join(dir, "seen.jsonl"))], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  try {
    const url = await addressOf(mock.stdout);
    const run = Bun.spawn([...self, "profile", ...profileFlags(load, url, join(dir, "out"))], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    const timer = setTimeout(() => run.kill("SIGINT"), limitMs);
    const [status, complaint] = await Promise.all([run.exited, run.stderr.text()]);
    clearTimeout(timer);
    mock.kill("SIGTERM");
    await mock.exited;
    if (status !== 0)
      return failed(load, complaint.trimEnd().split("\n").at(-1) ?? `status ${status}`);
    return judged(load, dir);
  } finally {
    mock.kill("SIGKILL");
    rmSync(dir, { recursive: true, force: true });
  }
}

function mockFlags({ ttftMs, itlMs }: Load, log: string): readonly string[] {
  // Streams that began together must not stay in step: no server is like that.
  const jitter = ["--jitter", "uniform", "--jitter-ratio", "0.5"];
  const timing = ["--ttft-ms", String(ttftMs), "--itl-ms", String(itlMs)];
  return ["--port", "0", "--log", log, ...timing, ...(ttftMs > 0 ? jitter : [])];
}

function profileFlags(load: Load, url: string, dir: string): readonly string[] {
  const length =
    load.requests === undefined
      ? ["--benchmark-duration", String(load.durationS), "--num-dataset-entries", "100"]
      : ["--request-count", String(load.requests), "--num-dataset-entries", "100"];
  return [
    ...["--model", "calibration", "--url", url, "--streaming", "--tokenizer", "builtin"],
    ...["--concurrency", String(load.concurrency), "--isl", "32", "--osl", String(load.osl)],
    ...["--artifact-dir", dir, "--ui", "none", "--log-level", "error", ...length],
  ];
}

function judged(load: Load, dir: string): Probe {
  const summary = summaryShape.parse(JSON.parse(text(dir, "out/profile_export_aiperf.json")));
  const seen = lines(text(dir, "seen.jsonl")).map((line) => seenShape.parse(JSON.parse(line)));
  const records = lines(text(dir, "out/profile_export.jsonl")).map((line) =>
    recordShape.parse(JSON.parse(line)),
  );
  const writes = new Map(seen.map((entry) => [entry.x_request_id, entry]));
  const exchanged = records.flatMap(({ metadata, metrics }): Exchanged[] => {
    const wrote = writes.get(metadata.x_request_id);
    const [ttft, latency] = [metrics.time_to_first_token, metrics.request_latency];
    if (!wrote || !ttft || !latency || wrote.arrival_ns === null) return [];
    const startNs = metadata.request_start_ns;
    return [
      {
        startNs,
        arrivalNs: wrote.arrival_ns,
        firstWriteNs: wrote.first_write_ns ?? Number.NaN,
        lastWriteNs: wrote.last_write_ns ?? Number.NaN,
        firstNs: startNs + ttft.value * 1e6,
        lastNs: startNs + latency.value * 1e6,
      },
    ];
  });
  if (exchanged.length === 0) return failed(load, "no request succeeded");
  const invalid = summary.audit.reasons.find(({ severity }) => severity === "invalid");
  const late = seen.map((entry) => entry.late_ns_max).sort((a, b) => a - b);
  return {
    load,
    requestsPerS: summary.request_throughput?.avg ?? 0,
    tokensPerS: summary.output_token_throughput?.avg ?? 0,
    errorMs: receiveErrorMs(exchanged),
    mockLateMs: late[Math.floor(0.99 * (late.length - 1))]! / 1e6,
    trouble: invalid?.code.replaceAll("_", " ") ?? summary.incomplete_reason,
  };
}

function failed(load: Load, trouble: string): Probe {
  const unknown = { requestsPerS: 0, tokensPerS: 0, mockLateMs: 0 };
  return { load, ...unknown, errorMs: Number.POSITIVE_INFINITY, trouble };
}

function text(dir: string, name: string): string {
  return readFileSync(join(dir, name), "utf8");
}

function lines(whole: string): readonly string[] {
  return whole.split("\n").filter((line) => line !== "");
}

async function addressOf(output: ReadableStream<Uint8Array>): Promise<string> {
  let said = "";
  const decoder = new TextDecoder();
  for await (const piece of output) {
    said += decoder.decode(piece, { stream: true });
    const address = /http:\/\/\S+/.exec(said)?.[0];
    if (address !== undefined) return address;
  }
  return fail("E_CALIBRATE", "the mock server did not start", "try aiperf mock --port 0");
}
