// How long the way to each server and back is: a fresh TCP connection every so often while the run
// goes, from the thread that has nothing else to do. One that fails is noted and harms nothing.

import type { NetworkLatencyPlan } from "#config";
import { type Epoch, messageOf, NS_PER_MS, redactUrl, wallNs } from "#core";
import type { Target } from "#endpoint";
import { threadClock } from "#ffi";
import type { Window } from "#metrics";

/** One attempt; `rttNs` is NaN where it failed. */
export interface Probe {
  readonly atNs: number;
  readonly target: Target;
  readonly rttNs: number;
  readonly error: ProbeError | undefined;
}

export interface ProbeError {
  readonly type: string;
  readonly message: string;
}

export interface Probing {
  /** Ends it; the attempts so far. */
  stop(): readonly Probe[];
}

const GIVE_UP_MS = 2_000;

/** Begins to try every server again and again; undefined where nothing is to be measured. */
export function startProbing(
  plan: NetworkLatencyPlan | undefined,
  targets: readonly Target[],
): Probing | undefined {
  if (plan?.kind !== "measured") return undefined;
  const now = threadClock();
  const probes: Probe[] = [];
  const timers = serversOf(targets).map((target) => {
    let isBusy = false;
    const attempt = async (): Promise<void> => {
      if (isBusy) return;
      isBusy = true;
      probes.push(await probe(target, now));
      isBusy = false;
    };
    // The first attempt runs code that has never run, which takes longer than many a way.
    void probe(target, now).then(attempt);
    return setInterval(attempt, plan.everyNs / NS_PER_MS).unref();
  });
  return {
    stop() {
      for (const timer of timers) clearInterval(timer);
      return probes;
    },
  };
}

/** URLs of one host and port are one server, at the end of one way. */
function serversOf(targets: readonly Target[]): readonly Target[] {
  return [...new Map(targets.map((target) => [`${target.host} ${target.port}`, target])).values()];
}

async function probe(target: Target, now: () => number): Promise<Probe> {
  const atNs = now();
  const failed = (error: ProbeError): Probe => ({ atNs, target, rttNs: Number.NaN, error });
  try {
    let openNs = Number.NaN;
    const connecting = Bun.connect({
      hostname: target.host,
      port: target.port,
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
    if (inTime) return { atNs, target, rttNs: openNs - atNs, error: undefined };
    connecting.then((socket) => socket.terminate()).catch(() => {});
    return failed({ type: "Timeout", message: `no connection within ${GIVE_UP_MS} ms` });
  } catch (error) {
    return failed({ type: typeOf(error), message: messageOf(error) });
  }
}

/** The system's name for what went wrong, such as ECONNREFUSED. */
function typeOf(error: unknown): string {
  if (!(error instanceof Error)) return "Error";
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
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
    .map(({ atNs, target, rttNs, error }) => {
      const told = JSON.stringify({
        target_url: redactUrl(target.url),
        target_host: target.serverName,
        target_port: target.port,
        probe_type: "tcp_connect",
        ...(error === undefined
          ? { rtt_ns: Math.round(rttNs), success: true }
          : { success: false, error }),
      });
      return `{"timestamp_ns":${wallNs(epoch, atNs)},${told.slice(1)}\n`;
    })
    .join("");
}
