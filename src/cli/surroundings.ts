// What the program is surrounded by: the terminal it talks to and the files that are there.

import { statSync } from "node:fs";

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

/** What is at a path, links followed. */
export function pathKind(path: string): "file" | "directory" | "none" {
  try {
    return statSync(path).isDirectory() ? "directory" : "file";
  } catch {
    return "none";
  }
}
