// A single-writer, single-reader ring of frames in shared memory.

export {
  CANCELLED,
  decodeEnd,
  ENDED,
  emptyEnd,
  endEncoder,
  FAILED,
  FRAME_BODY,
  FRAME_END,
  FRAME_EVENTS,
  FRAME_SAID,
  FRAME_SENT,
  type RequestEnd,
} from "./frames.ts";
export { createRing } from "./layout.ts";
export { type Frame, type RingReader, ringReader } from "./reader.ts";
export { type RingWriter, ringWriter } from "./writer.ts";
