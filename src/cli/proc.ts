// What Linux tells about this process and its machine, in numbers as they are in /proc; see proc(5).
// Where a file is missing, in a container or on another system, its numbers are undefined.

import { readdirSync, readFileSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";

export interface ThreadReading {
  readonly id: number;
  readonly name: string;
  /** Time on a core, and time in which it could have run and had none. */
  readonly cpuNs: number;
  readonly queuedNs: number | undefined;
  readonly preempted: number | undefined;
}

/** Ticks of all cores, by what they did. */
export interface CoreTicks {
  readonly total: number;
  readonly idle: number;
  readonly steal: number;
}

export interface MachineReading {
  readonly atNs: number;
  readonly threads: readonly ThreadReading[] | undefined;
  readonly ticks: CoreTicks | undefined;
  readonly descriptors: number | undefined;
  /** TCP ports of this network namespace in use, those that wait to be forgotten included. */
  readonly ports: number | undefined;
  readonly portsMax: number | undefined;
  readonly cores: number;
  readonly loadAverage: number;
}

/** The files of /proc; a test brings its own. */
export interface Proc {
  read(path: string): string | undefined;
  list(path: string): readonly string[] | undefined;
}

export const LIVE_PROC: Proc = {
  read: (path) => attempt(() => readFileSync(path, "utf8")),
  list: (path) => attempt(() => readdirSync(path)),
};

const TASKS = "/proc/self/task";
const NS_PER_TICK = 1e7;

/** Reads everything once; takes about a millisecond. */
export function readMachine(nowNs: number, proc: Proc = LIVE_PROC): MachineReading {
  return {
    atNs: nowNs,
    threads: proc.list(TASKS)?.flatMap((id) => threadOf(id, proc) ?? []),
    ticks: ticksOf(proc.read("/proc/stat")),
    // One of them is the listing itself.
    descriptors: minusOne(proc.list("/proc/self/fd")?.length),
    ports: portsOf(proc.read("/proc/net/sockstat")),
    portsMax: portRange(proc.read("/proc/sys/net/ipv4/ip_local_port_range")),
    cores: availableParallelism(),
    loadAverage: loadavg()[0]!,
  };
}

/** A thread may end between the listing and the reading. */
function threadOf(id: string, proc: Proc): ThreadReading | undefined {
  const stat = proc.read(`${TASKS}/${id}/stat`);
  if (stat === undefined) return undefined;
  // The name is in parentheses and may contain them; the fields after it are numbers.
  const name = stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")"));
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = Number(fields[11]) + Number(fields[12]);
  const [cpu, queued] = numbers(proc.read(`${TASKS}/${id}/schedstat`));
  const preempted = /^nonvoluntary_ctxt_switches:\s*(\d+)/m.exec(
    proc.read(`${TASKS}/${id}/status`) ?? "",
  )?.[1];
  return {
    id: Number(id),
    name,
    // A kernel without these statistics gives zeros.
    cpuNs: cpu || ticks * NS_PER_TICK,
    queuedNs: cpu ? queued : undefined,
    preempted: preempted === undefined ? undefined : Number(preempted),
  };
}

function ticksOf(stat: string | undefined): CoreTicks | undefined {
  const line = /^cpu (.*)$/m.exec(stat ?? "")?.[1];
  if (line === undefined) return undefined;
  const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, soft = 0, steal = 0] =
    numbers(line);
  const total = user + nice + system + idle + wait + irq + soft + steal;
  return { total, idle: idle + wait, steal };
}

function portsOf(sockstat: string | undefined): number | undefined {
  const found = /^TCP: inuse (\d+) orphan \d+ tw (\d+)/m.exec(sockstat ?? "");
  return found === null ? undefined : Number(found[1]) + Number(found[2]);
}

function portRange(range: string | undefined): number | undefined {
  const [low, high] = numbers(range);
  return low === undefined || high === undefined ? undefined : high - low + 1;
}

function numbers(text: string | undefined): number[] {
  return text === undefined ? [] : text.trim().split(/\s+/).map(Number);
}

function minusOne(count: number | undefined): number | undefined {
  return count === undefined ? undefined : count - 1;
}

function attempt<Value>(act: () => Value): Value | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}
