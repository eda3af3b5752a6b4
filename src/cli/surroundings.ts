// What the program is surrounded by: the terminal it talks to and the files that are there.

import { readFileSync, statSync } from "node:fs";
import { fail, messageOf } from "#core";

export interface Terminal {
  readonly isTerminal: boolean;
  /** Columns, now. */
  readonly width: () => number;
}

/** Columns of a report that nobody watches, as wide as AIPerf's. */
const FILE_WIDTH = 140;

export function terminalOf(stream: NodeJS.WriteStream): Terminal {
  return { isTerminal: stream.isTTY === true, width: () => stream.columns ?? FILE_WIDTH };
}

/** Writes a line to stderr as it is: on a terminal, Bun's console.error would make all of it red. */
export function sayOnStderr(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** What is at a path, links followed. */
export function pathKind(path: string): "file" | "directory" | "none" {
  try {
    return statSync(path).isDirectory() ? "directory" : "file";
  } catch {
    return "none";
  }
}

/** The text of a file that the user named. */
export function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    return fail("E_FILE", `${path} cannot be read: ${messageOf(error)}`, "check the path");
  }
}
