// How long the way to the server and back is: a fresh TCP connection every so often while the run
// goes, from the thread that has nothing else to do. One that fails is noted and harms nothing.

import type { NetworkLatencyPlan } from "#config";
import { type Epoch, messageOf, NS_PER_MS, wallNs } from "#core";
import type { Target } from "#endpoint";
import { threadClock } from "#ffi";
import type { Window } from "#metrics";

/** One attempt; `rttNs` is NaN where it failed. */
export interface Probe {
  readonly atNs: number;
  readonly host: string;
  readonly port: number;
  readonly rttNs: number;
  readonly error: string | undefined;
}

export interface Probing {
  /** Ends it; the attempts so far. */
  stop(): readonly Probe[];
}

const GIVE_UP_MS = 2_000;

/** Begins to try the first target again and again; undefined where nothing is to be measured. */
export function startProbing(
  plan: NetworkLatencyPlan | undefined,
  { host, port }: Target,
): Probing | undefined {
  if (plan?.kind !== "measured") return undefined;
  const now = threadClock();
  const probes: Probe[] = [];
  let busy = false;
  const attempt = async (): Promise<void> => {
    if (busy) return;
    busy = true;
    probes.push(await probe(host, port, now));
    busy = false;
  };
  void attempt();
  const timer = setInterval(attempt, plan.everyNs / NS_PER_MS);
  timer.unref();
  return {
    stop() {
      clearInterval(timer);
      return probes;
    },
  };
}

async function probe(host: string, port: number, now: () => number): Promise<Probe> {
  const atNs = now();
  const failed = (error: string): Probe => ({ atNs, host, port, rttNs: Number.NaN, error });
  try {
    let openNs = Number.NaN;
    const connecting = Bun.connect({
      hostname: host,
      port,
      socket: {
        open(socket) {
          openNs = now();
          socket.terminate();
        },
        data() {},
      },
    });
    const inTime = await Promise.race([
      connecting.then(() => true),
      Bun.sleep(GIVE_UP_MS).then(() => false),
    ]);
    if (inTime) return { atNs, host, port, rttNs: openNs - atNs, error: undefined };
    connecting.then((socket) => socket.terminate()).catch(() => {});
    return failed(`no connection within ${GIVE_UP_MS} ms`);
  } catch (error) {
    return failed(messageOf(error));
  }
}

/** The mean round trip of the attempts within a window that succeeded; undefined when none did. */
export function meanRttNs(probes: readonly Probe[], window: Window): number | undefined {
  const inside = probes.filter(
    ({ atNs, rttNs }) => atNs >= window.startNs && atNs <= window.endNs && !Number.isNaN(rttNs),
  );
  if (inside.length === 0) return undefined;
  return inside.reduce((sum, { rttNs }) => sum + rttNs, 0) / inside.length;
}

/** The text of profile_export_network_latency.jsonl. */
export function probeLines(probes: readonly Probe[], epoch: Epoch): string {
  return probes
    .map(({ atNs, host, port, rttNs, error }) => {
      const place = `"host":${JSON.stringify(host)},"port":${port}`;
      const found =
        error === undefined ? `"rtt_ns":${Math.round(rttNs)}` : `"error":${JSON.stringify(error)}`;
      return `{"timestamp_ns":${wallNs(epoch, atNs)},${place},${found}}\n`;
    })
    .join("");
}
