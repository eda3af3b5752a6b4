// The figures of a run's slices: nested for programs, and long for spreadsheets and data frames, one
// line a figure.

import { wallNs } from "#core";
import { fixed2, type MetricResult, type Summary } from "#metrics";
import { exactJson } from "./exact-json.ts";
import { metricsObject } from "./metric-json.ts";
import { csvStats } from "./summary-csv.ts";

/** The text of profile_export_aiperf_timeslices.json. */
export function timeslicesJson(summary: Summary, inputConfig: object): string {
  const timeslices = (summary.sliced?.slices ?? []).map((slice) => ({
    start_ns: wallNs(summary.epoch, slice.startNs),
    end_ns: wallNs(summary.epoch, slice.endNs),
    ...(slice.isComplete ? {} : { is_complete: false }),
    ...metricsObject(slice.metrics),
  }));
  return exactJson({ timeslices, input_config: inputConfig });
}

/** One figure of one slice. */
interface Row {
  readonly Timeslice: number;
  readonly Start_NS: string;
  readonly End_NS: string;
  readonly Metric: string;
  readonly Unit: string;
  readonly Stat: string;
  readonly Value: string;
}

/** The text of profile_export_aiperf_timeslices.csv. */
export async function timeslicesCsv(summary: Summary): Promise<string> {
  // Loaded when it is needed: it takes longer than the start of the program.
  const { from } = await import("arquero");
  const text = from(rowsOf(summary)).toCSV({ columns: COLUMNS });
  return `${text.trimEnd().replaceAll("\n", "\r\n")}\r\n`;
}

const COLUMNS = ["Timeslice", "Start_NS", "End_NS", "Metric", "Unit", "Stat", "Value"];

function rowsOf({ sliced, epoch }: Summary): Row[] {
  return (sliced?.slices ?? []).flatMap((slice, index) => {
    const place = {
      Timeslice: index,
      Start_NS: String(wallNs(epoch, slice.startNs)),
      End_NS: String(wallNs(epoch, slice.endNs)),
    };
    return [...slice.metrics]
      .sort((a, b) => (a.tag < b.tag ? -1 : 1))
      .flatMap((metric) => statsOf(metric).map((stat) => ({ ...place, ...stat })));
  });
}

function statsOf({ header, unit, stats }: MetricResult) {
  return csvStats([stats]).flatMap((Stat) => {
    const value = stats[Stat];
    return value === undefined ? [] : { Metric: header, Unit: unit, Stat, Value: fixed2(value) };
  });
}
