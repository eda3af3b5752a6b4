// Failed requests by what went wrong. A server that puts a fresh number into every message cannot
// make the list grow without end: past a limit, new messages are counted together.

import type { RequestError } from "#core";

/** One kind of failure. */
export interface ErrorGroup extends RequestError {
  readonly count: number;
}

/** Distinct messages that are told apart. */
const GROUPS_MAX = 256;
const OTHERS = "other messages, too many to list";

export class ErrorTally {
  readonly #groups = new Map<string, { error: RequestError; count: number }>();

  add(error: RequestError, count = 1): void {
    const found = this.#groups.get(keyOf(error));
    if (found !== undefined) found.count += count;
    else if (this.#groups.size < GROUPS_MAX || error.message === OTHERS)
      this.#groups.set(keyOf(error), { error, count });
    else this.add({ ...error, message: OTHERS }, count);
  }

  /** The groups, the most frequent first. */
  groups(): readonly ErrorGroup[] {
    return [...this.#groups.values()]
      .map(({ error: { code, type, message }, count }) => ({ code, type, message, count }))
      .sort((a, b) => b.count - a.count);
  }
}

function keyOf(error: RequestError): string {
  return `${error.code}\n${error.type}\n${error.message}`;
}
