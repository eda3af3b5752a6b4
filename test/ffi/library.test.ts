import { dlopen } from "bun:ffi";
import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { type NativeState, nativeState } from "#ffi";

import { pathInMemory } from "../../src/ffi/memory.ts";

const ROOT = `${import.meta.dir}/../..`;
const CORE = `${ROOT}/dist/native/core.lib`;

/** What a process of its own says of the core, under the environment given. */
function stateUnder(env: Record<string, string>): NativeState {
  const ask = `import { nativeState } from "#ffi"; console.log(JSON.stringify(nativeState()));`;
  const { stdout, stderr } = Bun.spawnSync([process.execPath, "-e", ask], {
    cwd: import.meta.dir,
    env: { ...process.env, ...env },
  });
  expect(stderr.toString()).toBe("");
  return JSON.parse(stdout.toString());
}

test("is in use where it has been built", () => {
  expect(stateUnder({ AIPERF_NATIVE: "1" }).loaded).toBe(existsSync(CORE));
});

test("expects the version of the core that core.h states", () => {
  const read = (path: string) => readFileSync(`${ROOT}/${path}`, "utf8");
  const stated = /#define CORE_ABI (\d+)/.exec(read("native/core.h"))?.[1];
  expect(stated).toBeDefined();
  expect(read("src/ffi/library.ts")).toContain(`const ABI = ${stated};`);
});

test.if(process.platform === "linux" && existsSync(CORE))("opens from memory as well", () => {
  const path = pathInMemory(CORE)!;
  expect(path).toStartWith("/proc/self/fd/");
  expect(readFileSync(path).equals(readFileSync(CORE))).toBe(true);
  const { symbols } = dlopen(path, { core_abi: { args: [], returns: "i32" } });
  expect(symbols.core_abi()).toBeGreaterThan(0);
});

test("the state is a fact or a reason", () => {
  const state = nativeState();
  expect(state.loaded).toBe(state.reason === undefined);
});

test("AIPERF_NATIVE=0 keeps the core out and says so", () => {
  const state = stateUnder({ AIPERF_NATIVE: "0" });
  expect(state.loaded).toBe(false);
  expect(state.reason).toContain("AIPERF_NATIVE=0");
});
