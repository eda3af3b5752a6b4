// Closed-loop load: a fixed number of slots, each with one session at a time. Slots are dealt to
// the workers once, so the concurrency that was asked for is never exceeded by one.

/** How many of `slots` worker `worker` of `workers` owns: the first ones take what is left over. */
export function slotShare(slots: number, worker: number, workers: number): number {
  return Math.floor(slots / workers) + (worker < slots % workers ? 1 : 0);
}
