// Before the load begins, a worker sends to itself. The first requests of a run would otherwise
// find code that has never run, and be several times slower to write than the later ones: with a
// hundred replies that end together, the last of them waits milliseconds for its stamp. It happens
// while the main thread makes the prompts, and nothing leaves the process.

import type { EndpointPlan, PhasePlan } from "#config";
import { type Clock, NS_PER_MS } from "#core";
import { headerRows, targetOf } from "#endpoint";
import { createRing, ringReader, ringWriter } from "#ring";
import { createControl, phaseControl } from "./control.ts";
import { Pump } from "./pump.ts";
import { spendCredits } from "./spend.ts";
import { packBodies, readBodies } from "./store.ts";
import { socketTransport } from "./transport/socket.ts";
import type { TransportOptions } from "./transport/transport.ts";
import { wireTransport } from "./transport/wire.ts";
import { loopWaits } from "./wait.ts";

const DURATION_NS = 80 * NS_PER_MS;
const SLOTS = 8;
const BODY_BYTES = 4096;
/** What closes a body and occurs nowhere else in a request. */
const BODY_END = "}".charCodeAt(0);
const REPLY_CHUNKS = 4;

const PHASE: PhasePlan = {
  name: "rehearsal",
  kind: "warmup",
  load: { kind: "concurrency", concurrency: { limit: SLOTS, rampNs: 0 } },
  prefill: undefined,
  cancellation: undefined,
  failedShareMax: undefined,
  requestCount: undefined,
  sessionCount: undefined,
  durationNs: DURATION_NS,
  graceNs: DURATION_NS,
};

/** Runs a short load against a server of canned replies in this very thread. */
export async function rehearse(endpoint: EndpointPlan, now: Clock): Promise<void> {
  const server = openServer();
  if (server === undefined) return;
  const options: TransportOptions = {
    now,
    headers: headerRows(endpoint),
    insecure: false,
    freshConnections: false,
  };
  const targets = [targetOf(`http://127.0.0.1:${server.port}`, "/")];
  const ring = createRing(2 ** 20);
  const isPlain = endpoint.urls.every((url) => new URL(url).protocol === "http:");
  const wire = isPlain ? wireTransport(ring, targets, options) : undefined;
  // The server is on this very thread: its turns must not wait.
  const pump = new Pump({ now, earlyNs: 0, sliceNs: 0 });
  if (wire !== undefined) pump.start(wire);
  const transport = wire ?? socketTransport(options);
  const reader = ringReader(ring);
  const control = phaseControl(createControl(1), 0);
  control.startNs = now();
  const { promise, resolve } = Promise.withResolvers<void>();
  const spending = spendCredits({
    phase: PHASE,
    phaseIndex: 0,
    control,
    worker: 0,
    workers: 1,
    endpoint,
    sampling: "sequential",
    seed: 0,
    waits: wire === undefined ? loopWaits(now) : pump,
    targets,
    bodies: readBodies(rehearsalStore()),
    ring: ringWriter(ring),
    transport,
    now,
    requestTimeoutNs: Number.POSITIVE_INFINITY,
    newId: () => crypto.randomUUID(),
    ringBell: () => reader.drain(() => {}, Number.POSITIVE_INFINITY),
    done: () => resolve(),
  });
  const giveUp = setTimeout(
    () => spending.withdraw({ type: "Rehearsal", message: "over" }),
    (2 * DURATION_NS) / NS_PER_MS,
  );
  await promise;
  clearTimeout(giveUp);
  pump.stop();
  transport.close();
  server.stop(true);
}

function rehearsalStore() {
  const turn = {
    role: "user",
    texts: [],
    model: "",
    maxTokens: undefined,
    inputTokens: undefined,
    delayNs: 0,
    timestampNs: undefined,
  };
  const session = { id: "", systemText: undefined, userContextText: undefined, turns: [turn] };
  return packBodies([{ session, bodies: [`${"x".repeat(BODY_BYTES)}}`] }]);
}

/** A server that answers each request with a short stream, a piece at a time. */
function openServer() {
  const event = 'data: {"choices":[{"index":0,"delta":{"content":" word"}}]}\n\n';
  const chunk = `${event.length.toString(16)}\r\n${event}\r\n`;
  const head =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
  const end = "0\r\n\r\n";
  try {
    return Bun.listen({
      hostname: "127.0.0.1",
      port: 0,
      socket: {
        data(socket, bytes) {
          if (bytes[bytes.length - 1] !== BODY_END) return;
          socket.write(head + chunk);
          for (let i = 1; i < REPLY_CHUNKS; i++) socket.write(chunk);
          socket.write(end);
        },
      },
    });
  } catch {
    return undefined;
  }
}
