// Every file that a run leaves for programs to read, and its shape.

import { z } from "zod";
import { runFileSchema } from "./run-file.ts";
import { lineSchema, traceSchema } from "./schema-line.ts";
import {
  manifestSchema,
  networkLineSchema,
  outputsSchema,
  rawLineSchema,
  readySchema,
  timeslicesCsvSchema,
  timeslicesSchema,
} from "./schema-more.ts";
import { csvSchema, inputsSchema, metricSchema, summarySchema } from "./schema-summary.ts";

export interface SchemaRow {
  /** What it is asked for by. */
  readonly name: string;
  /** The file that has this shape, or what of a file. */
  readonly of: string;
  readonly schema: z.ZodType;
}

export const SCHEMAS: readonly SchemaRow[] = [
  { name: "summary", of: "profile_export_aiperf.json", schema: summarySchema },
  { name: "metric", of: "a metric of the summary", schema: metricSchema },
  { name: "csv", of: "the cells of profile_export_aiperf.csv", schema: csvSchema },
  { name: "record", of: "a line of profile_export.jsonl", schema: lineSchema },
  { name: "trace", of: "the trace_data of a record", schema: traceSchema },
  { name: "raw", of: "a line of profile_export_raw.jsonl", schema: rawLineSchema },
  { name: "timeslices", of: "profile_export_aiperf_timeslices.json", schema: timeslicesSchema },
  {
    name: "timeslices-csv",
    of: "the cells of profile_export_aiperf_timeslices.csv",
    schema: timeslicesCsvSchema,
  },
  { name: "inputs", of: "inputs.json", schema: inputsSchema },
  { name: "outputs", of: "outputs.json", schema: outputsSchema },
  { name: "manifest", of: "phase_manifest.json", schema: manifestSchema },
  {
    name: "network-latency",
    of: "a line of profile_export_network_latency.jsonl",
    schema: networkLineSchema,
  },
  { name: "run", of: ".aiperf_run.json", schema: runFileSchema },
  { name: "ready", of: ".aiperf_results_ready.json", schema: readySchema },
];

/** A shape as JSON Schema. */
export function jsonSchemaOf(schema: z.ZodType): object {
  return z.toJSONSchema(schema, { io: "input" });
}
