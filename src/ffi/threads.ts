// Which thread goes first where cores are short. Linux counts priority and time slices by thread;
// elsewhere they would change the whole process, so nothing is done.

import { dlopen, ptr } from "bun:ffi";
import { readdirSync, readFileSync } from "node:fs";
import { LIBC_NAMES } from "./libc.ts";

const PRIO_PROCESS = 0;
const SCHED_OTHER = 0;
const SCHED_BATCH = 3;
const NICENESS_MAX = 19;

const SYS_SCHED_SETATTR: { readonly [arch in string]?: number } = { x64: 314, arm64: 274 };
/** struct sched_attr: size, policy u32; flags u64; nice i32, priority u32; runtime u64 and more. */
const ATTR_BYTES = 48;

const linux = process.platform === "linux" ? open() : undefined;

function open() {
  for (const name of LIBC_NAMES) {
    try {
      return dlopen(name, {
        getpriority: { args: ["i32", "u32"], returns: "i32" },
        setpriority: { args: ["i32", "u32", "i32"], returns: "i32" },
        sched_setscheduler: { args: ["i32", "i32", "ptr"], returns: "i32" },
        syscall: { args: ["i64", "i32", "ptr", "u32"], returns: "i64" },
      }).symbols;
    } catch {
      // The next name may be the right one.
    }
  }
  return undefined;
}

/**
 * Lets other threads go first when cores are short: the calling thread never takes a core from one
 * that runs, gives it up to any that wakes, and its share is smaller by so many steps of niceness.
 */
export function yieldToOtherThreads(steps: number): true | undefined {
  if (linux === undefined) return undefined;
  linux.sched_setscheduler(0, SCHED_BATCH, new Int32Array(2));
  return setNiceness(0, niceness(0) + steps);
}

/**
 * Lets the calling thread go before others when cores are short, by so many steps of niceness.
 * Only the system's administrator may; for others nothing is done.
 */
export function goBeforeOtherThreads(steps: number): true | undefined {
  return setNiceness(0, niceness(0) - steps);
}

/**
 * Asks for time slices of this length. A thread with shorter slices than others runs sooner after
 * it wakes, and not for longer in all; kernels before Linux 6.12 take no notice.
 * @returns true when the kernel took it
 */
export function setTimeSliceNs(sliceNs: number): true | undefined {
  const number = SYS_SCHED_SETATTR[process.arch];
  if (linux === undefined || number === undefined) return undefined;
  const attributes = new DataView(new ArrayBuffer(ATTR_BYTES));
  attributes.setUint32(0, ATTR_BYTES, true);
  attributes.setUint32(4, SCHED_OTHER, true);
  attributes.setInt32(16, niceness(0), true);
  attributes.setBigUint64(24, BigInt(sliceNs), true);
  const answer = linux.syscall(BigInt(number), 0, ptr(attributes), 0);
  return Number(answer) === 0 ? true : undefined;
}

/**
 * Lets this process's threads of these names, which the runtime has made, give way: they become by
 * so many steps of niceness lower than the first thread. Threads that they make later are, too.
 */
export function lowerThreads(names: RegExp, steps: number): void {
  if (linux === undefined) return;
  for (const id of threadIds()) {
    try {
      if (!names.test(readFileSync(`/proc/self/task/${id}/comm`, "utf8"))) continue;
    } catch {
      continue; // It has just ended.
    }
    setNiceness(Number(id), niceness(process.pid) + steps);
  }
}

/** This process's threads; none where /proc is not to be seen. */
function threadIds(): readonly string[] {
  try {
    return readdirSync("/proc/self/task");
  } catch {
    return [];
  }
}

/** @param thread its id; 0 for the calling one */
function niceness(thread: number): number {
  return linux?.getpriority(PRIO_PROCESS, thread) ?? 0;
}

function setNiceness(thread: number, wanted: number): true | undefined {
  const within = Math.min(NICENESS_MAX, Math.max(-20, wanted));
  return linux?.setpriority(PRIO_PROCESS, thread, within) === 0 ? true : undefined;
}
