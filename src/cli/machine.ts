// Between two readings of the machine: which thread had how much of a core, and who else did.

import type { MachineFigures, ThreadFigures } from "#audit";
import type { MachineReading, ThreadReading } from "./proc.ts";

/** Threads of our own have a name and a number each; the runtime's are counted by what they do. */
const OURS = /^(worker|recorder) \d+$/;
const KINDS: readonly (readonly [RegExp, string])[] = [
  // JavaScriptCore's, as Linux cuts their names.
  [/^HeapHelper|ollector Thread/, "garbage collection"],
  [/^JIT|^JSCWarmUp/, "compilation"],
  [/^mi-scavenger|^Scavenger/, "memory"],
];

/** What each thread did between two readings; undefined where the system does not tell. */
export function threadFigures(
  before: MachineReading,
  after: MachineReading,
  processId: number,
): readonly ThreadFigures[] | undefined {
  if (before.threads === undefined || after.threads === undefined) return undefined;
  const tookNs = after.atNs - before.atNs;
  const earlier = new Map(before.threads.map((thread) => [thread.id, thread]));
  const groups = new Map<string, ThreadReading[]>();
  for (const thread of after.threads) {
    const name = thread.id === processId ? "main" : nameOf(thread.name);
    groups.set(name, [...(groups.get(name) ?? []), minus(thread, earlier.get(thread.id))]);
  }
  return [...groups].map(([name, threads]) => ({
    name,
    cpuPct: (100 * sum(threads.map(({ cpuNs }) => cpuNs))!) / tookNs,
    queuedPct: percent(sum(threads.map(({ queuedNs }) => queuedNs)), tookNs),
    preempted: sum(threads.map(({ preempted }) => preempted)),
  }));
}

/** What the machine did between two readings; undefined where the system does not tell. */
export function machineFigures(
  before: MachineReading,
  after: MachineReading,
  threads: readonly ThreadFigures[] | undefined,
): MachineFigures | undefined {
  const [a, b] = [before.ticks, after.ticks];
  if (a === undefined || b === undefined || threads === undefined) return undefined;
  const total = b.total - a.total;
  const share = (ticks: number): number => (total > 0 ? (100 * ticks) / total : 0);
  return {
    cores: after.cores,
    busyPct: 100 - share(b.idle - a.idle),
    ownPct: threads.reduce((all, { cpuPct }) => all + cpuPct, 0) / after.cores,
    stealPct: share(b.steal - a.steal),
    loadAverage: after.loadAverage,
  };
}

function nameOf(name: string): string {
  if (OURS.test(name)) return name;
  const kind = KINDS.find(([pattern]) => pattern.test(name))?.[1];
  return kind ?? name.replace(/[\s#-]*\d+$/, "");
}

/** A thread that was not there before began at nothing. */
function minus(later: ThreadReading, earlier: ThreadReading | undefined): ThreadReading {
  if (earlier === undefined) return later;
  const less = (a: number | undefined, b: number | undefined) =>
    a === undefined || b === undefined ? undefined : Math.max(0, a - b);
  return {
    ...later,
    cpuNs: Math.max(0, later.cpuNs - earlier.cpuNs),
    queuedNs: less(later.queuedNs, earlier.queuedNs),
    preempted: less(later.preempted, earlier.preempted),
  };
}

function sum(values: readonly (number | undefined)[]): number | undefined {
  return values.reduce(
    (all, value) => (all === undefined || value === undefined ? undefined : all + value),
    0,
  );
}

function percent(part: number | undefined, ofNs: number): number | undefined {
  return part === undefined ? undefined : (100 * part) / ofNs;
}
