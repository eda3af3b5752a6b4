// A file of lines that grows while the run goes. Only whole lines reach the system, in one write
// at its end, so recorders can share the file and a killed run leaves valid lines behind.

import { closeSync, openSync } from "node:fs";
import { storageError, writeFully } from "./files.ts";

const BUFFER_CHARS_MAX = 64 * 1024;

export interface LineFile {
  /** Takes a line in, without its line end. */
  write(line: string): void;
  /** Hands everything taken in to the system; call it once a second or so. */
  flush(): void;
  close(): void;
}

/**
 * Makes an empty file of lines, in the place of an older one.
 * @throws E_ARTIFACT_DIR or E_DISK, naming the path
 */
export function startLineFile(path: string): void {
  try {
    closeSync(openSync(path, "w"));
  } catch (error) {
    throw storageError(path, error);
  }
}

/**
 * Opens a file of lines to add to it; several threads may do so at once. All methods throw
 * E_ARTIFACT_DIR or E_DISK, naming the path.
 */
export function openLineFile(path: string): LineFile {
  const guarded = <T>(act: () => T): T => {
    try {
      return act();
    } catch (error) {
      throw storageError(path, error);
    }
  };
  const file = guarded(() => openSync(path, "a"));
  let waiting = "";
  const flush = (): void => {
    if (waiting === "") return;
    const text = waiting;
    // Forgotten before it is written: after a failure half of it is there, and must not come twice.
    waiting = "";
    guarded(() => writeFully(file, text));
  };
  return {
    write(line) {
      waiting += `${line}\n`;
      if (waiting.length >= BUFFER_CHARS_MAX) flush();
    },
    flush,
    close() {
      try {
        flush();
      } finally {
        closeSync(file);
      }
    },
  };
}
