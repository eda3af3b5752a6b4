// When a request is sent, and which one. Pure: time and counts are arguments.

export { conversationOf } from "./sampler.ts";
export { slotShare } from "./slots.ts";
export { giveUpNs, maySend, type Progress, withinCount } from "./stop.ts";
