// Lines as this program and AIPerf write them, taken apart without JSON.parse: the same keys come in
// much the same order line after line, so after each key the one that followed it last time is
// looked for first, and of a number that no record is made of only its end. Whatever deviates in
// anything is left to the way that takes any line.

import type { Epoch, RequestError } from "#core";
import { ByteScan, KnownText, NONE, TEXT_BYTES_MAX } from "./byte-scan.ts";
import { type Key, Keys } from "./known-keys.ts";
import { CELL_TAGS, emptyParts, GAPS_TAG, type LineParts } from "./line-parts.ts";
import { type Line, speculationSchema } from "./schema-line.ts";
import { speculationOf } from "./spec-decode.ts";

const [COMMA, CLOSE, OPEN_LIST, CLOSE_LIST, QUOTE] = [44, 125, 91, 93, 34];

const METADATA = new KnownText('{"metadata":{');
const METRICS = new KnownText(',"metrics":{');
const UNIT = new KnownText(',"unit":"');
const PROFILING = new KnownText('"profiling"');
const WARMUP = new KnownText('"warmup"');
const TRUE = new KnownText("true");
const FALSE = new KnownText("false");
/** What stands between the key of a metric and its value. */
const VALUE = '":{"value":';

const STAMPS = [
  "credit_issued_ns",
  "request_start_ns",
  "request_ack_ns",
  "request_end_ns",
  "cancellation_time_ns",
];
const NUMBERS = ["session_num", "turn_index", "phase_index"];
const METADATA_PLACES = [...STAMPS, ...NUMBERS, "benchmark_phase"];
const [FIRST_NUMBER, PHASE] = [STAMPS.length, STAMPS.length + NUMBERS.length];
const GAPS = CELL_TAGS.length;
/** Room for gaps to begin with. */
const GAPS_MIN = 64;

export class LineScanner {
  /** Of the line that was taken apart last. */
  readonly parts: LineParts = emptyParts();
  readonly #scan = new ByteScan();
  readonly #metadata = new Keys('":', METADATA_PLACES);
  readonly #metrics = new Keys(VALUE, [...CELL_TAGS, GAPS_TAG]);
  readonly #epochS: number;
  readonly #epochRestNs: number;
  readonly #monotonicNs: number;
  /** In the order of their places. */
  readonly #stamps = new Float64Array(STAMPS.length);
  readonly #numbers = new Float64Array(NUMBERS.length);
  #line = 0;

  constructor(epoch: Epoch) {
    this.#epochS = Number(epoch.wallNs / 1_000_000_000n);
    this.#epochRestNs = Number(epoch.wallNs % 1_000_000_000n);
    this.#monotonicNs = epoch.monotonicNs;
  }

  /**
   * Takes a line apart; false when it has to be read the general way.
   * @param bytes with a line end at `to`, and {@link TEXT_BYTES_MAX} more bytes behind it
   */
  take(bytes: Buffer, from: number, to: number): boolean {
    const scan = this.#scan;
    scan.open(bytes);
    this.#line++;
    this.parts.error = undefined;
    this.parts.speculation = undefined;
    let at = scan.known(METADATA, from);
    if (at !== NONE) at = this.#takeMetadata(at);
    if (at !== NONE) at = scan.known(METRICS, at);
    if (at !== NONE) at = this.#takeMetrics(at);
    if (at === NONE) return false;
    if (bytes[at] === COMMA) return this.#takeRest(bytes.toString("utf8", at + 1, to));
    return bytes[at] === CLOSE && at + 1 === to;
  }

  #takeMetadata(from: number): number {
    const { parts } = this;
    const scan = this.#scan;
    const { bytes } = scan;
    const stamps = this.#stamps.fill(Number.NaN);
    const numbers = this.#numbers.fill(Number.NaN);
    let hasPhase = false;
    let before = this.#metadata.head;
    let at = from - 1;
    do {
      const key = this.#next(this.#metadata, before, at + 1);
      if (key === undefined) return NONE;
      at += 1 + key.text.length;
      const { place } = key;
      if (place === -1) at = this.#passScalar(at);
      else if (place < FIRST_NUMBER) {
        at = scan.stamp(at);
        stamps[place] =
          (scan.whole - this.#epochS) * 1e9 + (scan.value - this.#epochRestNs) + this.#monotonicNs;
      } else if (place < PHASE) {
        at = scan.number(at);
        numbers[place - FIRST_NUMBER] = scan.value;
      } else {
        const end = scan.known(PROFILING, at);
        parts.phase = end === NONE ? "warmup" : "profiling";
        at = end === NONE ? scan.known(WARMUP, at) : end;
        hasPhase = true;
      }
      if (at === NONE) return NONE;
      before = key;
    } while (bytes[at] === COMMA);
    if (!hasPhase || bytes[at] !== CLOSE) return NONE;
    if (Number.isNaN(numbers[0]! + stamps[1]! + stamps[3]!)) return NONE;
    parts.session = numbers[0]!;
    parts.turn = numbers[1]! || 0;
    parts.phaseIndex = numbers[2]! || 0;
    parts.dueNs = stamps[0]!;
    parts.startNs = stamps[1]!;
    parts.ackNs = stamps[2]!;
    parts.endNs = stamps[3]!;
    parts.cancelledNs = stamps[4]!;
    return at + 1;
  }

  /** The key that is at a place; undefined where none is, or one for the second time. */
  #next(keys: Keys, before: Key, at: number): Key | undefined {
    let key = before.next;
    if (key === undefined || this.#scan.known(key.text, at) === NONE) {
      key = keys.find(this.#scan, at);
      if (key === undefined) return undefined;
      before.next = key;
    }
    // The last of two would count.
    if (key.line === this.#line) return undefined;
    key.line = this.#line;
    return key;
  }

  /** A value that is neither object nor list. */
  #passScalar(at: number): number {
    const scan = this.#scan;
    if (scan.bytes[at] === QUOTE) return scan.restOfString(at + 1);
    const end = scan.known(FALSE, at);
    if (end !== NONE) return end;
    return scan.known(TRUE, at) === NONE ? scan.passNumber(at) : at + TRUE.length;
  }

  #takeMetrics(from: number): number {
    const scan = this.#scan;
    const { bytes } = scan;
    const cells = this.parts.cells.fill(Number.NaN);
    this.parts.gapCount = 0;
    if (bytes[from] === CLOSE) return from + 1;
    let before = this.#metrics.head;
    let at = from - 1;
    do {
      const key = this.#next(this.#metrics, before, at + 1);
      if (key === undefined) return NONE;
      at += 1 + key.text.length;
      const { place } = key;
      if (place === -1) at = scan.passNumber(at);
      else if (place === GAPS) at = this.#takeGaps(at);
      else {
        at = scan.number(at);
        cells[place] = scan.value;
      }
      if (at === NONE) return NONE;
      const end = scan.known(key.after, at);
      at = end === NONE ? this.#takeUnit(key, at) : end;
      if (at === NONE) return NONE;
      before = key;
    } while (bytes[at] === COMMA);
    return bytes[at] === CLOSE ? at + 1 : NONE;
  }

  /** A unit, and the end of its metric; from now on it is looked for as a whole. */
  #takeUnit(key: Key, from: number): number {
    const scan = this.#scan;
    let at = scan.known(UNIT, from);
    if (at !== NONE) at = scan.restOfString(at);
    if (at === NONE || scan.bytes[at] !== CLOSE) return NONE;
    at++;
    if (at - from <= TEXT_BYTES_MAX)
      key.after = new KnownText(scan.bytes.toString("utf8", from, at));
    return at;
  }

  #takeGaps(from: number): number {
    const scan = this.#scan;
    const { parts } = this;
    const { bytes } = scan;
    let { gaps } = parts;
    let count = 0;
    if (bytes[from] !== OPEN_LIST) return NONE;
    if (bytes[from + 1] === CLOSE_LIST) return from + 2;
    let at = from;
    do {
      at = scan.number(at + 1);
      if (at === NONE) return NONE;
      if (count === gaps.length) {
        parts.gaps = new Float64Array(2 * count + GAPS_MIN);
        parts.gaps.set(gaps);
        gaps = parts.gaps;
      }
      gaps[count++] = scan.value;
    } while (bytes[at] === COMMA);
    parts.gapCount = count;
    return bytes[at] === CLOSE_LIST ? at + 1 : NONE;
  }

  /** What is behind the metrics, an error or a trace, with the line's last brace. */
  #takeRest(text: string): boolean {
    // Behind a comma there is something.
    const rest = text === "}" ? undefined : objectOf(`{${text}`);
    if (rest === undefined || "metadata" in rest || "metrics" in rest) return false;
    const { error, spec_decode_acceptance: told } = rest;
    if (error !== undefined && (typeof error !== "object" || error === null)) return false;
    if (told !== undefined && !speculationSchema.safeParse(told).success) return false;
    this.parts.error = error;
    this.parts.speculation = speculationOf(told);
    return true;
  }
}

/** What may stand behind a line's metrics. */
interface Rest {
  readonly error?: RequestError;
  readonly spec_decode_acceptance?: Line["spec_decode_acceptance"];
}

/** An object of JSON; undefined where it is none. */
function objectOf(text: string): Rest | undefined {
  try {
    return JSON.parse(text) as Rest;
  } catch {
    return undefined;
  }
}
