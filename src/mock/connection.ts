// One client's socket. Bytes go to the kernel at once; what it does not take waits here, and the
// stream stands still until the client has read on, so memory stays bounded by the client's pace.

import type { Socket } from "bun";
import { type RequestReader, requestReader } from "./http-request.ts";
import type { Reply } from "./reply.ts";

export interface Connection {
  readonly number: number;
  readonly reader: RequestReader;
  /** The reply under way; requests behind it wait. */
  reply: Reply | undefined;
  readonly write: (bytes: Uint8Array, length: number) => void;
  readonly writeText: (text: string) => void;
  /** Whether the client has yet to take bytes that were written. */
  readonly blocked: () => boolean;
  /** The kernel has room again. */
  readonly drain: () => void;
  /** Closes once everything written has been taken; no request is read any more. */
  readonly finish: () => void;
  readonly finishing: () => boolean;
  /** Breaks the connection: the client sees a reset. */
  readonly reset: () => void;
  /** How often the kernel did not take all of a write. */
  readonly stalls: () => number;
}

export function connection<Data>(socket: Socket<Data>, number: number): Connection {
  let rest: Uint8Array | undefined;
  let finishing = false;
  let stalls = 0;

  const write = (bytes: Uint8Array, length: number): void => {
    if (rest !== undefined) {
      rest = Buffer.concat([rest, bytes.subarray(0, length)]);
      return;
    }
    const taken = socket.write(bytes, 0, length);
    // A socket that has just closed takes -1 bytes; its close event follows.
    if (taken < 0 || taken === length) return;
    stalls++;
    rest = Buffer.from(bytes.subarray(taken, length));
  };

  return {
    number,
    reader: requestReader(),
    reply: undefined,
    write,
    writeText(text) {
      const bytes = Buffer.from(text);
      write(bytes, bytes.length);
    },
    blocked: () => rest !== undefined,
    drain() {
      if (rest !== undefined) {
        const taken = socket.write(rest);
        rest = taken < 0 || taken >= rest.length ? undefined : rest.subarray(taken);
      }
      if (rest === undefined && finishing) socket.end();
    },
    finish() {
      finishing = true;
      if (rest === undefined) socket.end();
    },
    finishing: () => finishing,
    reset() {
      socket.terminate();
    },
    stalls: () => stalls,
  };
}
