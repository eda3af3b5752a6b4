// What to send: sessions of turns, all of them ready before the run begins.

export { pieceReader } from "./blocks.ts";
export { buildDataset, type Dataset, type DatasetRequest } from "./dataset.ts";
export { detectType } from "./files/detect.ts";
export { type Finding, type Inspection, inspectFile } from "./files/inspect.ts";
export { type LoadedFile, loadFile } from "./files/load.ts";
export { BLOCK_TOKENS } from "./files/traces.ts";
export type { PublicFile, PublicFiles } from "./public/public.ts";
export { synthesize } from "./synthetic.ts";
