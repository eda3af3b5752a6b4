// A trace drawn in letters: how long its requests are, when they come, and what a cache of some
// size or patience would hold of them.

import type { HitPoint } from "./capacity.ts";
import type { Trace } from "./trace.ts";

const LABEL_COLUMNS = 18;
const EIGHTHS = " ▏▎▍▌▋▊▉";
const ARRIVAL_ROWS_MAX = 12;
/** Lengths of time that a person would choose for a row of a picture. */
const STEPS_S = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400,
];

/** One bar of a chart. */
export interface Bar {
  readonly label: string;
  readonly value: number;
  /** What stands after the bar. */
  readonly note: string;
}

/** Bars to scale, the longest of `columns` columns less their labels and notes. */
export function drawBars(
  title: string,
  bars: readonly Bar[],
  full: number,
  columns: number,
): string {
  const noteColumns = Math.max(0, ...bars.map(({ note }) => note.length));
  const room = Math.max(10, columns - LABEL_COLUMNS - noteColumns - 3);
  const lines = bars.map(({ label, value, note }) => {
    const eighths = full > 0 ? Math.round((value / full) * room * 8) : 0;
    const bar = "█".repeat(eighths >> 3) + (eighths & 7 ? EIGHTHS[eighths & 7] : "");
    return `${label.padStart(LABEL_COLUMNS)} ${bar.padEnd(room)} ${note.padStart(noteColumns)}`;
  });
  return [title, ...lines.map((line) => line.trimEnd())].join("\n");
}

/** How many of some lengths lie between powers of two. */
export function lengthBars(lengths: Float64Array): readonly Bar[] {
  const known = lengths.filter((length) => length >= 1);
  const classes = Array.from(known, (length) => Math.floor(Math.log2(length)));
  if (classes.length === 0) return [];
  const lowest = classes.reduce((a, b) => Math.min(a, b));
  const counts = new Array<number>(classes.reduce((a, b) => Math.max(a, b)) - lowest + 1).fill(0);
  for (const power of classes) counts[power - lowest]!++;
  return counts.map((count, at) => {
    const from = 2 ** (lowest + at);
    return {
      label: `${grouped(from)}–${grouped(2 * from - 1)}`,
      value: count,
      note: noteOf(count),
    };
  });

  function noteOf(count: number): string {
    return `${grouped(count)} (${((100 * count) / classes.length).toFixed(1)} %)`;
  }
}

/** How many requests come in each of at most a dozen equal stretches of time. */
export function arrivalBars({ timestampsMs }: Trace): readonly Bar[] {
  const times = timestampsMs.filter((ms) => !Number.isNaN(ms));
  if (times.length < 2) return [];
  const first = times.reduce((a, b) => Math.min(a, b));
  const spanS = (times.reduce((a, b) => Math.max(a, b)) - first) / 1000;
  const stepS =
    STEPS_S.find((step) => spanS / step < ARRIVAL_ROWS_MAX) ?? Math.ceil(spanS / ARRIVAL_ROWS_MAX);
  const counts = new Array<number>(Math.floor(spanS / stepS) + 1).fill(0);
  for (const ms of times) counts[Math.floor((ms - first) / 1000 / stepS)]!++;
  return counts.map((count, at) => ({
    label: `from ${seconds(at * stepS)}`,
    value: count,
    note: `${grouped(count)} (${(count / stepS).toFixed(2)}/s)`,
  }));
}

/** Hit rates by what limits the cache. */
export function hitBars(
  points: readonly HitPoint[],
  label: (limit: number) => string,
): readonly Bar[] {
  return points.map(({ limit, hitRate }) => ({
    label: label(limit),
    value: hitRate,
    note: `${(100 * hitRate).toFixed(1)} %`,
  }));
}

/** A length of time as a person says it: 90 s, 5 min, 2 h. */
export function seconds(s: number): string {
  if (s >= 7200 && s % 3600 === 0) return `${s / 3600} h`;
  if (s >= 120 && s % 60 === 0) return `${s / 60} min`;
  return `${s} s`;
}

/** A whole number with commas between its thousands. */
export function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** A large number in thousands, millions or billions. */
export function shortCount(value: number): string {
  const step = Math.min(3, Math.max(0, Math.floor((String(Math.round(value)).length - 1) / 3)));
  const scaled = value / 1000 ** step;
  return `${scaled >= 100 || step === 0 ? scaled.toFixed(0) : scaled.toFixed(1)}${["", "k", "M", "G"][step]}`;
}
