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
  goBeforeOtherThreads,
  monotonicNs,
  raiseDescriptorLimit,
  restartProcess,
  setTimerSlackNs,
  threadCpuNs,
  yieldToOtherThreads,
} from "./libc.ts";
export { type NativeState, nativeState, openNative } from "./library.ts";
export {
  HOLES_MAX,
  type SegmentMemory,
  type StreamHole,
  type StreamLook,
  StreamShape,
  segmentMemory,
} from "./stream.ts";
export { type KernelTimer, openKernelTimer } from "./timer.ts";
