// What goes wrong is of two kinds: what a user can cause has a code, a sentence and a way out;
// what only we can cause is an assertion.

/** An error that a user can understand and mend. `message` is one line: what, where, what to do. */
export class AiperfError extends Error {
  readonly code: string;
  readonly what: string;
  readonly wayOut: string;
  readonly exitCode: number;

  constructor(code: string, what: string, wayOut: string, exitCode = 1) {
    super(wayOut === "" ? what : `${what}; ${wayOut}`);
    this.name = "AiperfError";
    this.code = code;
    this.what = what;
    this.wayOut = wayOut;
    this.exitCode = exitCode;
  }
}

/**
 * Raises an {@link AiperfError}.
 * @param code stable and upper case, such as `E_TRACE_LINE`
 * @param what what is wrong and where, without a full stop
 * @param wayOut what to do about it, or an empty string when there is nothing to do
 */
export function fail(code: string, what: string, wayOut: string, exitCode = 1): never {
  throw new AiperfError(code, what, wayOut, exitCode);
}

/** States what must hold whatever a user does; a failure is a defect of this program. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${message}`);
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
