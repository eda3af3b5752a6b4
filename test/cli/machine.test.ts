// /proc by literal files, and once by the real ones.

import { expect, test } from "bun:test";
import { threadCpuNs } from "#ffi";
import { machineFigures, threadFigures } from "../../src/cli/machine.ts";
import { type Proc, readMachine } from "../../src/cli/proc.ts";

/** A process of four threads; what is left out of `files` is not there. */
function procOf(files: { readonly [path: string]: string }): Proc {
  return {
    read: (path) => files[path],
    list: (path) => {
      const below = Object.keys(files).filter((file) => file.startsWith(`${path}/`));
      const names = new Set(below.map((file) => file.slice(path.length + 1).split("/")[0]!));
      return names.size === 0 ? undefined : [...names];
    },
  };
}

function thread(id: number, name: string, cpuMs: number, queuedMs: number, preempted: number) {
  const at = `/proc/self/task/${id}`;
  const ticks = cpuMs / 10;
  return {
    [`${at}/stat`]: `${id} (${name}) S 1 2 3 0 -1 4 0 0 0 0 ${ticks} 0 0 0 20 0 9 0 7 0\n`,
    [`${at}/schedstat`]: `${cpuMs * 1e6} ${queuedMs * 1e6} 77\n`,
    [`${at}/status`]: `Name:\tx\nvoluntary_ctxt_switches:\t9\nnonvoluntary_ctxt_switches:\t${preempted}\n`,
  };
}

const BEFORE = {
  ...thread(10, "aiperf", 100, 1, 1),
  ...thread(11, "worker 0", 50, 2, 2),
  ...thread(12, "Bun Pool 0", 5, 0, 0),
  "/proc/stat": "cpu  100 10 40 800 20 0 10 20 0 0\ncpu0 9 9 9 9 9 9 9 9 9 9\n",
  "/proc/net/sockstat":
    "sockets: used 9\nTCP: inuse 7 orphan 0 tw 5 alloc 9 mem 1\nUDP: inuse 2 mem 0\n",
  "/proc/sys/net/ipv4/ip_local_port_range": "32768\t60999\n",
  "/proc/self/fd/0": "",
  "/proc/self/fd/1": "",
  "/proc/self/fd/9": "",
};
const AFTER = {
  ...BEFORE,
  ...thread(10, "aiperf", 110, 1, 1),
  ...thread(11, "worker 0", 750, 102, 32),
  ...thread(12, "Bun Pool 0", 10, 0, 0),
  ...thread(13, "Bun Pool 1", 20, 5, 1),
  ...thread(14, "HeapHelper", 10, 0, 0),
  ...thread(15, "ollector Thread", 10, 0, 0),
  "/proc/stat": "cpu  180 10 60 840 20 0 10 80 0 0\n",
};

test("shares of threads, of the machine and of others", () => {
  const before = readMachine(1e9, procOf(BEFORE));
  const after = readMachine(2e9, procOf(AFTER));
  expect(after).toMatchObject({ descriptors: 2, ports: 12, portsMax: 28_232 });
  const threads = threadFigures(before, after, 10);
  expect(threads).toEqual([
    { name: "main", cpuPct: 1, queuedPct: 0, preempted: 0 },
    { name: "worker 0", cpuPct: 70, queuedPct: 10, preempted: 30 },
    { name: "Bun Pool", cpuPct: 2.5, queuedPct: 0.5, preempted: 1 },
    { name: "garbage collection", cpuPct: 2, queuedPct: 0, preempted: 0 },
  ]);
  // 200 ticks: 40 idle, 60 stolen.
  expect(machineFigures(before, { ...after, cores: 2 }, threads)).toMatchObject({
    ...{ cores: 2, busyPct: 80, stealPct: 30, ownPct: 37.75 },
  });
});

test("a kernel without scheduler statistics still tells the CPU time, in ticks", () => {
  const without = Object.fromEntries(
    Object.entries(BEFORE).filter(([path]) => !/schedstat|status/.test(path)),
  );
  const { threads } = readMachine(0, procOf(without));
  expect(threads![0]).toEqual({
    ...{ id: 10, name: "aiperf", cpuNs: 100e6, queuedNs: undefined, preempted: undefined },
  });
});

test("where there is no /proc, nothing is 0", () => {
  const none = readMachine(0, procOf({}));
  expect(none).toMatchObject({
    ...{ threads: undefined, ticks: undefined, descriptors: undefined, ports: undefined },
  });
  expect(threadFigures(none, none, 1)).toBeUndefined();
  expect(machineFigures(none, none, undefined)).toBeUndefined();
});

test("the CPU time that Linux tells of this thread is what the C library tells", () => {
  if (process.platform !== "linux") return;
  const earliest = threadCpuNs()!;
  const main = readMachine(0).threads!.find(({ id }) => id === process.pid);
  // The kernel may bring its own account up to date a tick late.
  expect(main!.cpuNs).toBeGreaterThan(earliest - 20e6);
  expect(main!.cpuNs).toBeLessThan(threadCpuNs()! + 20e6);
});
