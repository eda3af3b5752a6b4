// What a calibration found, as a table and as advice.

import { drawTable, type Painter, type Table } from "#report";
import type { Probe } from "./probe.ts";
import type { Found } from "./search.ts";

/** An error above this is what calibration looks for. */
export const ERROR_MS = 1;
/** A mock that is this late itself has reached its own limit. */
const MOCK_LATE_MS = 20;

export interface Calibration {
  readonly cores: number;
  readonly chunks: Found<Probe> | undefined;
  readonly requests: Found<Probe> | undefined;
  readonly streams: Found<Probe> | undefined;
  /** The load that the user named. */
  readonly given: Probe | undefined;
}

/** True while the generator kept up and its p99 error stayed below the limit. */
export function holds({ trouble, errorMs }: Probe): boolean {
  return trouble === undefined && errorMs < ERROR_MS;
}

interface Row {
  readonly name: string;
  readonly found: Found<Probe> | undefined;
  readonly amount: (probe: Probe) => number;
  readonly how: (probe: Probe) => string;
}

function rowsOf({ chunks, requests, streams }: Calibration): readonly Row[] {
  return [
    {
      name: "chunks/s",
      found: chunks,
      amount: (probe) => probe.tokensPerS,
      how: ({ load }) => `${load.concurrency} streams, ITL ${load.itlMs} ms`,
    },
    {
      name: "requests/s",
      found: requests,
      amount: (probe) => probe.requestsPerS,
      how: ({ load }) => `${load.concurrency} at a time, one token each`,
    },
    {
      name: "streams",
      found: streams,
      amount: (probe) => probe.load.concurrency,
      how: ({ load }) => `ITL ${load.itlMs} ms`,
    },
  ];
}

/** The table of what was found. */
export function calibrationTable(calibration: Calibration, paint: Painter): string {
  const { given } = calibration;
  const searched = rowsOf(calibration).flatMap(({ name, found, amount, how }) => {
    if (found === undefined) return [];
    const { best, beyond } = found;
    const most = best === undefined ? "none" : whole(amount(best));
    return [
      [name, most, best ? ms(best.errorMs) : "", best ? how(best) : "", next(beyond, amount)],
    ];
  });
  const load = given === undefined ? [] : [givenRow(given)];
  const table: Table = {
    title: `Calibration: ${calibration.cores} cores, the mock server on the same machine`,
    columns: [
      { title: "", align: "left" },
      { title: `most below ${ERROR_MS} ms`, align: "right" },
      { title: "error p99", align: "right" },
      { title: "with", align: "left" },
      { title: "beyond", align: "left" },
    ],
    rows: [...searched, ...load].map((row) => row.map((cell) => [cell])),
  };
  return drawTable(table, paint);
}

function givenRow(given: Probe): readonly string[] {
  const { concurrency, itlMs, osl } = given.load;
  const amount = given.trouble ?? `${whole(given.tokensPerS)} tokens/s`;
  const error = given.trouble === undefined ? ms(given.errorMs) : "";
  return ["your load", amount, error, `${concurrency} streams, ITL ${itlMs} ms, OSL ${osl}`, ""];
}

function next(beyond: Probe | undefined, amount: (probe: Probe) => number): string {
  if (beyond === undefined) return "not reached";
  if (beyond.trouble !== undefined) return beyond.trouble;
  const late = beyond.mockLateMs > MOCK_LATE_MS ? ", the mock late itself" : "";
  return `${whole(amount(beyond))}: ${ms(beyond.errorMs)}${late}`;
}

/** Sentences that follow from what was found. */
export function calibrationAdvice(calibration: Calibration): readonly string[] {
  const { chunks, streams, given, cores } = calibration;
  const advice: string[] = [];
  const tokens = chunks?.best?.tokensPerS;
  const most = streams?.best?.load.concurrency;
  if (tokens !== undefined && most !== undefined) {
    advice.push(
      `Up to ${whole(tokens)} tokens/s and ${whole(most)} streams, the figures of this machine are good to ${ERROR_MS} ms, even with the server beside it.`,
    );
  } else if (chunks !== undefined && tokens === undefined) {
    advice.push(
      "Even a small load has errors above 1 ms: something else has the cores; look with top, and calibrate again.",
    );
  }
  if (given !== undefined) advice.push(adviceOn(given));
  const mockLate = [chunks, streams].some((f) => (f?.beyond?.mockLateMs ?? 0) > MOCK_LATE_MS);
  if (mockLate) {
    advice.push(
      `The mock server reached its own limit and had its share of the ${cores} cores: with the server elsewhere there is more room.`,
    );
  }
  return advice;
}

function adviceOn(given: Probe): string {
  if (given.trouble !== undefined) return `Your load did not run: ${given.trouble}.`;
  if (holds(given)) return `Your load is held with an error of ${ms(given.errorMs)} (p99).`;
  return (
    `With your load expect up to ${ms(given.errorMs)} of each latency (p99) to be this machine's: ` +
    "use a machine with more cores, keep the server off it, or spread the load over several machines."
  );
}

function whole(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

function ms(value: number): string {
  return `${value.toFixed(2)} ms`;
}
