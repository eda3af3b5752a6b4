// The few functions of the system's C library that Bun does not offer. Each helper answers
// undefined where the system lacks it, so callers name no operating systems.

import { dlopen, ptr } from "bun:ffi";
import { messageOf } from "#core";

/** What differs between systems: names of the library, numbers of the constants. */
const SYSTEMS = {
  linux: {
    // glibc, then musl, which answers to any name that begins with libc.
    libraries: ["libc.so.6", "libc.so"],
    clockMonotonic: 1,
    clockThreadCpu: 3,
    limitDescriptors: 7,
  },
  darwin: {
    libraries: ["/usr/lib/libSystem.B.dylib"],
    // CLOCK_UPTIME_RAW: the clock that Bun itself reads.
    clockMonotonic: 8,
    clockThreadCpu: 16,
    limitDescriptors: 8,
  },
} as const;

const CLOCK_REALTIME = 0;
const PR_SET_TIMERSLACK = 29;
const UNLIMITED = 2n ** 63n - 1n;

const COMMON = {
  clock_gettime: { args: ["i32", "ptr"], returns: "i32" },
  getrlimit: { args: ["i32", "ptr"], returns: "i32" },
  setrlimit: { args: ["i32", "ptr"], returns: "i32" },
  setenv: { args: ["ptr", "ptr", "i32"], returns: "i32" },
  execv: { args: ["ptr", "ptr"], returns: "i32" },
} as const;

const LINUX_ONLY = {
  prctl: { args: ["i32", "u64", "u64", "u64", "u64"], returns: "i32" },
} as const;

const system =
  process.platform === "linux" || process.platform === "darwin"
    ? SYSTEMS[process.platform]
    : undefined;

/** Where the C library writes its answers; each thread has its own copy of this module. */
const timespec = new BigInt64Array(2);
const rlimit = new BigUint64Array(2);

/** Names under which the C library may be found. */
export const LIBC_NAMES: readonly string[] = system?.libraries ?? [];

let failure: string | undefined;
const libc = open();

/** A limit on open files of this process; `Infinity` where there is none. */
export interface DescriptorLimit {
  readonly soft: number;
  readonly hard: number;
}

/** Why none of the helpers works; undefined when they do. */
export function libcFailure(): string | undefined {
  return failure;
}

/** The machine's monotonic clock in nanoseconds, the same on every thread and in every process. */
export function monotonicNs(): number | undefined {
  return system && clockNs(system.clockMonotonic);
}

/** Nanoseconds since 1970. */
export function realtimeNs(): bigint | undefined {
  if (libc?.common.clock_gettime(CLOCK_REALTIME, timespec) !== 0) return undefined;
  return timespec[0]! * 1_000_000_000n + timespec[1]!;
}

/** CPU time that the calling thread has used, in nanoseconds. */
export function threadCpuNs(): number | undefined {
  return system && clockNs(system.clockThreadCpu);
}

/** How many files this process may have open. */
export function descriptorLimit(): DescriptorLimit | undefined {
  if (!libc || !system || libc.common.getrlimit(system.limitDescriptors, rlimit) !== 0) {
    return undefined;
  }
  return { soft: limitOf(rlimit[0]!), hard: limitOf(rlimit[1]!) };
}

/** Raises the soft limit on open files as far as the system lets it; returns the limit then held. */
export function raiseDescriptorLimit(): DescriptorLimit | undefined {
  const before = descriptorLimit();
  if (!libc || !system || !before) return before;
  const hard = rlimit[1]!;
  // macOS says that the hard limit is infinite and refuses it: try lower ones until one holds.
  for (const wanted of [hard, 1n << 20n, 1n << 18n, 61_440n, 10_240n]) {
    if (wanted > hard || limitOf(wanted) <= before.soft) continue;
    rlimit[0] = wanted;
    rlimit[1] = hard;
    if (libc.common.setrlimit(system.limitDescriptors, rlimit) === 0) break;
  }
  return descriptorLimit();
}

/**
 * Starts this very process anew, as `execv` does: same process id, so that Ctrl-C and exit status
 * stay whose they were. Returns only when that is not possible.
 * @param path the program
 * @param argv its arguments, the program's own name first
 * @param env variables to set beforehand
 */
export function restartProcess(
  path: string,
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
): void {
  if (!libc) return;
  const texts: Buffer[] = [];
  const pointerTo = (text: string) => {
    const bytes = Buffer.from(`${text}\0`);
    texts.push(bytes); // keeps the memory alive until the call
    return ptr(bytes);
  };
  for (const [name, value] of Object.entries(env))
    libc.common.setenv(pointerTo(name), pointerTo(value), 1);
  const pointers = new BigUint64Array(argv.length + 1);
  for (const [i, text] of argv.entries()) pointers[i] = BigInt(pointerTo(text));
  libc.common.execv(pointerTo(path), pointers);
}

/**
 * How late the kernel may wake the calling thread so as to batch timers; the default is 50 µs.
 * @returns true when it was set, undefined where the system has no such thing
 */
export function setTimerSlackNs(slackNs: number): true | undefined {
  if (libc?.linux?.prctl(PR_SET_TIMERSLACK, BigInt(Math.round(slackNs)), 0n, 0n, 0n) !== 0) {
    return undefined;
  }
  return true;
}

function clockNs(clock: number): number | undefined {
  if (libc?.common.clock_gettime(clock, timespec) !== 0) return undefined;
  return Number(timespec[0]!) * 1e9 + Number(timespec[1]!);
}

function limitOf(raw: bigint): number {
  return raw >= UNLIMITED ? Number.POSITIVE_INFINITY : Number(raw);
}

function open() {
  if (!system) {
    failure = `no C library is known for ${process.platform}`;
    return undefined;
  }
  for (const name of LIBC_NAMES) {
    try {
      const common = dlopen(name, COMMON).symbols;
      const linux = process.platform === "linux" ? dlopen(name, LINUX_ONLY).symbols : undefined;
      failure = undefined;
      return { common, linux };
    } catch (error) {
      failure = messageOf(error);
    }
  }
  return undefined;
}
