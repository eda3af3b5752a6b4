// Why the generator was late, as far as the system tells: no core for its threads, too much for one
// thread, or a hypervisor that took the cores away. The first that is plain is named.

import type { AuditFigures, ThreadFigures } from "./figures.ts";

/** A thread that waits this share of the time for a core is held up by others. */
const QUEUED_PCT = 3;
/** A thread that works this share of the time has no room left. */
const BUSY_PCT = 85;
const STEAL_PCT = 3;

/** Threads whose delays are in the figures. */
const STAMPS = /^worker /;

/** A clause to end a sentence with, from its separator on; empty when nothing stands out. */
export function causeOf({ threads = [], machine }: AuditFigures): string {
  const workers = threads.filter(({ name }) => STAMPS.test(name));
  const queued = most(workers, (thread) => thread.queuedPct ?? 0);
  if (machine !== undefined && machine.stealPct > STEAL_PCT) {
    return `: the hypervisor took ${machine.stealPct.toFixed(0)} % of this machine's time`;
  }
  if (queued !== undefined && queued.queuedPct! > QUEUED_PCT) {
    return `: ${queued.name} had to wait for a core ${queued.queuedPct!.toFixed(0)} % of the time; leave more cores free`;
  }
  const busy = most(workers, (thread) => thread.cpuPct);
  if (busy !== undefined && busy.cpuPct > BUSY_PCT) {
    return `: ${busy.name} was busy ${busy.cpuPct.toFixed(0)} % of the time; more --workers-max, or less load`;
  }
  return "";
}

function most(
  threads: readonly ThreadFigures[],
  of: (thread: ThreadFigures) => number,
): ThreadFigures | undefined {
  return threads.toSorted((a, b) => of(b) - of(a))[0];
}
