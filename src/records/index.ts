// Frames and bytes become one record a request.

export { type AssemblerOptions, assembler, type EntryFacts, type Said } from "./assembler.ts";
export { type Chunk, type ChunkKeeper, chunkKeeper } from "./chunks.ts";
export type { EntryTexts } from "./dialogue.ts";
export { type Kept, type KeptResponse, type RawKeeper, rawKeeper } from "./raw.ts";
