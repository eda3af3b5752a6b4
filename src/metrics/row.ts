// What a metric is: facts that every exporter reads, and one function that computes it. A row that
// cannot be computed for a request answers NaN, which counts nowhere; it is never a zero.

import type { RequestRecord } from "#core";
import type { Moment } from "./moment.ts";
import type { Unit } from "./units.ts";

/** The table that a metric is shown in; those of "none" are in the files only. */
export type Group = "default" | "none" | "usage" | "trace" | "effective" | "active" | "speculation";

/** What a run must have for a metric to make sense. */
export type Need =
  | "streaming"
  | "producesTokens"
  | "tokenizesInput"
  | "clientTokens"
  | "schedule"
  | "networkRtt";

/** Requests that a metric looks at: those that succeeded, those that failed, or both. */
export type Scope = "ok" | "error" | "all";

export interface MetricFacts {
  /** The key of the metric in every artifact; AIPerf's. */
  readonly tag: string;
  readonly header: string;
  readonly shortHeader?: string;
  /** The unit that it is computed in. */
  readonly unit: Unit;
  /** The unit that it is shown and written in, where that is another one. */
  readonly displayUnit?: Unit;
  /** Place in the tables, ascending; metrics without one come last, in the catalogue's order. */
  readonly order?: number;
  readonly group: Group;
  readonly needs?: readonly Need[];
  readonly largerIsBetter?: true;
  /** Also reported with every failed request counted as infinitely slow. */
  readonly errorAdjusted?: true;
  /** Internal metrics serve others; experimental ones are collected only when asked for. */
  readonly hidden?: "internal" | "experimental";
}

/** One number a request; reported with all its statistics. */
export interface RecordRow extends MetricFacts {
  readonly kind: "record";
  readonly scope: Scope;
  /** Left out of the per-request file, as AIPerf does. */
  readonly summaryOnly?: true;
  /** What it is made from: a record without it has no such figure, and the row is not asked. */
  readonly reads?: Part;
  readonly of: (record: RequestRecord) => number;
}

/** Parts that a record may lack. */
export type Part = "usage" | "media" | "speculation";

/** Several numbers a request, pooled over all requests into one sample. */
export interface ListRow extends MetricFacts {
  readonly kind: "list";
  readonly scope: "ok";
  readonly of: (record: RequestRecord) => Float64Array;
}

/** One number a request, folded into a single one. */
export interface AggregateRow extends MetricFacts {
  readonly kind: "aggregate";
  readonly scope: Scope;
  readonly fold: "sum" | "min" | "max";
  /** Also in the per-request file. */
  readonly inLines?: true;
  readonly reads?: Part;
  readonly of: (record: RequestRecord) => number;
}

/** Made at the end from all values of a record metric: one number of them, or other values. */
export interface SampleRow extends MetricFacts {
  readonly kind: "sample";
  /** The tag of that metric. */
  readonly from: string;
  /** @param values may be reordered, and overwritten by the answer; undefined when it makes no sense */
  readonly of: (values: Float64Array, known: Known) => Float64Array | number | undefined;
}

/** What is known of the run beside its requests. */
export interface Known {
  readonly networkRttNs: number | undefined;
}

/** Computed once from what the other rows came to. */
export interface DerivedRow extends MetricFacts {
  readonly kind: "derived";
  readonly of: (totals: Totals) => number;
}

/** A figure of the run as a whole, from moment to moment; zero while there is nothing to do. */
export interface Curve {
  readonly of: (moment: Moment) => number;
  /** Whether there is anything to do. */
  readonly when: (moment: Moment) => boolean;
  /** It changes with chunks too, and not only when requests start, end or get their first content. */
  readonly byChunk?: true;
}

/** The statistics of a curve, which weigh by time. */
export interface CurveRow extends MetricFacts {
  readonly kind: "curve";
  readonly curve: Curve;
  /** Only the time in which there was something to do counts. */
  readonly activeOnly?: true;
}

export type MetricRow = RecordRow | ListRow | AggregateRow | SampleRow | DerivedRow | CurveRow;

/** A row that has a cell in the per-request file. */
export type LineRow = RecordRow | ListRow | AggregateRow;

/** A row that looks at single requests and so owns a column. */
export type ColumnRow = RecordRow | AggregateRow;

/** What derived rows compute from, in native units. */
export interface Totals {
  /** The sum of a record metric or the value of a folded one; NaN when no request had it. */
  readonly of: (tag: string) => number;
  /** What rates divide by: the length of the window, or of several phases together. */
  readonly windowS: number;
  /** What several phases lasted together, without the pauses between them; undefined for one. */
  readonly phasesNs: number | undefined;
}

/** Makes rows that have some facts in common: `const latency = rowsLike({ unit: "ns", … })`. */
export function rowsLike<const Common extends Partial<MetricRow> & Pick<MetricRow, "kind">>(
  common: Common,
): (row: RestOf<Common>) => MetricRow {
  return (row) => ({ ...common, ...row }) as MetricRow;
}

/** What a row of a kind still needs, given the facts that it shares with others. */
type RestOf<Common extends Pick<MetricRow, "kind">> = PartialBy<
  Extract<MetricRow, Pick<Common, "kind">>,
  keyof Common
>;
type PartialBy<Row, Keys> = Omit<Row, Keys & keyof Row> & Partial<Row>;
