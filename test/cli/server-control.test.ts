// Calls to a server around the load: which, in what order, and what becomes of a refusal.

import { expect, test } from "bun:test";
import { AiperfError } from "#core";
import { resetCaches, startProfilers, stopProfilers } from "../../src/cli/server-control.ts";
import { planOf } from "../config/context.ts";

/** A world in which calls are answered by a list of statuses, and time passes by itself. */
function world(statuses: readonly (number | "down")[] = []) {
  const called: string[] = [];
  const troubles: string[] = [];
  let clockMs = 0;
  return {
    called,
    troubles,
    deps: {
      async fetch(url: string, init: BunFetchRequestInit): Promise<Response> {
        const status = statuses[called.length] ?? 200;
        called.push(`${init.method} ${url}`);
        if (status === "down") throw new Error("refused");
        return new Response("", { status });
      },
      nowMs: () => clockMs,
      sleep: async (ms: number) => {
        clockMs += ms;
      },
      onTrouble: (message: string) => {
        troubles.push(message);
      },
    },
  };
}

async function refusalOf(work: Promise<void>): Promise<AiperfError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(AiperfError);
  return error as AiperfError;
}

test("nothing is called that was not asked for", async () => {
  const { called, deps } = world();
  const plan = planOf("");
  await resetCaches(plan, deps);
  await startProfilers(plan, deps);
  await stopProfilers(plan, deps);
  expect(called).toEqual([]);
});

test("every server empties its cache, at the path before its API's", async () => {
  const { called, deps } = world();
  const urls = "--url http://a:1/v1,http://b:2/base/v1,http://a:1";
  await resetCaches(planOf(`--reset-kv-cache ${urls}`), deps);
  expect(called).toEqual([
    "POST http://a:1/reset_prefix_cache",
    "POST http://b:2/base/reset_prefix_cache",
  ]);
});

test("a busy server is asked again", async () => {
  const { called, deps } = world([503, "down", 200]);
  await resetCaches(planOf("--reset-kv-cache --reset-kv-cache-path /x"), deps);
  expect(called).toEqual(new Array(3).fill("POST http://localhost:8000/x"));
});

test("one that refuses is not, and the run fails", async () => {
  const { called, deps } = world([404]);
  const error = await refusalOf(resetCaches(planOf("--reset-kv-cache"), deps));
  expect(error.code).toBe("E_RESET_CACHE");
  expect(error.message).toContain("/reset_prefix_cache answers 404");
  expect(called).toHaveLength(1);
});

test("one that stays busy fails when its time is over", async () => {
  const { called, deps } = world(new Array(99).fill(503));
  const line = "--reset-kv-cache --reset-kv-cache-timeout-seconds 2";
  const error = await refusalOf(resetCaches(planOf(line), deps));
  expect(error.message).toContain("answers 503, for 2 s");
  expect(called).toHaveLength(4);
});

test("profilers are turned on and off where the servers are", async () => {
  const { called, deps } = world();
  const plan = planOf("--server-profiler --url http://a:1/v1,http://b:2");
  await startProfilers(plan, deps);
  await stopProfilers(plan, deps);
  expect(called).toEqual([
    "POST http://a:1/start_profile",
    "POST http://b:2/start_profile",
    "POST http://a:1/stop_profile",
    "POST http://b:2/stop_profile",
  ]);
});

test("where one cannot be turned on, all are turned off, and the run fails", async () => {
  const { called, troubles, deps } = world([200, 404]);
  const plan = planOf("--server-profiler --url http://a:1,http://b:2");
  const error = await refusalOf(startProfilers(plan, deps));
  expect(error.code).toBe("E_SERVER_PROFILER");
  expect(called.slice(2)).toEqual(["POST http://a:1/stop_profile", "POST http://b:2/stop_profile"]);
  expect(troubles).toEqual([]);
});

test("one that cannot be turned off ends nothing", async () => {
  const { troubles, deps } = world([404]);
  await stopProfilers(planOf("--server-profiler"), deps);
  expect(troubles).toEqual([expect.stringContaining("/stop_profile answers 404")]);
});
