// A timer of the kernel whose expiry wakes the event loop like a socket does: it comes some 50 µs
// after its time, where a timer of the loop comes up to milliseconds late, and it costs no thread.
// Linux has it (timerfd_create(2)); Bun reads its descriptor as it would read a pipe.

import { dlopen, ptr } from "bun:ffi";
import { closeSync } from "node:fs";
import { NS_PER_S } from "#core";
import { LIBC_NAMES } from "./libc.ts";

export interface KernelTimer {
  /** Sets the moment of the next expiry, in the machine's monotonic ns; replaces an earlier one. */
  setNs(dueNs: number): void;
  close(): void;
}

const CLOCK_MONOTONIC = 1;
const TFD_NONBLOCK = 0o4000;
const TFD_CLOEXEC = 0o2000000;
const TFD_TIMER_ABSTIME = 1;

/** Opens a timer that calls `fire` at each expiry; undefined where there is none. */
export function openKernelTimer(fire: () => void): KernelTimer | undefined {
  if (process.platform !== "linux") return undefined;
  const libc = openLibc();
  if (libc === undefined) return undefined;
  const descriptor = libc.timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  if (descriptor < 0) return undefined;

  // struct itimerspec: interval in seconds and ns, then the expiry likewise.
  const spec = new BigInt64Array(4);
  const reader = Bun.file(descriptor).stream().getReader();
  let isOpen = true;

  async function listen(): Promise<void> {
    while (isOpen) {
      const { done } = await reader.read();
      if (done) return;
      if (isOpen) fire();
    }
  }
  // A read that fails when the timer is closed says nothing.
  listen().catch(() => {});

  return {
    setNs(dueNs) {
      // An expiry of zero would disarm it.
      const ns = Math.max(1, Math.round(dueNs));
      const seconds = Math.floor(ns / NS_PER_S);
      spec[2] = BigInt(seconds);
      spec[3] = BigInt(ns - seconds * NS_PER_S);
      libc.timerfd_settime(descriptor, TFD_TIMER_ABSTIME, ptr(spec), null);
    },
    close() {
      isOpen = false;
      const release = () => closeSync(descriptor);
      reader.cancel().then(release, release);
    },
  };
}

function openLibc() {
  for (const name of LIBC_NAMES) {
    try {
      return dlopen(name, {
        timerfd_create: { args: ["i32", "i32"], returns: "i32" },
        timerfd_settime: { args: ["i32", "i32", "ptr", "ptr"], returns: "i32" },
      }).symbols;
    } catch {
      // The next name may be the right one.
    }
  }
  return undefined;
}
