// Streams whose events have names or numbers, so that each is made anew.

import type { EventParts } from "../dialect.ts";

const NO_BYTES = new Uint8Array(0);

/** An event of this type, which its data names too. */
export function named(type: string, fields: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
}

/** An event without a name. */
export function plain(data: object): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}

/** The parts of a stream of which every chunk is made by itself. */
export function chunked(parts: Pick<EventParts, "begin" | "chunk" | "end">): EventParts {
  return { open: NO_BYTES, openReasoning: NO_BYTES, role: "", ...parts };
}
