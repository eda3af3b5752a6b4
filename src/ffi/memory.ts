// A library opened from memory. Bun unpacks an embedded library into the temp folder, and a
// container with a read-only root often has none: Linux can name memory as a file instead.

import { dlopen } from "bun:ffi";
import { readFileSync, writeSync } from "node:fs";
import { LIBC_NAMES } from "./libc.ts";

const CLOSE_ON_EXEC = 1;
const LABEL = new TextEncoder().encode("aiperf-core\0");

/**
 * A path of the same bytes that is in no folder. Its descriptor stays open, so that the path does.
 * @returns undefined where the system has no such thing
 */
export function pathInMemory(path: string): string | undefined {
  if (process.platform !== "linux") return undefined;
  for (const name of LIBC_NAMES) {
    try {
      const libc = dlopen(name, { memfd_create: { args: ["ptr", "u32"], returns: "i32" } });
      const descriptor = libc.symbols.memfd_create(LABEL, CLOSE_ON_EXEC);
      if (descriptor < 0) return undefined;
      const bytes = readFileSync(path);
      for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
      return `/proc/self/fd/${descriptor}`;
    } catch {
      // Another name may be right; without any the caller has the reason that it began with.
    }
  }
  return undefined;
}
