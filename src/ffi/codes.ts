// The native core answers a negative number when it cannot do its work. Here each becomes an
// exception with a code, so that nobody above this room reads numbers.

import { AiperfError } from "#core";

/** The codes of core.h. */
const CODES = [
  { code: -1, name: "E_NATIVE_ARGUMENT", what: "was given an argument that it does not take" },
  { code: -2, name: "E_NATIVE_ROOM", what: "was given too little memory" },
  { code: -3, name: "E_NATIVE_DATA", what: "was given malformed data" },
] as const;

/**
 * Passes a non-negative answer of the native core on, and raises the others.
 * @param subject who did the work and on what, such as `the tokenizer of qwen3`
 */
export function checked(answer: number, subject: string): number {
  if (answer >= 0) return answer;
  const row = CODES.find((row) => row.code === answer);
  throw new AiperfError(
    row?.name ?? "E_NATIVE",
    `${subject} ${row?.what ?? `failed with ${answer}`}`,
    "AIPERF_NATIVE=0 does without the native core",
  );
}
