// Limits of the machine that would falsify a run are looked at before anything is sent.

import { existsSync, readFileSync } from "node:fs";
import type { LoadPlan, Plan } from "#config";
import { fail } from "#core";
import { raiseDescriptorLimit, restartProcess } from "#ffi";

/** Descriptors that are not connections: files, threads' pipes, the terminal. */
const DESCRIPTOR_RESERVE = 50;
/** Bun's `fetch` queues above this many requests at once, unless told otherwise at its start. */
const FETCH_REQUESTS_MAX = 256;
const FETCH_LIMIT = "BUN_CONFIG_MAX_HTTP_REQUESTS";

/** More than this `fetch` never holds. */
const FETCH_REQUESTS_LIMIT = 65_000;

/** Most requests that a load has in flight at once; undefined where only the replies decide that. */
function atOnce(load: LoadPlan): number | undefined {
  return load.concurrency?.limit ?? (load.kind === "users" ? load.users : undefined);
}

/** Most requests that a plan has in flight at once, as far as the plan limits them. */
export function requestsAtOnce(plan: Pick<Plan, "phases">): number {
  return Math.max(...plan.phases.map(({ load }) => atOnce(load) ?? 1));
}

/**
 * Raises the limit on open files as far as needed.
 * @throws E_DESCRIPTORS when the system does not allow enough of them
 */
export function checkDescriptors(plan: Plan): void {
  const needed = requestsAtOnce(plan) + DESCRIPTOR_RESERVE;
  const limit = raiseDescriptorLimit();
  if (limit === undefined || limit.soft >= needed) return;
  fail(
    "E_DESCRIPTORS",
    `${requestsAtOnce(plan)} requests at once need ${needed} file descriptors, and the limit is ${limit.soft}`,
    `raise it (ulimit -n ${needed}), or lower --concurrency to ${limit.soft - DESCRIPTOR_RESERVE}`,
  );
}

const PORT_RANGE_FILE = "/proc/sys/net/ipv4/ip_local_port_range";
/** Share of the ports that a run may count on: others use some, and closed ones rest a minute. */
const PORTS_USABLE = 0.95;

/** Local ports of one address, by the text of Linux's ip_local_port_range. */
export function portsInRange(text: string): number | undefined {
  const range = /^(\d+)\s+(\d+)/.exec(text);
  return range === null ? undefined : Number(range[2]) - Number(range[1]) + 1;
}

/**
 * Sees that there are local ports for all connections: one for each pair of a local address and a
 * server's.
 * @throws E_PORTS
 */
export function checkPorts(plan: Plan): void {
  const needed = requestsAtOnce(plan);
  const sources = Math.max(1, plan.endpoint.sources.length);
  const inRange = existsSync(PORT_RANGE_FILE)
    ? portsInRange(readFileSync(PORT_RANGE_FILE, "utf8"))
    : undefined;
  if (inRange === undefined) return;
  const usable = Math.floor(inRange * PORTS_USABLE) * sources * plan.endpoint.urls.length;
  if (needed <= usable) return;
  fail(
    "E_PORTS",
    `${needed} requests at once need as many local ports, and there are ${usable}`,
    "pass --source-ip with more addresses of this machine, widen net.ipv4.ip_local_port_range, or lower --concurrency",
  );
}

/** Starts the process anew with a higher limit when `fetch` would queue what the plan sends. */
export function liftFetchLimit(plan: Plan, env: NodeJS.ProcessEnv, isCompiled: boolean): void {
  const isOpen = plan.phases.some(({ load }) => atOnce(load) === undefined);
  const needed = isOpen ? FETCH_REQUESTS_LIMIT : requestsAtOnce(plan);
  if (plan.endpoint.transport !== "fetch" || needed <= FETCH_REQUESTS_MAX) return;
  if (Number(env[FETCH_LIMIT] ?? 0) >= needed) return;
  const args = process.argv.slice(isCompiled ? 2 : 1);
  restartProcess(process.execPath, [process.execPath, ...args], { [FETCH_LIMIT]: String(needed) });
  fail(
    "E_FETCH_LIMIT",
    `--transport fetch holds at most ${FETCH_REQUESTS_MAX} requests at once`,
    `set ${FETCH_LIMIT}=${needed}, or leave out --transport fetch`,
  );
}
