// The door to the machine: the native core, the system's clock and limits.

export { isPreparedBpe, prepareBpe } from "./bpe/form.ts";
export { hasBpe } from "./bpe/symbols.ts";
export { BpeEncoder, openBpe } from "./bpe.ts";
export { clockFailure, epochNow, threadClock } from "./clock.ts";
export { checked } from "./codes.ts";
export { NANOSECONDS, type Resolution } from "./histogram/layout.ts";
export { Histogram } from "./histogram.ts";
export {
  type DescriptorLimit,
  descriptorLimit,
  monotonicNs,
  raiseDescriptorLimit,
  restartProcess,
  setTimerSlackNs,
  threadCpuNs,
} from "./libc.ts";
export { type NativeState, nativeState, openNative } from "./library.ts";
export { releaseCode } from "./pages.ts";
export {
  HOLES_MAX,
  type SegmentMemory,
  type StreamHole,
  type StreamLook,
  StreamShape,
  segmentMemory,
} from "./stream.ts";
export {
  goBeforeOtherThreads,
  lowerThreads,
  setTimeSliceNs,
  yieldToOtherThreads,
} from "./threads.ts";
export { type KernelTimer, openKernelTimer } from "./timer.ts";
export {
  type BodyTally,
  openWire,
  ringWireBell,
  WIRE_BELL,
  WIRE_CHUNKED,
  WIRE_CLOSED,
  WIRE_ENDED,
  WIRE_HEAD,
  WIRE_HEARD,
  WIRE_LENGTH,
  WIRE_MALFORMED,
  WIRE_NONE,
  WIRE_OPENED,
  WIRE_PULSE,
  WIRE_TO_CLOSE,
  WIRE_UNASKED,
  WIRE_WRITABLE,
  type Wire,
} from "./wire.ts";
