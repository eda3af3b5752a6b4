// When a request is sent, and which one. Pure: time, counts and randomness are arguments.

export { cancelledCredits } from "./cancellation.ts";
export { sequence } from "./draws.ts";
export { dueTimes, dueWithin } from "./due.ts";
export { scheduleExcerpt } from "./excerpt.ts";
export { fixedOpenings } from "./fixed.ts";
export type { Conversations, Opening } from "./opening.ts";
export { limitAt, usableAtNs } from "./ramp.ts";
export { sampler } from "./sampler.ts";
export { slotShare } from "./slots.ts";
export { deadlineNs, failsTooOften, giveUpNs } from "./stop.ts";
export { turnDueNs } from "./turns.ts";
export { type UserOpening, userOpenings } from "./users.ts";
export { connectionsWanted } from "./warm.ts";
