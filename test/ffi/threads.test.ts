// Which thread goes first. What the system lets one do differs; that nothing is thrown does not.

import { expect, test } from "bun:test";

interface Thread {
  readonly id: string;
  readonly niceness: number;
  readonly policy: number;
}

/** What a task of priority_child.ts has changed. */
interface Change {
  readonly answer: true | null;
  readonly before: readonly Thread[];
  readonly after: readonly Thread[];
  readonly isAlone: boolean;
}

async function run<Answer = Change>(task: string): Promise<Answer> {
  const child = Bun.spawn([process.execPath, `${import.meta.dir}/priority_child.ts`, task], {
    stdout: "pipe",
    stderr: "inherit",
    timeout: 15_000,
  });
  const text = await new Response(child.stdout).text();
  expect(await child.exited).toBe(0);
  return JSON.parse(text);
}

const linux = test.if(process.platform === "linux");
const SCHED_BATCH = 3;

linux("a thread that yields is nicer, a batch, and alone in it", async () => {
  const { before, after, answer, isAlone } = await run("yield");
  const niceness = Math.min(19, before[0]!.niceness + 3);
  expect(answer).toBe(true);
  expect(after).toEqual([{ ...before[0]!, niceness, policy: SCHED_BATCH }]);
  expect(isAlone).toBe(true);
});

linux("a thread goes before others where it may, and otherwise stays where it is", async () => {
  const { before, after, answer, isAlone } = await run("go before");
  const niceness = Math.max(-20, before[0]!.niceness - 2);
  expect(after).toEqual(answer ? [{ ...before[0]!, niceness }] : before);
  expect(isAlone).toBe(true);
});

linux("a time slice leaves niceness and policy as they are", async () => {
  const { before, after, isAlone } = await run("slice");
  expect(after).toEqual(before);
  expect(isAlone).toBe(true);
});

linux("threads of a name are lowered, and no others", async () => {
  const { before, after, isAlone } = await run("lower");
  expect(before.length).toBeGreaterThan(0);
  expect(after).toEqual(before.map((one) => ({ ...one, niceness: one.niceness + 4 })));
  expect(isAlone).toBe(true);
});

test("nothing throws, whatever is asked", async () =>
  expect(await run<string>("anything")).toBe("nothing was thrown"));
