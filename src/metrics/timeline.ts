// The run as a whole over time: how many requests were in prefill and in decode at each moment, at
// what rate tokens went in and came out. Failed requests count in the concurrency while they last.
//
//     start ── prefill ──▶ first content ── decode ──▶ end
//     +ISL tokens          +1 token          +(OSL−1)/K a gap between chunks; all gone at the end

import { type ChunkEvents, chunkEvents } from "./chunk-events.ts";
import { ascendingOrder } from "./order.ts";

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

/** What goes on at a moment. Rates in tokens per nanosecond. */
export interface Moment {
  requests: number;
  prefilling: number;
  decoding: number;
  prefillRate: number;
  /** By the gaps between chunks, where they are known. */
  decodeRate: number;
  /** As if each reply came evenly. */
  evenDecodeRate: number;
  tokens: number;
}

/** What adding and subtracting rates leaves behind, as a share of the peak. */
const RESIDUE = 1e-9;

/** The changes of a run, ready to be walked through in order of time, any number of times. */
export class Timeline {
  readonly #data: TimelineData;
  readonly #chunks: ChunkEvents | undefined;
  /** Of each request: tokens per nanosecond in prefill, and in decode if they come evenly. */
  readonly #prefillRates: Float64Array;
  readonly #evenRates: Float64Array;
  /** Start, first content and end of each request, then the chunks; after {@link #originNs}. */
  readonly #timesNs: Float64Array<ArrayBuffer>;
  readonly #order: Uint32Array;
  readonly #originNs: number;

  constructor(data: TimelineData) {
    const { startNs, firstNs, endNs, inputTokens, outputTokens } = data;
    this.#data = data;
    this.#chunks = chunkEvents(data);
    this.#originNs = earliest(startNs);
    this.#prefillRates = new Float64Array(startNs.length);
    this.#evenRates = new Float64Array(startNs.length);
    const boundaries = 3 * startNs.length;
    this.#timesNs = new Float64Array(boundaries + (this.#chunks?.timesNs.length ?? 0));
    for (let i = 0; i < startNs.length; i++) {
      const [start, first, end] = [startNs[i]!, firstNs[i]!, endNs[i]!];
      this.#prefillRates[i] = rate(inputTokens[i]!, first - start);
      this.#evenRates[i] = rate(outputTokens[i]! - 1, end - first);
      // One that was never sent, or has no end, lasted no time.
      const lasted = end >= start;
      this.#timesNs[3 * i] = lasted ? start - this.#originNs : 0;
      this.#timesNs[3 * i + 1] = lasted ? (first || end) - this.#originNs : 0;
      this.#timesNs[3 * i + 2] = lasted ? end - this.#originNs : 0;
    }
    this.#chunks?.timesNs.forEach((ns, chunk) => {
      this.#timesNs[boundaries + chunk] = ns - this.#originNs;
    });
    this.#order = ascendingOrder(this.#timesNs);
  }

  /** How many changes a walk passes. */
  get length(): number {
    return this.#order.length;
  }

  /** Visits every stretch of a window in which nothing changes. The moment is reused. */
  walk(startNs: number, endNs: number, visit: (moment: Moment, lastedNs: number) => void): void {
    const now = emptyMoment();
    const peaks = emptyMoment();
    const to = endNs - this.#originNs;
    let at = startNs - this.#originNs;
    for (let i = 0; i < this.#order.length; i++) {
      const event = this.#order[i]!;
      const time = Math.min(to, this.#timesNs[event]!);
      if (time > at) {
        visit(now, time - at);
        at = time;
      }
      this.#apply(event, now);
      settle(now, peaks);
    }
    if (to > at) visit(now, to - at);
  }

  #apply(event: number, now: Moment): void {
    const request = Math.floor(event / 3);
    if (request >= this.#data.startNs.length) {
      const chunk = event - 3 * this.#data.startNs.length;
      now.decodeRate += this.#chunks!.rateChanges[chunk]!;
      now.tokens += this.#chunks!.tokens[chunk]!;
      return;
    }
    const what = event - 3 * request;
    if (what === 0) now.requests++;
    else if (what === 2) now.requests--;
    // A request without content was in neither stage.
    if (Number.isNaN(this.#data.firstNs[request]!)) return;
    if (what === 0) this.#start(request, now);
    else if (what === 1) this.#first(request, now);
    else this.#end(request, now);
  }

  #start(request: number, now: Moment): void {
    now.prefilling++;
    now.prefillRate += this.#prefillRates[request]!;
    now.tokens += orZero(this.#data.inputTokens[request]!);
  }

  #first(request: number, now: Moment): void {
    now.prefilling--;
    now.prefillRate -= this.#prefillRates[request]!;
    now.decoding++;
    now.evenDecodeRate += this.#evenRates[request]!;
    if (this.#isChunked(request)) now.tokens += 1;
    else {
      now.decodeRate += this.#evenRates[request]!;
      now.tokens += orZero(this.#data.outputTokens[request]!);
    }
  }

  #end(request: number, now: Moment): void {
    now.decoding--;
    now.evenDecodeRate -= this.#evenRates[request]!;
    if (!this.#isChunked(request)) now.decodeRate -= this.#evenRates[request]!;
    now.tokens -= orZero(this.#data.inputTokens[request]!);
    now.tokens -= orZero(this.#data.outputTokens[request]!);
  }

  #isChunked(request: number): boolean {
    return this.#chunks?.isChunked[request] === 1;
  }
}

function emptyMoment(): Moment {
  return {
    ...{ requests: 0, prefilling: 0, decoding: 0, tokens: 0 },
    ...{ prefillRate: 0, decodeRate: 0, evenDecodeRate: 0 },
  };
}

/** Makes zero of what rounding has left of nothing. */
function settle(now: Moment, peaks: Moment): void {
  peaks.prefillRate = Math.max(peaks.prefillRate, now.prefillRate);
  peaks.decodeRate = Math.max(peaks.decodeRate, now.decodeRate);
  peaks.evenDecodeRate = Math.max(peaks.evenDecodeRate, now.evenDecodeRate);
  peaks.tokens = Math.max(peaks.tokens, now.tokens);
  if (now.prefillRate < RESIDUE * peaks.prefillRate) now.prefillRate = 0;
  if (now.decodeRate < RESIDUE * peaks.decodeRate) now.decodeRate = 0;
  if (now.evenDecodeRate < RESIDUE * peaks.evenDecodeRate) now.evenDecodeRate = 0;
  if (now.tokens < RESIDUE * peaks.tokens) now.tokens = 0;
}

function rate(tokens: number, tookNs: number): number {
  return tookNs > 0 ? orZero(tokens) / tookNs : 0;
}

function earliest(times: Float64Array): number {
  let first = Number.POSITIVE_INFINITY;
  for (const time of times) if (time < first) first = time;
  return Number.isFinite(first) ? first : 0;
}

/** Zero for what is absent or less than nothing. */
function orZero(value: number): number {
  return Math.max(0, value || 0);
}
