// The program's own pages. Starting takes code that is not run again, and the system maps what lies
// around it too. It is the file's and costs nothing to give back: what is wanted once more comes
// out of the system's cache, at the price of a fault for each 64 KB.

import { dlopen } from "bun:ffi";
import { readFileSync } from "node:fs";
import { LIBC_NAMES } from "./libc.ts";

const MADV_DONTNEED = 4;

/** A line of /proc/self/maps: addresses, rights, offset, device, inode, path. */
const MAPPING = /^([0-9a-f]+)-([0-9a-f]+) (\S{4}) ([0-9a-f]+) \S+ \d+ +(.*)$/gm;

/** Part of the address space. */
export interface Stretch {
  readonly start: bigint;
  readonly bytes: bigint;
}

const libc = process.platform === "linux" ? open() : undefined;

/**
 * Gives back the memory of the program's code and constants, which its threads then take up anew as
 * they come to it. Takes less than a millisecond, and does nothing where the system has no such
 * thing.
 */
export function releaseCode(): void {
  if (libc === undefined) return;
  let maps: string;
  try {
    maps = readFileSync("/proc/self/maps", "utf8");
  } catch {
    return; // A system that does not show it.
  }
  for (const { start, bytes } of codeIn(maps, process.execPath))
    libc.madvise(start, bytes, MADV_DONTNEED);
}

/**
 * What a program's file is mapped to that nobody can have written to. What can be written to, or
 * could before the start was over, is lost when it is given back.
 * @param maps the text of /proc/self/maps
 */
export function codeIn(maps: string, program: string): readonly Stretch[] {
  const found: Stretch[] = [];
  for (const [, from, to, rights, offset, path] of maps.matchAll(MAPPING)) {
    if (path !== program) continue;
    // Constants stand before the code; what follows it is made read-only late, with pointers in it.
    const isConstant = rights === "r--p" && Number(offset) === 0;
    if (rights !== "r-xp" && !isConstant) continue;
    const start = BigInt(`0x${from}`);
    found.push({ start, bytes: BigInt(`0x${to}`) - start });
  }
  return found;
}

function open() {
  for (const name of LIBC_NAMES) {
    try {
      return dlopen(name, { madvise: { args: ["u64", "u64", "i32"], returns: "i32" } }).symbols;
    } catch {
      // The next name may be the right one.
    }
  }
  return undefined;
}
