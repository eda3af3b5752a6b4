// How far the figures of the table can be trusted: whether a p99 stands on enough requests, and
// whether ramp-up and drain have moved the averages.

import { countNeeded, type MetricResult, metricOf, type Summary } from "#metrics";
import { figure } from "./metric-table.ts";

/** An interval that is wider than this share of the p99 is worth knowing. */
const WIDE = 0.25;
/** A smaller difference between the steady part and the whole run would not change a decision. */
const DIFFERENT = 0.05;

/** Sentences on the certainty of a run's figures; none when there is nothing to say. */
export function certaintyLines(summary: Summary): readonly string[] {
  return [fewRequests(summary), wideTail(summary), steadyPart(summary)].filter(
    (line) => line !== undefined,
  );
}

function fewRequests({ okCount }: Summary): string | undefined {
  const needed = countNeeded(99);
  if (okCount === 0 || okCount >= needed) return undefined;
  const requests = okCount === 1 ? "1 request" : `${okCount} requests`;
  return `p99 stands on ${requests}: the true one may be far higher (from ${needed} requests on, it has a bound)`;
}

function wideTail({ metrics, okCount }: Summary): string | undefined {
  if (okCount < countNeeded(99)) return undefined;
  const wide = ["time_to_first_token", "request_latency"].flatMap((tag) => {
    const metric = metricOf(metrics, tag);
    return metric === undefined ? [] : (wideText(metric) ?? []);
  });
  return wide.length === 0 ? undefined : `With 95% certainty: ${wide.join("; ")}`;
}

function wideText({ confidence, stats, header, unit }: MetricResult): string | undefined {
  const { low, high } = confidence?.p99 ?? {};
  const { p99 } = stats;
  if (low === undefined || high === undefined || p99 === undefined) return undefined;
  if (high - low < WIDE * p99) return undefined;
  return `p99 of ${header} is between ${figure(low)} and ${figure(high)} ${unit}`;
}

function steadyPart({ metrics, steady, startWallNs, endWallNs }: Summary): string | undefined {
  if (steady === undefined) return undefined;
  const different = (
    [
      ["time_to_first_token", "avg"],
      ["request_latency", "avg"],
      ["output_token_throughput", "avg"],
      ["request_throughput", "avg"],
    ] as const
  ).flatMap(([tag, key]) => {
    const [part, whole] = [metricOf(steady.metrics, tag), metricOf(metrics, tag)];
    const [there, all] = [part?.stats[key], whole?.stats[key]];
    if (part === undefined || there === undefined || all === undefined) return [];
    if (Math.abs(there - all) <= DIFFERENT * all) return [];
    const unit = part.unit === "ms" ? " ms" : "";
    return `${part.shortHeader} ${figure(there)}${unit} (whole run ${figure(all)})`;
  });
  if (different.length === 0) return undefined;
  const seconds = (steady.endNs - steady.startNs) / 1e9;
  const wholeS = Number(endWallNs - startWallNs) / 1e9;
  const span = `${seconds.toFixed(1)} of ${wholeS.toFixed(1)} sec`;
  return `Steady part, ${span}, without ramp-up and drain: ${different.join(", ")}`;
}
