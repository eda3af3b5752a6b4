// The requests that are out at a moment, the one first that changes next: a heap that is as deep as
// the concurrency is large. Each request brings its changes in order of time, so the run as a whole
// is merged from them as it is walked through, and no list of all changes is ever made.

/** What changes next about a request. */
export const FIRST = 1;
export const CHUNK = 2;
export const END = 3;

/** A request that is out. The objects are used again for later requests. */
export class OpenRun {
  timeNs = 0;
  next = END;
  request = 0;
  /** The gap between chunks that goes on, and where those of the request end. */
  gap = 0;
  gapEnd = 0;
  /** Tokens that each gap carries; 0 when they come evenly. */
  share = 0;
  /** Tokens per nanosecond in the gap that goes on. */
  rate = 0;
}

export class OpenRuns {
  readonly #heap: OpenRun[] = [];
  readonly #idle: OpenRun[] = [];

  /** When the next change is; infinite when no request is out. */
  get nextNs(): number {
    return this.#heap.length === 0 ? Number.POSITIVE_INFINITY : this.#heap[0]!.timeNs;
  }

  /** The request that changes next. */
  get first(): OpenRun {
    return this.#heap[0]!;
  }

  /** A run to be filled and handed to {@link open}. */
  blank(): OpenRun {
    return this.#idle.pop() ?? new OpenRun();
  }

  open(run: OpenRun): void {
    const heap = this.#heap;
    let at = heap.push(run) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (heap[parent]!.timeNs <= run.timeNs) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = run;
  }

  /** The first request has been given a later time. */
  moved(): void {
    this.#sink(this.#heap[0]!);
  }

  /** The first request has ended. */
  close(): void {
    this.#idle.push(this.#heap[0]!);
    const last = this.#heap.pop()!;
    if (this.#heap.length > 0) this.#sink(last);
  }

  #sink(run: OpenRun): void {
    const heap = this.#heap;
    const { length } = heap;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= length) break;
      if (child + 1 < length && heap[child + 1]!.timeNs < heap[child]!.timeNs) child++;
      if (heap[child]!.timeNs >= run.timeNs) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = run;
  }
}
