// A shell for tests: a terminal in an empty folder, and a command line as one would type it.

import { expect } from "bun:test";
import { type Plan, type ProfileContext, parseProfile } from "#config";
import { AiperfError } from "#core";

export const SHELL: ProfileContext = { env: {}, cwd: "/home/user", isTerminal: true };

/** The plan of a command line that is split at spaces; `argv` adds what has spaces in it. */
export function plan(line: string, argv: readonly string[] = [], shell = SHELL): Plan {
  return parseProfile([...words(line), ...argv], shell);
}

/** The plan of a command line that already names a model. */
export function planOf(line: string, argv: readonly string[] = [], shell = SHELL): Plan {
  return plan(`--model m ${line}`, argv, shell);
}

/** The error of a command line, which must be a single line and the user's. */
export function refusal(argv: readonly string[], shell = SHELL): AiperfError {
  let caught: unknown;
  try {
    parseProfile(argv, shell);
  } catch (error) {
    caught = error;
  }
  expect(caught, `${argv.join(" ")} is refused`).toBeInstanceOf(AiperfError);
  const error = caught as AiperfError;
  expect(error.code).toMatch(/^E_[A-Z_]+$/);
  expect(error.message).not.toMatch(/[\n\r\u2028]/);
  expect(error.what).not.toBe("");
  expect(error.wayOut).not.toBe("");
  return error;
}

export function words(line: string): readonly string[] {
  return line.split(" ").filter((word) => word !== "");
}
