// The live line of a run. A pure function of the state and the width: when there is no room, the
// bar gives way first, then the parts that matter least.
//
//     Profiling ━━━━━━━━━━━────────── 512/1,000 51% · 100 in flight · 0 errors · 45.7 req/s · …

import { NS_PER_S } from "#core";

export interface ProgressState {
  /** Name of the phase. */
  readonly phase: string;
  readonly sent: number;
  /** Requests that have ended, failed ones included. */
  readonly done: number;
  readonly failed: number;
  readonly inFlight: number;
  /** Requests that the phase will send; undefined when only its duration bounds it. */
  readonly total: number | undefined;
  readonly elapsedNs: number;
  readonly durationNs: number | undefined;
  /** The phase is over: nothing is in flight and nothing is awaited. */
  readonly ended?: boolean;
}

const BAR_MIN = 8;
const BAR_MAX = 30;

/** One line, no wider than `width`. */
export function progressLine(state: ProgressState, width: number): string {
  const share = shareDone(state);
  const name = state.phase.charAt(0).toUpperCase() + state.phase.slice(1);
  const parts = partsOf(state, share);
  const idle = state.ended ? OF_A_GOING_PHASE : [];
  for (let gone = 0; gone <= FIRST_TO_GO.length; gone++) {
    const left = [...idle, ...FIRST_TO_GO.slice(0, gone)];
    const text = parts.filter((_, part) => !left.includes(part)).join(" · ");
    const room = width - name.length - 2 - text.length;
    if (share !== undefined && room >= BAR_MIN) {
      return `${name} ${bar(share, Math.min(BAR_MAX, room))} ${text}`;
    }
    if (share === undefined && room >= -1) return `${name} ${text}`;
  }
  return `${name} ${parts[0]}`.slice(0, Math.max(0, width));
}

/** How much is done, from 0 to 1: by requests, by time, or by the one that is nearer its end. */
function shareDone({ done, total, elapsedNs, durationNs }: ProgressState): number | undefined {
  const shares = [
    total === undefined ? undefined : done / Math.max(1, total),
    durationNs === undefined ? undefined : elapsedNs / durationNs,
  ].filter((share) => share !== undefined);
  return shares.length === 0 ? undefined : Math.min(1, Math.max(...shares));
}

/** What the line says, from left to right. */
function partsOf(state: ProgressState, share: number | undefined): readonly string[] {
  const { done, total, failed, inFlight, elapsedNs } = state;
  const of = total === undefined ? "" : `/${grouped(total)}`;
  const percent = share === undefined ? "" : ` ${Math.floor(share * 100)}%`;
  const ratePerS = elapsedNs > 0 ? (done * NS_PER_S) / elapsedNs : 0;
  return [
    `${grouped(done)}${of}${percent}`,
    `${grouped(inFlight)} in flight`,
    `${grouped(failed)} ${failed === 1 ? "error" : "errors"}`,
    `${ratePerS.toFixed(1)} req/s`,
    clockTime(elapsedNs),
    remaining(state),
  ];
}

/** Places in {@link partsOf} in the order in which they go when there is no room. */
const FIRST_TO_GO = [4, 3, 1, 5, 2];

/** Places of what is said only while the phase goes on. */
const OF_A_GOING_PHASE = [1, 5];

function remaining(state: ProgressState): string {
  const { done, total, elapsedNs, durationNs } = state;
  // Past its duration a phase sends no more and awaits what is still out.
  if (durationNs !== undefined && elapsedNs >= durationNs) return "awaiting replies";
  const estimates = [
    durationNs === undefined ? undefined : durationNs - elapsedNs,
    total === undefined || done === 0 ? undefined : (elapsedNs * (total - done)) / done,
  ].filter((ns) => ns !== undefined);
  return `ETA ${estimates.length === 0 ? "-:--" : clockTime(Math.max(0, Math.min(...estimates)))}`;
}

function bar(share: number, width: number): string {
  const filled = Math.round(share * width);
  return "━".repeat(filled) + "─".repeat(width - filled);
}

function grouped(count: number): string {
  return count.toLocaleString("en-US");
}

/** `1:05`, or `1:01:05`. */
function clockTime(ns: number): string {
  const seconds = Math.round(ns / NS_PER_S);
  const two = (value: number): string => String(value).padStart(2, "0");
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}:${two(seconds % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}
