// Rows for tests, written as short as they are read.

import type { TraceRow } from "#trace";

/** A row of a trace with nothing but its length, reply, blocks and time. */
export function row(
  inputTokens: number,
  hashIds: readonly number[] = [],
  outputTokens: number | undefined = undefined,
  timestampMs: number | undefined = undefined,
): TraceRow {
  return {
    timestampMs,
    delayMs: undefined,
    sessionId: undefined,
    inputTokens,
    outputTokens,
    hashIds,
  };
}

/** A file with this content, in a folder of its own. */
export async function fileOf(name: string, content: string | Uint8Array): Promise<string> {
  const { mkdtempSync } = await import("node:fs");
  const { tmpdir } = await import("node:os");
  const path = `${mkdtempSync(`${tmpdir()}/aiperf-trace-`)}/${name}`;
  await Bun.write(path, content);
  return path;
}
