// Traces: rows of a file, what they ask of a cache, and other traces made from them.

export { analyzeTrace, type Stats, statsOf, type TraceReport } from "./analyze.ts";
export { type HitPoint, hitRatesBySize, hitRatesByTtl } from "./capacity.ts";
export { allLines, type Line, readLines, unpacked } from "./lines.ts";
export {
  ID_LIST,
  JSON_OBJECT,
  MESSAGES,
  MOONCAKE_ROW,
  type MooncakeRow,
  parseMooncake,
  type TraceRow,
  traceRowOf,
} from "./mooncake.ts";
export {
  arrivalBars,
  type Bar,
  drawBars,
  grouped,
  hitBars,
  lengthBars,
  seconds,
  shortCount,
} from "./picture.ts";
export { checkRow, faultsOf, parseJson, parseRow } from "./rows.ts";
export { NO_SYNTHESIS, type Synthesis, synthesizeTrace } from "./synthesize.ts";
export { readTrace, type Trace, traceOf } from "./trace.ts";
