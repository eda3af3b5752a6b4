import { expect, test } from "bun:test";
import { threadClock } from "#ffi";
import { rehearse } from "../../src/engine/rehearsal.ts";
import { endpointPlan } from "../endpoint/make.ts";

const endpoint = endpointPlan({ headers: [["X-Odd", "}"]] });

test("a rehearsal ends by itself, in bounded time, and leaves nothing open", async () => {
  const door = `${import.meta.dir}/../../src/engine/rehearsal.ts`;
  const ffi = `${import.meta.dir}/../../src/ffi/index.ts`;
  const source = `import { endpointPlan } from "../endpoint/make.ts";
import { rehearse } from ${JSON.stringify(door)};
    import { threadClock } from ${JSON.stringify(ffi)};
    await rehearse(${JSON.stringify(endpoint)}, threadClock());
    console.log("over");`;
  const child = Bun.spawn([process.execPath, "-e", source], { stdout: "pipe", stderr: "pipe" });
  const killer = setTimeout(() => child.kill(), 15_000);
  expect(await child.exited).toBe(0);
  clearTimeout(killer);
  expect(await new Response(child.stdout).text()).toBe("over\n");
});

test("it may be held again in the same thread", async () => {
  await rehearse(endpoint, threadClock());
  await rehearse(endpoint, threadClock());
});
