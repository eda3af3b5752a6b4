// Names to addresses, once, before anything is timed: a look-up must not hide in somebody's TTFT.
// Of several addresses the first that answers is taken, IPv4 before IPv6.

import { lookup } from "node:dns/promises";
import type { Target } from "#endpoint";

const PROBE_MS = 2_000;

/** The target with its name replaced by an address; as it was when the name cannot be resolved. */
export async function resolveTarget(target: Target): Promise<Target> {
  let addresses: readonly string[];
  try {
    const found = await lookup(target.host, { all: true, verbatim: true });
    const byFamily = found.sort((a, b) => a.family - b.family);
    addresses = [...new Set(byFamily.map(({ address }) => address))];
  } catch {
    return target;
  }
  for (const address of addresses.slice(0, 4)) {
    if (addresses.length === 1 || (await answers(address, target.port)))
      return { ...target, host: address };
  }
  return addresses.length === 0 ? target : { ...target, host: addresses[0]! };
}

async function answers(hostname: string, port: number): Promise<boolean> {
  const connecting = Bun.connect({ hostname, port, socket: { data() {} } });
  const timeout = Bun.sleep(PROBE_MS).then(() => undefined);
  const socket = await Promise.race([connecting.catch(() => undefined), timeout]);
  connecting.then((late) => late.terminate()).catch(() => {});
  return socket !== undefined;
}
