// Shapes that all rooms share. Data and pure functions: nothing here reads a clock, a file or the
// environment.

export { type Clock, type Epoch, type FakeClock, fakeClock, wallNs } from "./clock.ts";
export { AiperfError, assert, fail, messageOf } from "./errors.ts";
export { Heap } from "./heap.ts";
export { type PieceFiller, type Pieces, pieceFiller, pieceMark } from "./pieces.ts";
export { writeDigits, writePlain } from "./plain.ts";
export type {
  HttpTrace,
  MediaFacts,
  PhaseKind,
  RequestError,
  RequestRecord,
  Speculation,
  Usage,
} from "./record.ts";
export { isSecretName, REDACTED, redactJson, redactText, redactUrl } from "./redact.ts";
export {
  freshSeed,
  integerBelow,
  normal,
  positiveInteger,
  type Rng,
  rngStream,
  roundHalfToEven,
} from "./rng.ts";
export type { ContentGroup, ContextMode, Json, Session, Turn } from "./session.ts";
export { NS_PER_MS, NS_PER_S, NS_PER_US, secondsToNs } from "./units.ts";
export { VERSION } from "./version.ts";
