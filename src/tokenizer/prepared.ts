// What the native engine reads is made from tokenizer.json once and kept on disk, because parsing
// that file takes longer than all the counting of a run. A kept form is found by the content that
// it was made from, and is only as good as its opening: one that does not open is made again.

import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { writeWhole } from "./cache.ts";
import { type Content, nameOf } from "./content.ts";
import { type Env, expandHome, homeFolder } from "./files.ts";

export interface Preparation<Opened> {
  /** The content that the form is made from, as it lies on disk. */
  readonly from: Content;
  readonly env: Env;
  readonly make: (from: Uint8Array) => Uint8Array;
  /** Opens a form, and throws at one that is not whole and sound. */
  readonly open: (form: Uint8Array) => Opened;
}

/**
 * Opens the form of a content: the kept one, or one that is made and then kept.
 * @throws what `make` throws, and what `open` throws at a form just made
 */
export function openPrepared<Opened>({ from, env, make, open }: Preparation<Opened>): Opened {
  const folder = join(programCache(env), "tokenizers");
  const kept = readShared(join(folder, from.name()));
  if (kept) {
    try {
      return open(kept);
    } catch {
      // Cut short, overwritten or of another version: as if it were not there.
    }
  }
  // Read only now, it may have become another.
  const bytes = from.read();
  const made = make(bytes);
  const opened = open(made);
  try {
    writeWhole(join(folder, nameOf(bytes)), made);
  } catch {
    // Nowhere to keep it: the next run makes it again.
  }
  return opened;
}

/** Where this program keeps what it can make again. */
function programCache(env: Env): string {
  const shared = env.XDG_CACHE_HOME || join(homeFolder(env), ".cache");
  return join(expandHome(shared, env), "aiperf");
}

/** A file's bytes in memory that threads can share; undefined when it cannot be read. */
function readShared(path: string): Uint8Array | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, "r");
    const { size } = fstatSync(descriptor);
    const bytes = new Uint8Array(new SharedArrayBuffer(size));
    for (let at = 0; at < size; ) {
      const read = readSync(descriptor, bytes, at, size - at, at);
      if (read === 0) return undefined;
      at += read;
    }
    return bytes;
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
