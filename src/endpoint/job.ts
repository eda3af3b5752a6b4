// Work that a server takes on and does later: the reply to the request names it, and further
// requests ask how far it is. What is measured ends with the answer that says it is done.

import { type Loose, looseObject, looseString } from "./reply.ts";

/** What a reply about a job means for what comes next. */
export type JobState =
  /** Ask again, at this path below the endpoint's own. */
  | { readonly kind: "pending"; readonly path: string }
  /** Done; what was made can be fetched at this path. */
  | { readonly kind: "done"; readonly path: string }
  /** No further question makes sense: the reply speaks for itself. */
  | { readonly kind: "over" };

export interface Job {
  /** Pause between two questions. */
  readonly pauseNs: number;
  stateOf(json: Loose | undefined): JobState;
}

const OVER: JobState = { kind: "over" };
/** What is put into a path must not lead out of it. */
const ID = /^[\w.:~-]{1,256}$/;

/** Jobs with an `id` and a `status`, as films are made. */
export const filmJob: Job = {
  pauseNs: 100e6,
  stateOf(json) {
    const id = looseString(looseObject(json)?.id);
    const status = looseString(json?.status);
    if (!ID.test(id) || id === "." || id === ".." || status === "") return OVER;
    if (status === "completed") return { kind: "done", path: `/${id}/content` };
    return status === "failed" || status === "cancelled"
      ? OVER
      : { kind: "pending", path: `/${id}` };
  },
};
