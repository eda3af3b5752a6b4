// A rate over time, as points: what a ramp and a file with a series both come down to.

import { z } from "zod";
import { fail, secondsToNs } from "#core";
import { quoted } from "./complaint.ts";
import type { RatePoint } from "./plan.ts";

/** The first tenth of a second of a ramp already has the rate that it would reach by its end. */
const RAMP_FIRST_S = 0.1;

/** A rate that grows evenly over `rampS` seconds and then stays. */
export function rampedRate(perS: number, rampS: number | undefined): readonly RatePoint[] {
  if (rampS === undefined || rampS <= RAMP_FIRST_S) return [{ atNs: 0, perS }];
  return [
    { atNs: 0, perS: (perS * RAMP_FIRST_S) / rampS },
    { atNs: secondsToNs(rampS), perS },
  ];
}

/** A series that begins once its first rate has been reached by a ramp. */
export function rampedSeries(
  series: readonly RatePoint[],
  rampS: number | undefined,
): readonly RatePoint[] {
  if (rampS === undefined) return series;
  const ramp = rampedRate(series[0]!.perS, rampS);
  const fromNs = secondsToNs(rampS);
  const shifted = series.map(({ atNs, perS }) => ({ atNs: atNs + fromNs, perS }));
  return [...ramp, ...shifted.filter((point) => point.atNs > ramp.at(-1)!.atNs)];
}

const pointSchema = z.strictObject({
  time_s: z.number().min(0).max(1e9),
  qps: z.number().positive().max(1e6),
});
const pointsSchema = z.array(pointSchema).min(2);
const seriesSchema = z.union([pointsSchema, z.strictObject({ points: pointsSchema })]);

/**
 * Reads a series: `[{"time_s", "qps"}, …]` or `{"points": […]}`, times strictly ascending.
 * @param name the flag as it was typed
 * @throws E_RATE_SERIES with the place of what is wrong
 */
export function readRateSeries(name: string, path: string, text: string): readonly RatePoint[] {
  const where = `${name} ${quoted(path)}`;
  const wayOut = `write [{"time_s": 0, "qps": 1}, {"time_s": 60, "qps": 5}], times ascending`;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return fail("E_RATE_SERIES", `${where} is not valid JSON`, wayOut);
  }
  const read = seriesSchema.safeParse(json);
  if (!read.success) return fail("E_RATE_SERIES", `${where} ${defectOf(json)}`, wayOut);
  const points = Array.isArray(read.data) ? read.data : read.data.points;
  const back = points.findIndex((point, i) => i > 0 && point.time_s <= points[i - 1]!.time_s);
  if (back !== -1) {
    const what = `${where} has point ${back} at ${points[back]!.time_s} s, which is not after the one before it`;
    return fail("E_RATE_SERIES", what, wayOut);
  }
  return points.map(({ time_s, qps }) => ({ atNs: secondsToNs(time_s), perS: qps }));
}

/** What keeps a JSON value from being a series, in words. */
function defectOf(json: unknown): string {
  const points = Array.isArray(json) ? json : (json as { points?: unknown } | null)?.points;
  if (!Array.isArray(points)) return "is no list of points";
  if (points.length < 2) return "has fewer than 2 points";
  const bad = points.findIndex((point) => !pointSchema.safeParse(point).success);
  if (bad === -1) return "has keys beside points";
  return `has a point ${bad} that is not a time_s of at least 0 with a qps above 0, and nothing else`;
}
