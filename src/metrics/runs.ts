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

const CAPACITY_MIN = 64;

export class OpenRuns {
  /** When each request of the heap changes next, infinite behind the last one; and which it is. */
  #times = new Float64Array(CAPACITY_MIN).fill(Number.POSITIVE_INFINITY);
  #numbers = new Uint32Array(CAPACITY_MIN);
  #length = 0;
  readonly #runs: OpenRun[] = [];
  readonly #idle: number[] = [];
  #blank = 0;

  /** When the next change is; infinite when no request is out. */
  get nextNs(): number {
    return this.#times[0]!;
  }

  /** The request that changes next. */
  get first(): OpenRun {
    return this.#runs[this.#numbers[0]!]!;
  }

  /** A run to be filled, and then to be opened. */
  blank(): OpenRun {
    this.#blank = this.#idle.pop() ?? this.#runs.push(new OpenRun()) - 1;
    return this.#runs[this.#blank]!;
  }

  /** Takes in the run that was blank. */
  open(): void {
    // Two children of the last place are looked at, whether they are there or not.
    if (2 * this.#length + 4 > this.#times.length) this.#grow();
    this.#rise(this.#length++, this.#runs[this.#blank]!.timeNs, this.#blank);
  }

  /** The first request has been given a later time. */
  moved(): void {
    const number = this.#numbers[0]!;
    this.#rise(this.#hole(), this.#runs[number]!.timeNs, number);
  }

  /** The first request has ended. */
  close(): void {
    this.#idle.push(this.#numbers[0]!);
    const last = --this.#length;
    const time = this.#times[last]!;
    const number = this.#numbers[last]!;
    this.#times[last] = Number.POSITIVE_INFINITY;
    if (last > 0) this.#rise(this.#hole(), time, number);
  }

  /**
   * Moves the earlier child up into each place from the top on, down to a leaf, whose place is then
   * free. Where the new time belongs is near a leaf most of the time, so that it is not compared on
   * the way down, and which child is earlier is added up without a branch that could be mistaken.
   */
  #hole(): number {
    const times = this.#times;
    const numbers = this.#numbers;
    const length = this.#length;
    let at = 0;
    for (let child = 1; child < length; child = 2 * at + 1) {
      child += Number(times[child + 1]! < times[child]!);
      times[at] = times[child]!;
      numbers[at] = numbers[child]!;
      at = child;
    }
    return at;
  }

  /** Puts a run into a free place, or above it where it is earlier than what is there. */
  #rise(place: number, time: number, number: number): void {
    const times = this.#times;
    const numbers = this.#numbers;
    let at = place;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (times[parent]! <= time) break;
      times[at] = times[parent]!;
      numbers[at] = numbers[parent]!;
      at = parent;
    }
    times[at] = time;
    numbers[at] = number;
  }

  #grow(): void {
    const times = new Float64Array(2 * this.#times.length).fill(Number.POSITIVE_INFINITY);
    times.set(this.#times);
    this.#times = times;
    const numbers = new Uint32Array(times.length);
    numbers.set(this.#numbers);
    this.#numbers = numbers;
  }
}
