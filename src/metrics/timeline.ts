// The run as a whole over time: how many requests were in prefill and in decode at each moment, at
// what rate tokens went in and came out. Failed requests count in the concurrency while they last.
//
//     start ── prefill ──▶ first content ── decode ──▶ end
//     +ISL tokens          +1 token          +(OSL−1)/K a gap between chunks; all gone at the end

import { emptyMoment, type Moment, settle, settleChunk } from "./moment.ts";
import { ascendingOrder } from "./order.ts";
import { CHUNK, END, FIRST, type OpenRun, OpenRuns } from "./runs.ts";

/** What is known of every request; NaN where something never happened. Times in nanoseconds. */
export interface TimelineData {
  readonly startNs: Float64Array;
  readonly firstNs: Float64Array;
  readonly endNs: Float64Array;
  readonly inputTokens: Float64Array;
  readonly outputTokens: Float64Array;
  /** Gaps between chunks, request after request, and how many each has; may be empty. */
  readonly gapsNs: Float64Array;
  readonly gapCounts: Float64Array;
}

/** What is shown of a walk. The moment is reused, and its stretch may not be empty. */
export interface Visitor {
  /** A stretch in which nothing changed. */
  stretch(moment: Moment, lastedNs: number): void;
  /** A stretch in which no request started, ended or had its first content; chunks may have come. */
  spell(moment: Moment, lastedNs: number): void;
}

/** The changes of a run, ready to be walked through in order of time, any number of times. */
export class Timeline {
  readonly #data: TimelineData;
  /** Where each request's gaps begin; undefined when none are known. */
  readonly #gapsFrom: Uint32Array | undefined;
  /** Requests in the order of their starts. */
  readonly #order: Uint32Array;

  constructor(data: TimelineData) {
    this.#data = data;
    this.#gapsFrom = data.gapsNs.length === 0 ? undefined : places(data.gapCounts);
    this.#order = startOrder(data);
  }

  /** How many changes a walk passes at most. */
  get length(): number {
    return 3 * this.#order.length + this.#data.gapsNs.length;
  }

  /** Visits every stretch of a window. */
  walk(startNs: number, endNs: number, visitor: Visitor): void {
    this.from(startNs).until(endNs, visitor);
  }

  /** A walk that begins at a moment and can be halted at others. */
  from(startNs: number): Walk {
    return new Walk(this.#data, this.#gapsFrom, this.#order, startNs);
  }
}

/** One walk through a run's changes. */
export class Walk {
  readonly #data: TimelineData;
  readonly #gapsFrom: Uint32Array | undefined;
  readonly #order: Uint32Array;
  readonly #now = emptyMoment();
  readonly #peaks = emptyMoment();
  readonly #runs = new OpenRuns();
  #started = 0;
  #atNs: number;

  constructor(
    data: TimelineData,
    gapsFrom: Uint32Array | undefined,
    order: Uint32Array,
    startNs: number,
  ) {
    this.#data = data;
    this.#gapsFrom = gapsFrom;
    this.#order = order;
    this.#atNs = startNs;
  }

  /** Goes on to a moment, visiting every stretch on the way. */
  until(endNs: number, visitor: Visitor): void {
    const now = this.#now;
    const peaks = this.#peaks;
    const runs = this.#runs;
    const order = this.#order;
    const { startNs: starts } = this.#data;
    let at = this.#atNs;
    let spellFrom = at;
    for (;;) {
      const nextStart =
        this.#started < order.length ? starts[order[this.#started]!]! : Number.POSITIVE_INFINITY;
      const starting = nextStart < runs.nextNs;
      const eventNs = starting ? nextStart : runs.nextNs;
      const time = Math.min(eventNs, endNs);
      if (time > at) {
        visitor.stretch(now, time - at);
        at = time;
      }
      if (!(eventNs < endNs)) break;
      if (!starting && runs.first.next === CHUNK) {
        this.#chunk(runs, now);
        settleChunk(now, peaks);
        continue;
      }
      if (time > spellFrom) {
        visitor.spell(now, time - spellFrom);
        spellFrom = time;
      }
      if (starting) this.#start(order[this.#started++]!, runs, now);
      else if (runs.first.next === FIRST) this.#first(runs, now);
      else this.#end(runs, now);
      settle(now, peaks);
    }
    if (endNs > spellFrom) visitor.spell(now, endNs - spellFrom);
    this.#atNs = at;
  }

  #start(request: number, runs: OpenRuns, now: Moment): void {
    const { firstNs, endNs, inputTokens } = this.#data;
    const run = runs.blank();
    run.request = request;
    run.share = 0;
    run.rate = 0;
    const first = firstNs[request]!;
    now.requests++;
    // A request without content was in neither stage.
    if (Number.isNaN(first)) {
      run.next = END;
      run.timeNs = endNs[request]!;
    } else {
      run.next = FIRST;
      run.timeNs = first;
      now.prefilling++;
      now.prefillRate += this.#prefillRate(request);
      now.tokens += orZero(inputTokens[request]!);
    }
    runs.open();
  }

  #first(runs: OpenRuns, now: Moment): void {
    const run = runs.first;
    const { request } = run;
    now.prefilling--;
    now.prefillRate -= this.#prefillRate(request);
    now.decoding++;
    now.evenDecodeRate += this.#evenRate(request);
    this.#findGaps(run);
    if (run.share > 0) {
      now.tokens += 1;
      this.#nextGap(run, now);
    } else {
      now.decodeRate += this.#evenRate(request);
      now.tokens += orZero(this.#data.outputTokens[request]!);
      run.next = END;
      run.timeNs = this.#data.endNs[request]!;
    }
    runs.moved();
  }

  #chunk(runs: OpenRuns, now: Moment): void {
    const run = runs.first;
    now.tokens += run.share;
    run.gap++;
    this.#nextGap(run, now);
    runs.moved();
  }

  #end(runs: OpenRuns, now: Moment): void {
    const { request, share } = runs.first;
    const { firstNs, inputTokens, outputTokens } = this.#data;
    now.requests--;
    if (!Number.isNaN(firstNs[request]!)) {
      now.decoding--;
      now.evenDecodeRate -= this.#evenRate(request);
      if (share === 0) now.decodeRate -= this.#evenRate(request);
      now.tokens -= orZero(inputTokens[request]!);
      now.tokens -= orZero(outputTokens[request]!);
    }
    runs.close();
  }

  /** How many tokens each gap of a request carries: those of no length carry none. */
  #findGaps(run: OpenRun): void {
    if (this.#gapsFrom === undefined) return;
    const { gapsNs, gapCounts, outputTokens } = this.#data;
    run.gap = this.#gapsFrom[run.request]!;
    run.gapEnd = run.gap + (gapCounts[run.request] || 0);
    let real = 0;
    for (let gap = run.gap; gap < run.gapEnd; gap++) if (gapsNs[gap]! > 0) real++;
    if (real > 0) run.share = orZero(outputTokens[run.request]! - 1) / real;
  }

  /** Goes on to the next gap that took any time, or to the end. */
  #nextGap(run: OpenRun, now: Moment): void {
    const { gapsNs, endNs } = this.#data;
    while (run.gap < run.gapEnd && !(gapsNs[run.gap]! > 0)) run.gap++;
    const before = run.rate;
    if (run.gap < run.gapEnd) {
      run.next = CHUNK;
      run.timeNs += gapsNs[run.gap]!;
      run.rate = run.share / gapsNs[run.gap]!;
    } else {
      run.next = END;
      run.timeNs = endNs[run.request]!;
      run.rate = 0;
    }
    now.decodeRate += run.rate - before;
  }

  #prefillRate(request: number): number {
    const { startNs, firstNs, inputTokens } = this.#data;
    return rate(inputTokens[request]!, firstNs[request]! - startNs[request]!);
  }

  /** As if the tokens after the first came evenly. */
  #evenRate(request: number): number {
    const { firstNs, endNs, outputTokens } = this.#data;
    return rate(outputTokens[request]! - 1, endNs[request]! - firstNs[request]!);
  }
}

/** Requests by their starts; those that were never sent, or have no end, lasted no time. */
function startOrder({ startNs, endNs }: TimelineData): Uint32Array {
  const kept = new Uint32Array(startNs.length);
  let count = 0;
  let originNs = Number.POSITIVE_INFINITY;
  for (let i = 0; i < startNs.length; i++) {
    if (!(endNs[i]! >= startNs[i]!)) continue;
    kept[count++] = i;
    if (startNs[i]! < originNs) originNs = startNs[i]!;
  }
  const keys = new Float64Array(count);
  for (let i = 0; i < count; i++) keys[i] = startNs[kept[i]!]! - originNs;
  const order = ascendingOrder(keys);
  for (let i = 0; i < count; i++) order[i] = kept[order[i]!]!;
  return order;
}

/** Where the gaps of each request begin, from how many each has. */
function places(counts: Float64Array): Uint32Array {
  const from = new Uint32Array(counts.length);
  let at = 0;
  for (let i = 0; i < counts.length; i++) {
    from[i] = at;
    at += counts[i] || 0;
  }
  return from;
}

function rate(tokens: number, tookNs: number): number {
  return tookNs > 0 ? orZero(tokens) / tookNs : 0;
}

/** Zero for what is absent or less than nothing. */
function orZero(value: number): number {
  return Math.max(0, value || 0);
}
