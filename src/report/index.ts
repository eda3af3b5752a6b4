// The door to the terminal: figures in, text out.

export { failureLine } from "./advice.ts";
export { type Progress, type ProgressOptions, startProgress } from "./progress.ts";
export { type ProgressState, progressLine } from "./progress-line.ts";
export { type ReportFile, type ReportOptions, renderReport } from "./report.ts";
export { type Painter, painter, printable, wantsColor } from "./style.ts";
export {
  type Cell,
  type CellLine,
  drawTable,
  type Table,
  type TableColumn,
  tableWidth,
} from "./table.ts";
