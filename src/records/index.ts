// Frames and bytes become one record a request.

export { type AssemblerOptions, assembler, type EntryFacts } from "./assembler.ts";
export type { EntryTexts } from "./dialogue.ts";
