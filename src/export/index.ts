// The door to the artifacts: figures and records in, files out.

export type { ByteText } from "./byte-text.ts";
export {
  type Artifact,
  prepareArtifactDir,
  type WrittenArtifacts,
  writeArtifacts,
  writeWhole,
} from "./files.ts";
export { inputsJson, type SessionInputs } from "./inputs-json.ts";
export { type LineOptions, type LineWriter, lineMaker, lineWriter, metadataMaker } from "./line.ts";
export { dropBrokenEnd, type LineFile, openLineFile, startLineFile } from "./line-file.ts";
export { type ArtifactNames, artifactNames } from "./names.ts";
export { outputMaker, outputsJson } from "./outputs.ts";
export { type PhaseName, phaseArtifacts } from "./phases.ts";
export { type RawExchange, type RawPacket, type RawResponse, rawLine } from "./raw-line.ts";
export { epochOf, lineReader } from "./read-line.ts";
export { cutLines, type FilePart, lineNumberAt, readLines, visitLines } from "./read-lines.ts";
export { recordReader } from "./record-reader.ts";
export { monotonicWindow, type RunFile, runFileJson, runFileSchema } from "./run-file.ts";
export { type Line, lineSchema } from "./schema-line.ts";
export {
  manifestSchema,
  networkLineSchema,
  outputsSchema,
  rawLineSchema,
  readySchema,
  timeslicesSchema,
} from "./schema-more.ts";
export { csvSchema, inputsSchema, metricSchema, summarySchema } from "./schema-summary.ts";
export { jsonSchemaOf, SCHEMAS, type SchemaRow } from "./schemas.ts";
export { summaryCsv } from "./summary-csv.ts";
export { newBenchmarkId, type RunFacts, summaryJson } from "./summary-json.ts";
export { timeslicesCsv, timeslicesJson } from "./timeslices.ts";
export { traceMaker, type WireFacts } from "./trace-data.ts";
