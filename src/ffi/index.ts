// The door to the machine: the native core, the system's clock and limits.

export { clockFailure, epochNow, threadClock } from "./clock.ts";
export { checked } from "./codes.ts";
export {
  type DescriptorLimit,
  descriptorLimit,
  monotonicNs,
  raiseDescriptorLimit,
  setTimerSlackNs,
  threadCpuNs,
} from "./libc.ts";
export { type NativeState, nativeState, openNative } from "./library.ts";
