// Asks for priorities in a process of its own, whose threads nobody else needs: the other side of
// threads.test.ts. Prints one line of JSON.

import { readdirSync, readFileSync } from "node:fs";
import { goBeforeOtherThreads, lowerThreads, setTimeSliceNs, yieldToOtherThreads } from "#ffi";

/** Niceness and policy of all threads of this process, by /proc: fields 19 and 41 of `stat`. */
function threads() {
  return readdirSync("/proc/self/task").map((id) => {
    const stat = readFileSync(`/proc/self/task/${id}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const name = stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")"));
    return { id, name, niceness: Number(fields[16]), policy: Number(fields[38]) };
  });
}

/** What an act answers, and what it changes: of this thread, and of those of a name. */
function around(act: () => unknown, name?: string) {
  const before = threads();
  const answer = act() ?? null;
  const after = threads();
  const isMeant = (thread: (typeof before)[number]) =>
    name === undefined ? thread.id === `${process.pid}` : thread.name === name;
  const others = before.filter((thread) => !isMeant(thread));
  return {
    answer,
    before: before.filter(isMeant),
    after: after.filter(isMeant),
    // A thread may have ended meanwhile, or begun; none of the others has changed.
    isAlone: others.every(({ id, niceness }) => {
      const now = after.find((thread) => thread.id === id);
      return now === undefined || now.niceness === niceness;
    }),
  };
}

/** Threads that the runtime has made, all of one name. */
function lower() {
  const others = threads().filter(({ id }) => id !== `${process.pid}`);
  const { name } = others.find((thread) => thread.name.startsWith("Heap")) ?? others[0]!;
  return around(() => lowerThreads(new RegExp(`^${name}\\n$`), 4), name);
}

function anything(): string {
  lowerThreads(/no thread has this name/, 5);
  for (const ns of [0, 1, 1e5, 1e12]) setTimeSliceNs(ns);
  for (const steps of [0, -100, 100, 1.5, Number.NaN]) {
    goBeforeOtherThreads(steps);
    yieldToOtherThreads(steps);
  }
  return "nothing was thrown";
}

const TASKS: Record<string, () => unknown> = {
  yield: () => around(() => yieldToOtherThreads(3)),
  "go before": () => around(() => goBeforeOtherThreads(2)),
  slice: () => around(() => setTimeSliceNs(1e5)),
  lower,
  anything,
};
console.log(JSON.stringify(TASKS[process.argv[2]!]!()));
