// How many requests kept all limits that a user set: goodput, as DistServe defines it (Zhong et
// al., 2024). A request that lacks a figure that has a limit is not good; nor is one that failed.

import { fail, type RequestRecord } from "#core";
import type { MetricRow, RecordRow } from "./row.ts";
import { divisor } from "./units.ts";

/** A limit on a metric of each request, in the metric's display unit. */
export interface Slo {
  readonly tag: string;
  readonly limit: number;
}

/** How often one limit was kept, of all requests that ended, failed ones included. */
export interface Attainment extends Slo {
  readonly header: string;
  readonly unit: string;
  readonly largerIsBetter: boolean;
  readonly metCount: number;
  readonly requestCount: number;
}

/** Where the requests that met one limit are counted. */
export function metTag({ tag }: Slo): string {
  return `slo_met_${tag}`;
}

/**
 * The rows that limits bring.
 * @param rows what the run computes
 * @throws E_GOODPUT for a limit on something that no request of this run has
 */
export function goodputRows(
  slos: readonly Slo[],
  rows: readonly MetricRow[],
): readonly MetricRow[] {
  if (slos.length === 0) return [];
  const limits = slos.map((slo) => ({ slo, keeps: keeperOf(slo, limitedRow(slo, rows)) }));
  return [
    ...limits.map(
      ({ slo, keeps }): MetricRow => ({
        kind: "aggregate",
        fold: "sum",
        scope: "ok",
        tag: metTag(slo),
        header: `Requests within ${slo.tag}`,
        unit: "requests",
        group: "none",
        hidden: "internal",
        of: (record) => (keeps(record) ? 1 : 0),
      }),
    ),
    {
      kind: "aggregate",
      fold: "sum",
      scope: "ok",
      tag: "good_request_count",
      header: "Good Request Count",
      unit: "requests",
      group: "none",
      largerIsBetter: true,
      inLines: true,
      of: (record) => (limits.every(({ keeps }) => keeps(record)) ? 1 : 0),
    },
    {
      kind: "derived",
      tag: "good_request_fraction",
      header: "GoodRequestFraction",
      unit: "ratio",
      group: "none",
      largerIsBetter: true,
      of: (t) => {
        const ended = (t.of("request_count") || 0) + (t.of("error_request_count") || 0);
        return ended === 0 ? 0 : (t.of("good_request_count") || 0) / ended;
      },
    },
    {
      kind: "derived",
      tag: "goodput",
      header: "Goodput",
      unit: "requests/sec",
      order: 1000,
      group: "default",
      largerIsBetter: true,
      of: (t) => (t.of("good_request_count") || 0) / t.windowS,
    },
  ];
}

/** The row that a limit is on. */
export function limitedRow({ tag }: Slo, rows: readonly MetricRow[]): RecordRow {
  const usable = rows.filter(
    (row): row is RecordRow =>
      row.kind === "record" && row.scope === "ok" && row.hidden === undefined,
  );
  const found = usable.find((row) => row.tag === tag);
  if (found !== undefined) return found;
  const known = usable.filter((row) => row.group === "default").map((row) => row.tag);
  return fail(
    "E_GOODPUT",
    `--goodput sets a limit on ${JSON.stringify(tag)}, which no request of this run has`,
    `use one of ${known.join(", ")}`,
  );
}

function keeperOf({ limit }: Slo, row: RecordRow): (record: RequestRecord) => boolean {
  const scale = divisor(row.unit, row.displayUnit ?? row.unit);
  return row.largerIsBetter
    ? (record) => row.of(record) / scale >= limit
    : (record) => row.of(record) / scale <= limit;
}
