// Where records become columns. Each recording thread owns a collector; no record is kept, only
// its numbers, in one table a phase for what succeeded and one for what failed. The columns of a
// table are as long as each other, NaN where a request lacked a metric, so rows can be rejoined.

import type { PhaseKind, RequestRecord } from "#core";
import { lineRows, type MeasuredPlan, rowsFor } from "./catalogue.ts";
import { CHUNK_VALUES } from "./chunk.ts";
import { buffersOf, type ColumnData, Columns } from "./column.ts";
import { type ErrorGroup, ErrorTally } from "./errors.ts";
import { Pool, type PoolData, poolBuffers } from "./pool.ts";
import type { ColumnRow, LineRow, ListRow, MetricRow } from "./row.ts";
import { addCounts } from "./speculation.ts";

/** What one request came to, in native units: NaN for a metric that it lacks. */
export interface RecordValues {
  readonly rows: readonly LineRow[];
  /** One cell a row. Overwritten by the next record. */
  readonly cells: readonly (number | Float64Array)[];
}

export interface TableData {
  readonly length: number;
  readonly columns: { readonly [tag: string]: ColumnData };
  readonly pools: { readonly [tag: string]: PoolData };
}

export interface PhaseData {
  readonly phaseIndex: number;
  readonly kind: PhaseKind;
  readonly ok: TableData;
  readonly error: TableData;
  readonly errors: readonly ErrorGroup[];
  /** Steps of speculative decoding by how many tokens they took; empty where nobody told. */
  readonly acceptance: readonly number[];
}

/** Everything that a collector knows; plain data that can be posted to another thread. */
export interface CollectorSnapshot {
  readonly phases: readonly PhaseData[];
}

export interface Collector {
  /** Takes a finished request in; answers its numbers, which the next call overwrites. */
  add(record: RequestRecord): RecordValues;
  /**
   * What was collected so far. Posted with `transfer`, it moves without a copy, and the collector
   * must not be used again; without, the collector may go on.
   */
  snapshot(): { readonly data: CollectorSnapshot; readonly transfer: ArrayBuffer[] };
}

export interface CollectorOptions {
  readonly plan: MeasuredPlan;
  /** Collect experimental metrics too. */
  readonly experimental?: boolean;
}

/** A collector for the metrics that make sense for a plan. */
export function createCollector(options: CollectorOptions): Collector {
  const rows = rowsFor(options.plan, options.experimental);
  const phases = new Map<number, Phase>();

  return {
    add(record) {
      let phase = phases.get(record.phaseIndex);
      if (phase === undefined) phases.set(record.phaseIndex, (phase = newPhase(record, rows)));
      if (record.error !== undefined) phase.errors.add(record.error);
      const steps = record.speculation?.histogram;
      if (steps !== undefined) addCounts(phase.acceptance, steps);
      return (record.error === undefined ? phase.ok : phase.error).add(record);
    },
    snapshot() {
      const data = { phases: [...phases.values()].map(phaseData) };
      // Columns that are the same share their buffers.
      const transfer = new Set(data.phases.flatMap((phase) => tableBuffers(phase)));
      return { data, transfer: [...transfer] };
    },
  };
}

interface Phase {
  readonly phaseIndex: number;
  readonly kind: PhaseKind;
  readonly ok: Table;
  readonly error: Table;
  readonly errors: ErrorTally;
  readonly acceptance: number[];
}

function newPhase(record: RequestRecord, rows: readonly MetricRow[]): Phase {
  return {
    phaseIndex: record.phaseIndex,
    kind: record.phase,
    ok: new Table(rows, "ok"),
    error: new Table(rows, "error"),
    errors: new ErrorTally(),
    acceptance: [],
  };
}

function phaseData(phase: Phase): PhaseData {
  const { phaseIndex, kind, acceptance } = phase;
  const [ok, error] = [phase.ok.data(), phase.error.data()];
  return { phaseIndex, kind, ok, error, errors: phase.errors.groups(), acceptance };
}

function tableBuffers(phase: PhaseData): ArrayBuffer[] {
  return [phase.ok, phase.error].flatMap((table) => [
    ...Object.values(table.columns).flatMap(buffersOf),
    ...Object.values(table.pools).flatMap(poolBuffers),
  ]);
}

/** Columns that nobody needs to look at where a record lacks what they are all made from. */
interface Group {
  readonly reads: ColumnRow["reads"];
  readonly rows: readonly ColumnRow[];
  /** Their functions: rows are of many shapes, and finding this one in each takes as long as calling it. */
  readonly computes: readonly ColumnRow["of"][];
  /** Of each row its place among the values that are shown; -1 where it has none. */
  readonly cells: Int32Array;
}

const FAMILIES: readonly ColumnRow["reads"][] = [undefined, "usage", "media", "speculation"];

/** The columns of the requests of one outcome. */
class Table {
  readonly #groups: readonly Group[];
  readonly #columns: Columns;
  readonly #pools: readonly { row: ListRow; pool: Pool; cell: number }[];
  readonly #values: { rows: readonly LineRow[]; cells: (number | Float64Array)[] };
  #length = 0;

  constructor(catalogue: readonly MetricRow[], outcome: "ok" | "error") {
    const mine = catalogue.filter(
      (row) => "scope" in row && (row.scope === outcome || row.scope === "all"),
    );
    const shown = lineRows(mine);
    const cellOf = (row: MetricRow): number => shown.findIndex(({ tag }) => tag === row.tag);
    const columns = mine.filter((row) => row.kind === "record" || row.kind === "aggregate");
    this.#groups = FAMILIES.map((reads) => {
      const rows = columns.filter((row) => row.reads === reads);
      const computes = rows.map((row) => row.of);
      return { reads, rows, computes, cells: Int32Array.from(rows, cellOf) };
    });
    this.#columns = new Columns(columns.length);
    this.#pools = mine
      .filter((row) => row.kind === "list")
      .map((row) => ({ row, pool: new Pool(), cell: cellOf(row) }));
    this.#values = { rows: shown, cells: shown.map(() => Number.NaN) };
  }

  add(record: RequestRecord): RecordValues {
    const shown = this.#values.cells;
    this.#length++;
    const columns = this.#columns;
    const staged = columns.cells;
    let at = columns.row;
    const groups = this.#groups;
    for (let group = 0; group < groups.length; group++) {
      const { reads, computes, cells } = groups[group]!;
      const isThere = reads === undefined || record[reads] !== undefined;
      for (let i = 0; i < computes.length; i++) {
        const value = isThere ? computes[i]!(record) : Number.NaN;
        staged[at] = value;
        at += CHUNK_VALUES;
        const cell = cells[i]!;
        if (cell >= 0) shown[cell] = value;
      }
    }
    columns.next();
    for (const { row, pool, cell } of this.#pools) {
      const list = row.of(record);
      pool.push(list);
      if (cell >= 0) shown[cell] = list;
    }
    return this.#values;
  }

  data(): TableData {
    const rows = this.#groups.flatMap((group) => group.rows);
    const columns = this.#columns.data();
    return {
      length: this.#length,
      columns: Object.fromEntries(rows.map((row, i) => [row.tag, columns[i]!])),
      pools: Object.fromEntries(this.#pools.map((p) => [p.row.tag, p.pool.data()])),
    };
  }
}
