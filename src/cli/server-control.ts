// What a server is told around the load: to empty its cache, to turn its profiler on and off. These
// are requests of the program, not of the load, and a run that depends on them fails with them.

import type { ControlCall, Plan } from "#config";
import { fail, messageOf, NS_PER_MS, NS_PER_S } from "#core";
import { CORRELATION_ID, headerRows, REQUEST_ID } from "#endpoint";

export interface ControlDeps {
  readonly fetch: (url: string, init: BunFetchRequestInit) => Promise<Response>;
  readonly nowMs: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Told of what went wrong where that ends nothing. */
  readonly onTrouble: (message: string) => void;
}

type Asked = Pick<Plan, "endpoint" | "control">;

const RETRY_MS = 500;

/** Statuses of a server that may yet do what it was told. */
const BUSY = new Set([408, 425, 429, 500, 502, 503, 504]);

/**
 * Has every server empty its cache; one that is busy is asked again for as long as the plan allows.
 * @throws E_RESET_CACHE when one of them does not
 */
export async function resetCaches(plan: Asked, deps: ControlDeps): Promise<void> {
  const { resetCache } = plan.control;
  if (resetCache === undefined) return;
  for (const url of addresses(plan, resetCache, basePath)) {
    const reason = await callUntilDone(url, resetCache, plan, deps);
    if (reason !== undefined)
      fail("E_RESET_CACHE", `the cache was not emptied: ${reason}`, "see --reset-kv-cache-path");
  }
}

/**
 * Turns every server's profiler on; where one fails, those that are on are turned off again.
 * @throws E_SERVER_PROFILER when one of them does not
 */
export async function startProfilers(plan: Asked, deps: ControlDeps): Promise<void> {
  const { profiler } = plan.control;
  if (profiler === undefined) return;
  for (const url of addresses(plan, profiler.start, () => "")) {
    const reason = await callUntilDone(url, profiler.start, plan, deps);
    if (reason === undefined) continue;
    await stopProfilers(plan, { ...deps, onTrouble: () => {} });
    const wayOut = "start the server with its profiler, or see --server-profiler-start-path";
    fail("E_SERVER_PROFILER", `the server's profiler was not started: ${reason}`, wayOut);
  }
}

/** Turns every server's profiler off; one that fails is told of, and ends nothing. */
export async function stopProfilers(plan: Asked, deps: ControlDeps): Promise<void> {
  const { profiler } = plan.control;
  if (profiler === undefined) return;
  for (const url of addresses(plan, profiler.stop, () => "")) {
    const reason = await callUntilDone(url, profiler.stop, plan, deps);
    if (reason !== undefined)
      deps.onTrouble(`the server's profiler may still be on: ${reason}; see its log`);
  }
}

/** One address a server, however many of the plan's URLs lead to it. */
function addresses(
  { endpoint }: Asked,
  { path }: ControlCall,
  before: (url: URL) => string,
): ReadonlySet<string> {
  return new Set(
    endpoint.urls.map((text) => {
      const url = new URL(text);
      return url.origin + before(url) + path;
    }),
  );
}

/** What stands before a server's paths; `/v1` is only before those of its API. */
function basePath({ pathname }: URL): string {
  return pathname.replace(/\/+$/, "").replace(/\/v1$/, "");
}

/** Why the call failed; undefined when it did what it should. */
async function callUntilDone(
  url: string,
  { timeoutNs }: ControlCall,
  plan: Asked,
  deps: ControlDeps,
): Promise<string | undefined> {
  const untilMs = deps.nowMs() + timeoutNs / NS_PER_MS;
  for (;;) {
    const { reason, isFinal } = await call(url, plan, deps, untilMs - deps.nowMs());
    if (reason === undefined || isFinal) return reason;
    if (deps.nowMs() + RETRY_MS >= untilMs) return `${reason}, for ${timeoutNs / NS_PER_S} s`;
    await deps.sleep(RETRY_MS);
  }
}

async function call(
  url: string,
  { endpoint }: Asked,
  { fetch }: ControlDeps,
  timeoutMs: number,
): Promise<{ readonly reason: string | undefined; readonly isFinal: boolean }> {
  const headers = new Headers();
  for (const [name, value] of headerRows(endpoint))
    if (value !== REQUEST_ID && value !== CORRELATION_ID && !/^content-type$/i.test(name))
      headers.set(name, value as string);
  try {
    const reply = await fetch(url, {
      method: "POST",
      headers,
      signal: AbortSignal.timeout(Math.max(1, timeoutMs)),
      tls: { rejectUnauthorized: !endpoint.insecure },
    });
    await reply.arrayBuffer();
    if (reply.ok) return { reason: undefined, isFinal: true };
    return { reason: `${url} answers ${reply.status}`, isFinal: !BUSY.has(reply.status) };
  } catch (error) {
    return { reason: `${url} does not answer: ${messageOf(error)}`, isFinal: false };
  }
}
