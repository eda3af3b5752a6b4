import { expect, test } from "bun:test";
import { type NativeState, nativeState } from "#ffi";

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

test("the state is a fact or a reason", () => {
  const state = nativeState();
  expect(state.loaded).toBe(state.reason === undefined);
});

test("AIPERF_NATIVE=0 keeps the core out and says so", () => {
  const state = stateUnder({ AIPERF_NATIVE: "0" });
  expect(state.loaded).toBe(false);
  expect(state.reason).toContain("AIPERF_NATIVE=0");
});
