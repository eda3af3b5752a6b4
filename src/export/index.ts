// The door to the artifacts: figures and records in, files out.

export {
  type Artifact,
  prepareArtifactDir,
  type WrittenArtifacts,
  writeArtifacts,
  writeWhole,
} from "./files.ts";
export { inputsJson, type SessionInputs } from "./inputs-json.ts";
export { type LineMaker, type LineOptions, lineMaker } from "./line.ts";
export { dropBrokenEnd, type LineFile, openLineFile, startLineFile } from "./line-file.ts";
export { type ArtifactNames, artifactNames } from "./names.ts";
export { type Line, lineSchema } from "./schema-line.ts";
export { csvSchema, inputsSchema, metricSchema, summarySchema } from "./schema-summary.ts";
export { summaryCsv } from "./summary-csv.ts";
export { newBenchmarkId, type RunFacts, summaryJson } from "./summary-json.ts";
