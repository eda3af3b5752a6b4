// A thread that waits outside of Bun's loop, as a worker does: the other side of control.test.ts.

import { type ControlMemory, phaseControl, type TransportOptions, wireTransport } from "#engine";
import { threadClock } from "#ffi";
import { createRing } from "#ring";

declare const self: Worker;

const now = threadClock();
const OPTIONS: TransportOptions = { now, headers: [], insecure: false, freshConnections: false };
const PATIENCE_NS = 60e9;

const wire = wireTransport(createRing(2 ** 16), [], OPTIONS);

self.onmessage = ({ data }: MessageEvent<ControlMemory>) => {
  new Int32Array(data.workerBells)[1] = wire?.bell ?? 0;
  postMessage("waits");
  if (wire === undefined) return;
  const control = phaseControl(data, 0);
  const isEvent = wire.turn(now() + PATIENCE_NS);
  postMessage({ isEvent, hasRung: wire.hasRung, stopped: control.get("stopped") });
  wire.close();
};
