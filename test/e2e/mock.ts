// The program's own mock server, as a process, and its account of what it saw.

import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { BINARY, bareEnvironment, scratch } from "./aiperf.ts";
import { linesOf } from "./artifacts.ts";

const nullable = z.number().nullable();

const seenSchema = z.object({
  x_request_id: z.string(),
  status: z.int(),
  outcome: z.string(),
  stream: z.boolean(),
  connection: z.int(),
  arrival_ns: z.number(),
  first_write_ns: nullable,
  last_write_ns: nullable,
  end_ns: z.number(),
  /** When the client hung up before the reply's end. */
  left_ns: nullable,
  prompt_tokens: z.int(),
  requested_tokens: nullable,
  output_tokens: z.int(),
  reasoning_tokens: z.int(),
});

/** One request as the server saw it. */
export type Seen = z.infer<typeof seenSchema>;

/** A mock that runs; `await using` stops it. */
export interface Mock extends AsyncDisposable {
  readonly url: string;
  /** Stops the server; everything that it saw. */
  stop(): Promise<readonly Seen[]>;
}

/** Starts `aiperf mock` with these flags on a free port. */
export async function startMock(...flags: readonly string[]): Promise<Mock> {
  const dir = scratch();
  const log = join(dir, "seen.jsonl");
  const child = Bun.spawn([BINARY, "mock", "--port", "0", "--log", log, ...flags], {
    cwd: dir,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
    env: bareEnvironment(dir),
  });
  const url = await addressIn(child.stdout);

  async function end(): Promise<void> {
    child.kill("SIGTERM");
    const limit = setTimeout(() => child.kill("SIGKILL"), 5_000);
    await child.exited;
    clearTimeout(limit);
  }
  return {
    url,
    async stop() {
      await end();
      return linesOf(readFileSync(log, "utf8")).map((line) => seenSchema.parse(JSON.parse(line)));
    },
    async [Symbol.asyncDispose]() {
      await end();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** The address that the mock prints once it listens. */
async function addressIn(output: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const piece of output) {
    text += decoder.decode(piece, { stream: true });
    const address = /https?:\/\/\S+/.exec(text)?.[0];
    if (address !== undefined) return address;
  }
  throw new Error(`the mock did not start: ${text}`);
}
