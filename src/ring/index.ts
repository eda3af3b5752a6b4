// A single-writer, single-reader ring of frames in shared memory.

export { createRing } from "./layout.ts";
export { type Frame, type RingReader, ringReader } from "./reader.ts";
export { type RingWriter, ringWriter } from "./writer.ts";
