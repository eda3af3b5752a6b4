// Workers that spend credits over a transport. The thread itself is `worker.ts`; its address is
// made in main.ts, because a compiled program resolves addresses from its entry file.

export {
  COUNTERS,
  type ControlMemory,
  type Counter,
  createControl,
  type PhaseControl,
  phaseControl,
  wakeWorkers,
} from "./control.ts";
export type { ReplyHead } from "./head-reader.ts";
export { ReplyReader, type ReplySink, type ReplyState } from "./http1.ts";
export { openPulseReceiver, type PulseReceiver, type PulseReport, startPulses } from "./pulse.ts";
export {
  type BodyReader,
  type BodyStore,
  packBodies,
  readBodies,
} from "./store.ts";
export { fetchTransport } from "./transport/fetch.ts";
export { socketTransport } from "./transport/socket.ts";
export type {
  Exchange,
  Failure,
  FramedExchange,
  Transport,
  TransportCounts,
  TransportOptions,
} from "./transport/transport.ts";
export { type WireOptions, WireTransport, wireTransport } from "./transport/wire.ts";
export type { FromWorker, ToWorker, WorkerSetup } from "./worker.ts";
